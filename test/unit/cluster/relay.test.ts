import { request } from 'node:http';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Relay, openRelay } from '../../../src/cluster/relay.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  closers.splice(0).forEach((close) => {
    close();
  });
});

/** A server that keeps what it hears, behind a relay with a fence that can be shut. */
async function behindRelay(): Promise<{
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
  const target = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  let held = true;
  const relay = await openRelay({ server: `https://${target}`, proxy: undefined }, () => {
    if (!held) throw new Error('lost');
  });
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

  test('forwards nothing more once the lock is lost, on connections that are open and on new ones', async () => {
    const { relay, target, heard, shut } = await behindRelay();
    const { socket } = await connectThrough(relay, target);
    shut();
    socket.write('a write that comes too late');
    expect(await next(socket)).toBe('closed');
    expect(heard()).toBe('');
    expect((await connectThrough(relay, target)).status).toBe(403);
  });
});
