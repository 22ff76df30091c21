import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Fence } from '../../../src/cluster/fence.ts';
import { openGateway } from '../../../src/cluster/gateway.ts';
import { readKubeconfig } from '../../../src/cluster/kubeconfig.ts';
import { type HttpsServerOptions, type Respond, startHttpsServer } from '../../support/https-server.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  closers.splice(0).forEach((close) => {
    close();
  });
});

const USER = {
  token: 'secret-token',
  as: 'deployer',
  'as-groups': ['team-a', 'team-b'],
  'as-user-extra': { 'acme.io/scope': ['upgrade'] },
};
const WHO = {
  authorization: 'Bearer secret-token',
  'impersonate-user': 'deployer',
  'impersonate-group': 'team-a, team-b',
  'impersonate-extra-acme.io%2fscope': 'upgrade',
};

interface Gate {
  readonly url: string;
  readonly secrets: readonly string[];
  /** What the server was asked: method, path and headers. */
  readonly asked: { method: string; path: string; headers: IncomingHttpHeaders; body: string }[];
}

/** A gateway before a server that answers `respond`, else what it was sent. */
async function gate(
  fence: Fence = () => undefined,
  respond: Respond = (_asked, response, body) => response.end(body),
  options: HttpsServerOptions = {},
): Promise<Gate> {
  const asked: Gate['asked'] = [];
  const server = await startHttpsServer((incoming, response, body, user) => {
    asked.push({ method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, body });
    respond(incoming, response, body, user);
  }, options);
  const secrets: string[] = [];
  const kubeconfig = readKubeconfig(server.kubeconfig(USER), '');
  const gateway = await openGateway(kubeconfig, fence, (secret) => secrets.push(secret));
  closers.push(gateway.close, server.close);
  return { url: gateway.url, secrets, asked };
}

async function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
): Promise<string> {
  const sent = request(url, { method, headers, agent: false });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return `${String(answer.statusCode)} ${await text(answer)}`;
}

/** Asks for another protocol; the connection, once it was answered. */
function upgrade(url: string): Promise<Duplex | string> {
  return new Promise((resolve, reject) => {
    request(url, {
      method: 'POST',
      headers: {
        connection: 'Upgrade',
        upgrade: 'SPDY/3.1',
        'x-stream-protocol-version': 'portforward.k8s.io',
      },
      agent: false,
    })
      .once('upgrade', (_answer, socket: Duplex, head: Buffer) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket.on('error', () => undefined));
      })
      .once('response', (answer) => resolve(String(answer.statusCode)))
      .once('error', reject)
      .end();
  });
}

describe('K02: the gateway, for who acts with extra fields', () => {
  test('asks as whom the kubeconfig acts as, whatever istioctl says of itself', async () => {
    const { url, asked } = await gate();
    const headers = {
      authorization: 'Bearer other',
      'Impersonate-User': 'me',
      'Impersonate-Extra-a': 'b',
      accept: 'x',
    };
    expect(await ask(`${url}/api/v1/pods?limit=5`, { method: 'PATCH', headers, body: 'body' })).toBe(
      '200 body',
    );
    expect(asked).toMatchObject([{ method: 'PATCH', path: '/api/v1/pods?limit=5', body: 'body' }]);
    expect(asked[0]?.headers).toMatchObject({ ...WHO, accept: 'x' });
    expect(asked[0]?.headers).not.toHaveProperty('impersonate-extra-a');
  });

  test('answers nobody who does not know its path, which is told as a secret', async () => {
    const { url, asked, secrets } = await gate();
    const { origin, pathname } = new URL(url);
    expect(secrets).toEqual([pathname.slice(1)]);
    expect(pathname.length).toBeGreaterThan(40);
    for (const path of ['/api/v1/pods', `${pathname.slice(0, -1)}/api`, `${pathname}x/api`, pathname]) {
      expect(await ask(origin + path)).toBe('404 ');
      expect(await upgrade(origin + path)).toBe('404');
    }
    expect(asked).toEqual([]);
  });

  test('hands on each line of a watch as it comes', async () => {
    let goOn: () => void = () => undefined;
    const { url } = await gate(
      () => undefined,
      (_asked, response) => {
        response.write('one\n');
        goOn = () => response.end('two\n');
      },
    );
    const sent = request(`${url}/w`, { agent: false });
    sent.end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const [first] = (await once(answer, 'data')) as [Buffer];
    expect(String(first)).toBe('one\n');
    goOn();
    expect(await text(answer)).toBe('two\n');
  });

  test('carries a connection that becomes another protocol, as for port-forward, and cuts it with the lock', async () => {
    let held = true;
    const seen: IncomingHttpHeaders[] = [];
    const heard: string[] = [];
    const { url } = await gate(
      () => {
        if (!held) throw new Error('lost');
        return undefined;
      },
      undefined,
      {
        upgrade: ({ headers }, socket) => {
          seen.push(headers);
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\nhello',
          );
          socket.on('error', () => undefined);
          socket.on('data', (piece: Buffer) => {
            heard.push(String(piece));
            socket.write('answer');
          });
        },
      },
    );
    const socket = await upgrade(`${url}/api/v1/namespaces/n/pods/p/portforward`);
    if (typeof socket === 'string') throw new Error(socket);
    const [hello] = (await once(socket, 'data')) as [Buffer];
    expect(String(hello)).toBe('hello');
    socket.write('question');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toBe('answer');
    expect(seen).toMatchObject([
      { ...WHO, upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' },
    ]);
    held = false;
    socket.write('too late');
    await once(socket, 'close');
    expect(heard).toEqual(['question']);
  });

  test('says what the server says to who may not upgrade', async () => {
    const { url } = await gate(undefined, (_asked, response) => response.writeHead(403).end('no'), {});
    expect(await upgrade(`${url}/x`)).toBe('403');
  });

  test('promise 4: forwards nothing once the lock is lost, and waits while it has to be renewed', async () => {
    let wait: Promise<void> | undefined;
    let renew: () => void = () => undefined;
    let held = true;
    const { url, asked } = await gate(() => {
      if (!held) throw new Error('lost');
      return wait;
    });
    wait = new Promise((resolve) => (renew = resolve));
    const waiting = ask(`${url}/waits`, { method: 'POST', body: 'x' });
    await sleep(100);
    expect(asked).toEqual([]);
    wait = undefined;
    renew();
    expect(await waiting).toBe('200 x');
    held = false;
    expect(await ask(`${url}/late`, { method: 'POST', body: 'x' })).toBe('502 lost');
    expect(asked.map(({ path }) => path)).toEqual(['/waits']);
  });

  test.each(['DELETE', 'upgrade'])(
    'promise 4: forwards no %s when the lock is lost while the connection comes about',
    async (what) => {
      let held = true;
      const { url, asked } = await gate(
        () => {
          if (!held) throw new Error('lost');
          return undefined;
        },
        undefined,
        {
          onConnection: () => (held = false),
          upgrade: (incoming, socket) => {
            asked.push({ method: 'upgrade', path: incoming.url ?? '', headers: {}, body: '' });
            socket.end();
          },
        },
      );
      const late = `${url}/late`;
      expect(await (what === 'upgrade' ? upgrade(late) : ask(late, { method: what }))).toMatch(/^502/);
      expect(asked).toEqual([]);
    },
  );
});
