import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { type Fence, fenced, passageOf } from './fence.ts';

/** Connections that are open, and end together. */
export interface Connections {
  readonly keep: (socket: Duplex) => void;
  readonly end: () => void;
}

export function connections(): Connections {
  const open = new Set<Duplex>();
  return {
    keep: (socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      // A connection that breaks is the client's to notice and to tell.
      socket.on('error', () => socket.destroy());
    },
    end: () => {
      open.forEach((socket) => socket.destroy());
    },
  };
}

/**
 * Lets a server listen on a free port of loopback. It keeps no process alive, and its connections end with it.
 *
 * @returns where it is, `http://127.0.0.1:port`
 */
export async function listenOnLoopback(
  server: Server,
  { keep, end }: Connections,
): Promise<{ readonly origin: string; readonly close: () => void }> {
  server.on('connection', keep);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () => {
      server.close();
      end();
    },
  };
}

/**
 * Sends what a client asks on as another request, piece by piece as the fence allows, and the answer back.
 *
 * @throws where the other request fails before it is answered, or the fence forbids a piece
 */
export function exchange(
  asked: IncomingMessage,
  response: ServerResponse,
  { upstream, fence }: { readonly upstream: ClientRequest; readonly fence: Fence },
): Promise<void> {
  return new Promise((resolve, reject) => {
    upstream.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      pipeline(answer, response, () => resolve());
    });
    upstream.once('error', reject);
    response.once('close', () => upstream.destroy());
    passageOf(upstream, fence).then(() => {
      pipeline(asked, fenced(fence), upstream, (error) => {
        if (error) reject(error);
      });
    }, reject);
  });
}
