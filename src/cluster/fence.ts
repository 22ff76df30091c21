/**
 * Asked right before each write is sent. Undefined: it may go. A promise: the lock could not be renewed in time, and
 * it may go once that is fulfilled and the fence asked again. Throws, or rejects, when this run writes nothing more.
 */
export type Fence = () => Promise<void> | undefined;

/** Waits until a write may go. @throws what says why it never may */
export async function passage(fence: Fence): Promise<void> {
  for (let wait = fence(); wait !== undefined; wait = fence()) await wait;
}
