import { keepHeapSmall } from './process/heap.ts';

/** The entry: it hears a cancellation from the first moment, while all the rest is still being loaded. */
const cancelled = new AbortController();
const cancel = (signal: NodeJS.Signals): void => {
  cancelled.abort(signal);
};
process.once('SIGINT', cancel).once('SIGTERM', cancel);
// It counts from the first object on.
keepHeapSmall();

const { act } = await import('./action.ts');
await act(cancelled.signal);
