import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { Hold } from './hold.ts';
import type { Command, Event, Setup } from './message.ts';
import { Upstream, bodyOf } from './upstream.ts';
import { isHeartbeat, isPersisting } from './write.ts';

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
  let beats = 0;

  const stopFlows = (): void => {
    if (hold.shut) for (const flow of flows) flow.pause();
  };

  /** A read: its answer flows, so that a watch is seen as it goes. */
  async function pass(asked: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const answer = await upstream.open(asked, body);
    if (hold.shut) return;
    flows.add(answer);
    answer.once('close', () => flows.delete(answer));
    answer.once('error', () => response.destroy());
    response.once('close', () => answer.destroy());
    response.writeHead(answer.statusCode ?? 0, answer.headers);
    response.flushHeaders();
    answer.pipe(response);
    stopFlows();
  }

  /** A write runs to its end at the server, even if whoever asked has gone. */
  async function write(asked: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const arrival = hold.arrive(asked.method ?? '', asked.url ?? '', asked.headers['user-agent'] ?? '');
    stopFlows();
    if (arrival === undefined) return;
    try {
      const answer = await upstream.ask(asked, body);
      hold.answered(arrival, answer.status);
      if (!hold.shut) response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch (error) {
      hold.answered(arrival, 0);
      throw error;
    }
  }

  async function handle(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    if (asked.headers.authorization !== `Bearer ${setup.token}`) {
      response.writeHead(401).end();
      return;
    }
    const body = await bodyOf(asked);
    if (hold.shut) return;
    const request = { method: asked.method ?? '', path: asked.url ?? '', body: body.toString() };
    if (isHeartbeat(request)) tell({ beat: ++beats });
    else if (isPersisting(request)) return write(asked, response, body);
    return pass(asked, response, body);
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
  server.on('upgrade', (asked, client, head) => {
    if (hold.shut) return;
    if (asked.headers.authorization !== `Bearer ${setup.token}`) {
      client.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return;
    }
    const far = upstream.tunnel(asked, client, head);
    for (const flow of [client, far]) {
      flows.add(flow);
      flow.once('close', () => flows.delete(flow));
    }
  });
  server.keepAliveTimeout = 0; // the server's own limits are not the gate's
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, setup.host, resolve));

  return {
    port: (server.address() as AddressInfo).port,
    obey: (command) => {
      switch (command.do) {
        case 'arm':
          hold.arm(command.at, command.when);
          return;
        case 'reset':
          hold.reset();
          beats = 0;
          for (const socket of connections) socket.destroy();
          upstream.reset();
          tell({ reset: true });
          return;
        case 'ping':
          return;
      }
    },
  };
}
