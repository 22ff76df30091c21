import { createServer as createHttpServer, request } from 'node:http';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Fence } from '../../../src/cluster/fence.ts';
import { type Relay, openRelay } from '../../../src/cluster/relay.ts';
import { createAuthority } from '../../support/certificate.ts';
import { startConnectProxy } from '../../support/connect-proxy.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  closers.splice(0).forEach((close) => {
    close();
  });
});

/** A server that keeps what it hears, behind a relay with a fence that can be shut. */
async function behindRelay(
  fence?: Fence,
  { host = '127.0.0.1', proxy }: { host?: string; proxy?: string } = {},
): Promise<{
  relay: Relay;
  target: string;
  heard: () => string;
  shut: () => void;
}> {
  let heard = '';
  const server = createServer((socket) => {
    socket.on('data', (piece) => {
      heard += String(piece);
      socket.write('answer');
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target = `${host}:${String((server.address() as AddressInfo).port)}`;
  let held = true;
  const whileHeld = (): undefined => {
    if (!held) throw new Error('lost');
  };
  const relay = await openRelay({ server: `https://${target}`, proxy }, fence ?? whileHeld);
  closers.push(() => {
    relay.close();
    server.close();
  });
  return { relay, target, heard: () => heard, shut: () => (held = false) };
}

function connectThrough(
  { url }: Relay,
  target: string,
): Promise<{ status: number | undefined; socket: Socket }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: Number(new URL(url).port), method: 'CONNECT', path: target })
      .once('connect', (answer, socket: Socket) => {
        socket.on('error', () => undefined);
        resolve({ status: answer.statusCode, socket });
      })
      .once('error', reject)
      .end();
  });
}

const next = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.once('data', (piece) => {
      resolve(String(piece));
    });
    socket.once('close', () => {
      resolve('closed');
    });
  });

describe('promise 4: the relay', () => {
  test('carries connections to the API server, and to nothing else', async () => {
    const { relay, target, heard } = await behindRelay();
    const { status, socket } = await connectThrough(relay, target);
    expect(status).toBe(200);
    socket.write('hello');
    expect(await next(socket)).toBe('answer');
    expect(heard()).toBe('hello');
    expect((await connectThrough(relay, '127.0.0.1:1')).status).toBe(403);
  });

  test.each([
    ['https://0A1B2C3D.gr7.US-EAST-1.eks.AMAZONAWS.com', '0A1B2C3D.gr7.US-EAST-1.eks.AMAZONAWS.com:443'],
    ['https://Api.Example:6443', 'Api.Example:6443'],
    ['https://api.example:6443', 'API.EXAMPLE:6443'],
    ['https://api.example.:6443', 'api.example.:6443'],
    ['https://api.example:6443', 'api.example.:6443'],
    ['https://api.example', 'api.example'],
    ['https://api.example:0443', 'api.example:0443'],
    ['https://[2001:DB8::00FF]:6443', '[2001:DB8::00FF]:6443'],
    ['https://[2001:db8:0:0:0:0:0:ff]', '[2001:db8:0:0:0:0:0:ff]:443'],
    ['https://[::ffff:192.0.2.1]:6443', '[::FFFF:192.0.2.1]:6443'],
    ['https://api.example/k8s/clusters/c-m-1', 'api.example:443'],
  ])('K01: to %s takes what client-go asks for: %s', async (server, asked) => {
    // The fence says whether the name was taken: nothing is dialled.
    let passed = 0;
    const relay = await openRelay({ server, proxy: undefined }, () => {
      passed++;
      throw new Error('far enough');
    });
    closers.push(relay.close);
    await connectThrough(relay, asked);
    expect(passed).toBe(1);
  });

  test.each([
    ['https://api.example:6443', 'api.example:443'],
    ['https://api.example', 'api.example:444'],
    ['https://api.example', 'me@api.example:443'],
    ['https://api.example', 'api.example.evil:443'],
    ['https://[::1]:6443', '[::2]:6443'],
  ])('K01: to %s takes nothing else: %s', async (server, asked) => {
    let passed = 0;
    const relay = await openRelay({ server, proxy: undefined }, () => {
      passed++;
      throw new Error('far enough');
    });
    closers.push(relay.close);
    expect((await connectThrough(relay, asked)).status).toBe(403);
    expect(passed).toBe(0);
  });

  test('forwards nothing more once the lock is lost, on connections that are open and on new ones', async () => {
    const { relay, target, heard, shut } = await behindRelay();
    const { socket } = await connectThrough(relay, target);
    shut();
    socket.write('a write that comes too late');
    expect(await next(socket)).toBe('closed');
    expect(heard()).toBe('');
    expect((await connectThrough(relay, target)).status).toBe(403);
  });

  test('holds back what goes up while the lock has to be renewed, and lets it go then', async () => {
    let wait: Promise<void> | undefined;
    let renewed: () => void = () => undefined;
    const { relay, target, heard } = await behindRelay(() => wait);
    const { socket } = await connectThrough(relay, target);
    wait = new Promise((resolve) => (renewed = resolve));
    socket.write('a write');
    await sleep(200);
    expect(heard()).toBe('');
    wait = undefined;
    renewed();
    expect(await next(socket)).toBe('answer');
    expect(heard()).toBe('a write');
  });

  test('says that nothing is there as what it is', async () => {
    const relay = await openRelay({ server: 'https://127.0.0.1:9', proxy: undefined }, () => undefined);
    closers.push(relay.close);
    expect((await connectThrough(relay, '127.0.0.1:9')).status).toBe(502);
  });
});

describe('promise 4: the relay through the proxy that people have', () => {
  test.each(['http', 'https'])('%s, with its password', async (scheme) => {
    const authority = createAuthority('proxy-ca');
    const known = getCACertificates('default');
    setDefaultCACertificates([...known, authority.cert]);
    closers.push(() => setDefaultCACertificates(known));
    const proxy = await startConnectProxy({
      credentials: 'me:pass word',
      names: { 'api.test': '127.0.0.1' },
      ...(scheme === 'https' ? { tls: authority.issue({ name: 'p', hosts: ['localhost'] }) } : {}),
    });
    closers.push(proxy.close);
    const url = (password: string): string => `${scheme}://me:${password}@localhost:${proxy.port}`;
    const { relay, target, heard } = await behindRelay(() => undefined, {
      host: 'api.test',
      proxy: url('pass%20word'),
    });
    const { status, socket } = await connectThrough(relay, target);
    expect(status).toBe(200);
    socket.write('hello');
    expect(await next(socket)).toBe('answer');
    expect(heard()).toBe('hello');
    expect(proxy.asked).toEqual([target]);

    const refused = await openRelay({ server: `https://${target}`, proxy: url('wrong') }, () => undefined);
    closers.push(refused.close);
    expect((await connectThrough(refused, target)).status).toBe(502);
  });
});

describe('promise 4: the relay to a server without TLS', () => {
  async function withoutTls() {
    const asked: string[] = [];
    const server = createHttpServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? ''}`);
      request.pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    let held = true;
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const relay = await openRelay({ server: `http://${address}`, proxy: undefined }, () => {
      if (!held) throw new Error('lost');
    });
    closers.push(relay.close, () => server.close());
    const { port } = new URL(relay.url);
    const ask = (url: string, body = ''): Promise<string> =>
      new Promise((resolve) => {
        request({ port, path: url, method: 'PATCH', headers: { authorization: 'me' }, agent: false })
          .once('response', (answer) => {
            let body = '';
            answer.on('data', (piece) => (body += String(piece)));
            answer.once('end', () => resolve(`${String(answer.statusCode)} ${body}`));
          })
          .once('error', () => resolve('closed'))
          .end(body);
      });
    return { ask, asked, address, shut: () => (held = false) };
  }

  test('carries requests to it and to nothing else, and none once the lock is lost', async () => {
    const { ask, asked, address, shut } = await withoutTls();
    expect(await ask(`http://${address}/a?b=c`, 'body')).toBe('200 body');
    expect(asked).toEqual(['PATCH /a?b=c me']);
    expect(await ask('http://127.0.0.1:9/a')).toMatch(/^405 /);
    expect(await ask(`https://${address}/a`)).toMatch(/^405 /);
    shut();
    expect(await ask(`http://${address}/late`)).toBe('closed');
    expect(await ask(`http://${address}/late`, 'body')).toBe('closed');
    expect(asked).toHaveLength(1);
  });
});
