import { Rejection, quote } from '../input-error.ts';

/** The uid of a cluster's namespace kube-system, in small letters. Throws a `Rejection`. */
export function readClusterId(text: string): string {
  const uid = text.toLowerCase();
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uid)) return uid;
  throw new Rejection(
    quote(text),
    'allowed is the uid of the namespace kube-system, as precheck prints it: 8-4-4-4-12 of the characters 0-9 and a-f.',
  );
}
