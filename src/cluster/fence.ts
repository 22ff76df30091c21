import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { Transform } from 'node:stream';
import { TLSSocket } from 'node:tls';

/**
 * Asked right before each write is sent. Undefined: it may go. A promise: the lock could not be renewed in time, and
 * it may go once that is fulfilled and the fence asked again. Throws, or rejects, when this run writes nothing more.
 */
export type Fence = () => Promise<void> | undefined;

/** Waits until a write may go. @throws what says why it never may */
export async function passage(fence: Fence): Promise<void> {
  for (let wait = fence(); wait !== undefined; wait = fence()) await wait;
}

/**
 * Waits until a request's connection stands and a write may go on it. What is written before waits within Node, past every
 * fence: a run that is frozen in the handshake would send it when it wakes (promise 4).
 *
 * @param request nothing of it is sent yet
 * @throws what says why it never may, or what kept the connection from coming about
 */
export async function passageOf(request: ClientRequest, fence: Fence): Promise<void> {
  await connected(request);
  await passage(fence);
}

/** When a request has its connection, TLS included. Its errors go on to others who listen. */
function connected(request: ClientRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    request.once('error', reject).once('socket', (socket: Socket) => {
      // The types leave it out.
      const { secureConnecting = false } = socket as { readonly secureConnecting?: boolean };
      if (socket.connecting || secureConnecting) {
        socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
          resolve();
        });
      } else resolve();
    });
  });
}

/** Lets the pieces of a stream through one by one, each when the fence allows it. */
export function fenced(fence: Fence): Transform {
  return new Transform({
    transform: (piece: Buffer, _encoding, done) => {
      passage(fence).then(
        () => {
          done(null, piece);
        },
        (error: unknown) => {
          done(error instanceof Error ? error : new Error(String(error)));
        },
      );
    },
  });
}
