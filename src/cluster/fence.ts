import { Transform } from 'node:stream';

/**
 * Asked right before each write is sent. Undefined: it may go. A promise: the lock could not be renewed in time, and
 * it may go once that is fulfilled and the fence asked again. Throws, or rejects, when this run writes nothing more.
 */
export type Fence = () => Promise<void> | undefined;

/** Waits until a write may go. @throws what says why it never may */
export async function passage(fence: Fence): Promise<void> {
  for (let wait = fence(); wait !== undefined; wait = fence()) await wait;
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
