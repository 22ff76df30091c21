import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type Gate, startGate } from '../../../support/gate/gate.ts';
import { type Respond, certificateUser, startHttpsServer } from '../../../support/https-server.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Client {
  /** The answer; undefined when the connection broke. */
  readonly ask: (
    method: string,
    path: string,
    body?: object,
  ) => Promise<{ status: number; body: string } | undefined>;
  readonly open: (options: RequestOptions) => ClientRequest;
}

function clientOf(gate: Gate): Client {
  const file = parse(gate.kubeconfig) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
    users: [{ user: { token: string } }];
  };
  const { cluster } = file.clusters[0];
  const { hostname: host, port } = new URL(cluster.server);
  const open = ({ headers, ...options }: RequestOptions): ClientRequest =>
    request({
      host,
      port,
      ca: Buffer.from(cluster['certificate-authority-data'], 'base64'),
      agent: false,
      headers: {
        authorization: `Bearer ${file.users[0].user.token}`,
        'user-agent': 'a test',
        ...(headers as OutgoingHttpHeaders | undefined),
      },
      ...options,
    });
  return {
    open,
    ask: (method, path, body) =>
      new Promise((resolve) => {
        open({ method, path })
          .once('response', (answer) => {
            let text = '';
            answer.on('data', (piece: Buffer) => (text += piece.toString()));
            answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
          })
          .once('error', () => resolve(undefined))
          .end(body === undefined ? undefined : JSON.stringify(body));
      }),
  };
}

/** A gate before a server that says what it got from whom; it keeps what it was asked to write. */
async function before(respond?: Respond, upgrade?: (asked: IncomingMessage, socket: Duplex) => void) {
  const written: string[] = [];
  const server = await startHttpsServer(
    respond ??
      ((asked, response, body, user) => {
        if (asked.method !== 'GET') written.push(`${asked.method ?? ''} ${asked.url ?? ''}`);
        response
          .writeHead(asked.method === 'POST' ? 201 : 200)
          .end(`${String(user)} ${asked.headers.authorization ?? 'no token'} ${body}`);
      }),
    upgrade && { upgrade },
  );
  const gate = await startGate(undefined, server.kubeconfig(certificateUser(server.client('eve'))));
  closers.push(() => gate.close(), server.close);
  return { gate, written, ...clientOf(gate) };
}

const untilRefused = async (work: Promise<unknown>): Promise<'nothing' | 'something'> =>
  Promise.race([work.then(() => 'something' as const), sleep(300, 'nothing' as const)]);

describe('the gate', () => {
  test('forwards as the real user, and only for who has its token', async () => {
    const { ask, open } = await before();
    expect(await ask('PUT', '/a', { b: 1 })).toEqual({ status: 200, body: 'eve no token {"b":1}' });
    const status = await new Promise((resolve) =>
      open({ headers: { authorization: 'Bearer another' } })
        .once('response', (answer) => resolve(answer.statusCode))
        .end(),
    );
    expect(status).toBe(401);
  });

  test('counts what persists, in order of arrival, and renewals of the lock apart', async () => {
    const { gate, ask } = await before();
    await ask('POST', '/api/v1/namespaces/a/configmaps?fieldManager=x', {});
    await ask('GET', '/api/v1/pods');
    await ask('POST', '/api/v1/namespaces/a/pods?dryRun=All', {});
    await ask('PATCH', '/apis/coordination.k8s.io/v1/namespaces/a/leases/istio-upgrade', {
      spec: { renewTime: 'x' },
    });
    await ask('DELETE', '/api/v1/namespaces/a/pods/b');
    const [userAgent, digest] = ['a test', expect.any(String)];
    expect(await gate.requests()).toEqual([
      {
        n: 1,
        method: 'POST',
        path: '/api/v1/namespaces/a/configmaps?fieldManager=x',
        userAgent,
        digest,
        status: 201,
      },
      { n: 2, method: 'DELETE', path: '/api/v1/namespaces/a/pods/b', userAgent, digest, status: 200 },
    ]);
    expect(await gate.heartbeats()).toBe(1);
    await gate.reset();
    expect(await gate.requests()).toEqual([]);
    expect(await gate.heartbeats()).toBe(0);
    await ask('PUT', '/c', {});
    expect((await gate.requests()).map(({ n }) => n)).toEqual([1]);
  });

  test.each([
    { when: 'before', persisted: ['PUT /1'], status: {} },
    { when: 'after', persisted: ['PUT /1', 'PUT /2'], status: { status: 200 } },
  ] as const)('stops everything $when a request is forwarded', async ({ when, persisted, status }) => {
    const { gate, ask, written } = await before();
    await gate.arm({ at: 2, when });
    expect(await ask('PUT', '/1')).toBeDefined();
    const second = ask('PUT', '/2');
    expect(await gate.held).toEqual({
      n: 2,
      method: 'PUT',
      path: '/2',
      userAgent: 'a test',
      when,
      inFlight: [],
      digest: expect.any(String),
      ...status,
    });
    const later = [ask('PUT', '/3'), ask('GET', '/4')];
    expect(await untilRefused(Promise.race([second, ...later]))).toBe('nothing');
    expect(written).toEqual(persisted);
    await gate.reset();
    expect(await Promise.all([second, ...later])).toEqual([undefined, undefined, undefined]);
    expect(await ask('PUT', '/5')).toBeDefined();
    expect(written).toEqual([...persisted, 'PUT /5']);
  });

  test('tells what was in flight when it shut, once that is settled', async () => {
    let finish = (): void => undefined;
    const { gate, ask } = await before((asked, response) => {
      const end = (): void => void response.writeHead(asked.url === '/slow' ? 409 : 200).end();
      if (asked.url === '/slow') finish = end;
      else end();
    });
    await gate.arm({ at: 2, when: 'before' });
    const slow = ask('PUT', '/slow');
    while ((await gate.requests()).length < 1) await sleep(10);
    const second = ask('PUT', '/2');
    expect(await untilRefused(gate.held)).toBe('nothing');
    finish();
    expect((await gate.held).inFlight).toEqual([
      expect.objectContaining({ n: 1, method: 'PUT', path: '/slow', status: 409 }),
    ]);
    expect(await untilRefused(Promise.race([slow, second]))).toBe('nothing');
  });

  test('is not armed for what has passed', async () => {
    const { gate, ask } = await before();
    await ask('PUT', '/1');
    await expect(gate.arm({ at: 1, when: 'before' })).rejects.toThrow('has passed');
  });

  test('lets a watch flow, and stops it when it shuts', async () => {
    let say: (line: string) => void = () => undefined;
    const { gate, ask, open } = await before((asked, response) => {
      if (asked.url !== '/watch') return void response.writeHead(200).end();
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      say = (line) => void response.write(line);
    });
    const watch = await new Promise<IncomingMessage>((resolve) => {
      open({ path: '/watch' }).once('response', resolve).end();
    });
    watch.on('error', () => undefined);
    const next = (): Promise<string> =>
      new Promise((resolve) => watch.once('data', (piece) => resolve(String(piece))));
    const first = next();
    say('one\n');
    expect(await first).toBe('one\n');
    await gate.arm({ at: 1, when: 'before' });
    void ask('PUT', '/1');
    await gate.held;
    const second = next();
    say('two\n');
    expect(await untilRefused(second)).toBe('nothing');
  });

  test('carries upgraded connections as they are, and stops them when it shuts', async () => {
    const heard: string[] = [];
    const { gate, ask, open } = await before(undefined, (asked, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${asked.headers.upgrade ?? ''}\r\n\r\n`,
      );
      socket.on('error', () => undefined);
      socket.on('data', (piece) => {
        heard.push(String(piece));
        socket.write('pong');
      });
    });
    const socket = await new Promise<Duplex>((resolve) => {
      open({
        method: 'POST',
        path: '/api/v1/namespaces/a/pods/b/portforward',
        headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1' },
      })
        .once('upgrade', (_, upgraded) => resolve(upgraded))
        .end();
    });
    socket.on('error', () => undefined);
    const answer = new Promise((resolve) => socket.once('data', (piece) => resolve(String(piece))));
    socket.write('ping');
    expect(await answer).toBe('pong');
    expect(await gate.requests()).toEqual([]);
    await gate.arm({ at: 1, when: 'before' });
    void ask('PUT', '/1');
    await gate.held;
    socket.write('after');
    await sleep(200);
    expect(heard).toEqual(['ping']);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await gate.reset();
    await closed;
  });
});
