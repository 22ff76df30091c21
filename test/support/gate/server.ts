import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, Faults } from './fault.ts';
import { Hold } from './hold.ts';
import type { Command, Event, Setup } from './message.ts';
import { Upstream, bodyOf } from './upstream.ts';
import { digestOf, isHeartbeat, isPersisting } from './write.ts';

/** The gate as it runs: a server that stands before another one. */
export interface GateServer {
  readonly port: number;
  obey(command: Command): void;
}

/** Listens, and tells what happens. It offers HTTP/1.1 only: what it does is easier to see there. */
export async function serve(setup: Setup, tell: (event: Event) => void): Promise<GateServer> {
  const upstream = new Upstream(setup);
  const hold = new Hold(tell);
  const connections = new Set<Duplex>();
  /** What flows without being counted: it stops when the gate shuts. */
  const flows = new Set<Readable>();
  let faults = new Faults([], 0);
  let token = setup.token;
  let beats = 0;

  /** Asked anew after each wait. */
  const isShut = (): boolean => hold.shut;

  const stopFlows = (): void => {
    if (hold.shut) for (const flow of flows) flow.pause();
  };

  const known = ({ headers }: IncomingMessage): boolean => headers.authorization === `Bearer ${token}`;

  /** The fault that befalls a request, once it has waited for what only delays it. */
  async function befall(asked: IncomingMessage, persisting: boolean): Promise<Fault | undefined> {
    const what = {
      method: asked.method ?? '',
      path: asked.url ?? '',
      userAgent: asked.headers['user-agent'] ?? '',
    };
    let last: Fault | undefined;
    for (const { rule, fault } of faults.meet({ ...what, persisting })) {
      tell({ fault: rule, ...what });
      if (fault.kind === 'latency') await sleep(fault.ms);
      else last = fault;
    }
    return last;
  }

  /** What needs no server. @returns whether that was all */
  function instead(fault: Fault | undefined, asked: IncomingMessage, response: ServerResponse): boolean {
    if (fault?.kind === 'answer') {
      const { status, headers = {}, body } = fault;
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body ?? statusOf(status, 'a fault of the gate'));
      return true;
    }
    if (fault?.kind === 'expire') {
      const event = {
        type: 'ERROR',
        object: JSON.parse(statusOf(410, 'too old resource version')) as object,
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(event)}\n`);
      return true;
    }
    if (fault?.kind === 'away') void leave(fault.ms);
    else if (fault?.kind === 'reset' && fault.when === 'before') asked.socket.destroy();
    else return false;
    return true;
  }

  /** A read: its answer flows, so that a watch is seen as it goes. */
  async function pass(
    asked: IncomingMessage,
    response: ServerResponse,
    { body, fault }: { body: Buffer; fault: Fault | undefined },
  ): Promise<void> {
    const answer = await upstream.open(asked, body);
    if (hold.shut) return;
    if (fault?.kind === 'reset' && fault.when === 'after') {
      asked.socket.destroy();
      return;
    }
    flows.add(answer);
    answer.once('close', () => flows.delete(answer));
    answer.once('error', () => response.destroy());
    response.once('close', () => answer.destroy());
    response.writeHead(answer.statusCode ?? 0, answer.headers);
    response.flushHeaders();
    if (fault?.kind === 'cut') setTimeout(() => asked.socket.destroy(), fault.afterMs);
    if (fault?.kind === 'reset') {
      answer.once('data', (piece: Buffer) => breakOff(response, piece));
      return;
    }
    answer.pipe(response);
    stopFlows();
  }

  /** A write runs to its end at the server, even if whoever asked has gone. */
  async function write(
    asked: IncomingMessage,
    response: ServerResponse,
    { body, fault }: { body: Buffer; fault: Fault | undefined },
  ): Promise<void> {
    const what = { method: asked.method ?? '', path: asked.url ?? '' };
    const arrival = hold.arrive({
      ...what,
      userAgent: asked.headers['user-agent'] ?? '',
      digest: digestOf({ ...what, body: body.toString() }),
    });
    stopFlows();
    if (arrival === undefined) return;
    try {
      const answer = await upstream.ask(asked, body);
      hold.answered(arrival, answer.status);
      if (hold.shut) return;
      if (fault?.kind === 'reset' && fault.when === 'after') {
        asked.socket.destroy();
        return;
      }
      response.writeHead(answer.status, answer.headers);
      if (fault?.kind === 'reset') breakOff(response, answer.body);
      else response.end(answer.body);
    } catch (error) {
      hold.answered(arrival, 0);
      throw error;
    }
  }

  async function handle(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!known(asked)) {
      response.writeHead(401, { 'content-type': 'application/json' }).end(statusOf(401, 'Unauthorized'));
      return;
    }
    const body = await bodyOf(asked);
    if (hold.shut) return;
    const request = { method: asked.method ?? '', path: asked.url ?? '', body: body.toString() };
    const beat = isHeartbeat(request);
    const persisting = !beat && isPersisting(request);
    const fault = await befall(asked, persisting);
    if (isShut() || instead(fault, asked, response)) return;
    if (beat) tell({ beat: ++beats });
    await (persisting ? write : pass)(asked, response, { body, fault });
  }

  const server = createServer(setup.tls, (asked, response) => {
    handle(asked, response).catch(() => {
      if (!hold.shut) asked.socket.destroy();
    });
  });
  server.on('secureConnection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket)).on('error', () => socket.destroy());
  });
  async function upgrade(asked: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    if (!known(asked)) {
      client.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return;
    }
    const fault = await befall(asked, false);
    if (hold.shut) return;
    if (fault?.kind === 'answer') client.end(`HTTP/1.1 ${fault.status} Fault\r\n\r\n`);
    else if (fault !== undefined) client.destroy();
    if (fault?.kind === 'away') void leave(fault.ms);
    if (fault !== undefined) return;
    const far = upstream.tunnel(asked, client, head);
    for (const flow of [client, far]) {
      flows.add(flow);
      flow.once('close', () => flows.delete(flow));
    }
  }
  server.on('upgrade', (asked, client, head) => {
    if (!hold.shut) void upgrade(asked, client, head);
  });
  server.keepAliveTimeout = 0; // the server's own limits are not the gate's
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, setup.host, resolve));
  const { port } = server.address() as AddressInfo;

  const breakAll = (): void => {
    for (const socket of connections) socket.destroy();
    upstream.reset();
  };

  /** Nobody listens for a while. */
  async function leave(ms: number): Promise<void> {
    if (!server.listening) return;
    server.close();
    breakAll();
    await sleep(ms);
    server.listen(port, setup.host);
  }

  return {
    port,
    obey: (command) => {
      switch (command.do) {
        case 'arm':
          hold.arm(command.at, command.when);
          return;
        case 'reset':
          hold.reset();
          beats = 0;
          breakAll();
          tell({ reset: true });
          return;
        case 'fault':
          faults = new Faults(command.rules, command.seed);
          tell({ rules: command.rules.length });
          return;
        case 'accept':
          token = command.token;
          return;
        case 'ping':
          return;
      }
    },
  };
}

/** The first half of an answer, and then a reset. */
function breakOff(response: ServerResponse, body: Buffer): void {
  response.write(body.subarray(0, Math.ceil(body.length / 2)), () => response.destroy());
}

/** How the API server says what is wrong. */
function statusOf(code: number, message: string): string {
  const reason = { 401: 'Unauthorized', 410: 'Expired', 429: 'TooManyRequests' }[code] ?? 'InternalError';
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message });
}
