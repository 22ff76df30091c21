import { Rejection } from '../input-error.ts';

/** A managed cluster's is its whole resource name, some 100 characters. */
const LONGEST = 256;

/**
 * Name of a context; empty for the kubeconfig's current one. Throws a `Rejection` for what is none, and does not repeat
 * it: a kubeconfig that was put into the wrong input has secrets in it (promise 10).
 */
export function readContext(text: string): string {
  if (text.length <= LONGEST && !/[\r\n]/.test(text)) return text;
  throw new Rejection(
    `a text of ${String(text.length)} characters`,
    'allowed is the name of one of the contexts of the kubeconfig. Its content belongs into the input kubeconfig.',
  );
}
