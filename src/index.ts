import { keepHeapSmall } from './process/heap.ts';

/** The entry: it hears a cancellation from the first moment, while all the rest is still being loaded. */
const cancelled = new AbortController();
const cancel = (signal: NodeJS.Signals): void => {
  cancelled.abort(signal);
};
process.once('SIGINT', cancel).once('SIGTERM', cancel);
// Precheck reads all and keeps little; phases that restart much get slower by it. It counts from the first object on.
if (process.env.INPUT_PHASE === 'precheck') keepHeapSmall();

const { act } = await import('./action.ts');
await act(cancelled.signal);
