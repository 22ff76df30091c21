import { Rejection, quote } from '../input-error.ts';
import { oneOf } from './words.ts';

/** When the gateways that istioctl installed go to the target: see the input `gateways`. */
export const GATEWAYS = ['with-promote', 'with-install'] as const;
/** Whether Istio CNI, which istioctl installed, goes to the target: see the input `cni`. */
export const CNI = ['leave', 'with-install'] as const;

/** What of the components that all revisions share goes along with the installation of a canary. */
export interface Along {
  readonly gateways: (typeof GATEWAYS)[number];
  readonly cni: (typeof CNI)[number];
}

/** In place the installation has all that it is given, so that there is nothing to choose. Throws a `Rejection`. */
export function readAlong<T extends string>(inPlace: boolean, words: readonly T[]): (text: string) => T {
  const read = oneOf(words);
  return (text) => {
    if (inPlace && text === 'with-install')
      throw new Rejection(quote(text), 'this input is of strategy: revision; leave it out in place.');
    return read(text);
  };
}

/**
 * Gateways that have files of their own are not in what the canary installs.
 *
 * @param gatewayConfig undefined where it could not be read, which has been noted already
 */
export function rejectOwnFiles(
  { gateways }: Pick<Along, 'gateways'>,
  gatewayConfig: readonly string[] | undefined,
): void {
  if (gateways !== 'with-install' || gatewayConfig === undefined || gatewayConfig.length === 0) return;
  throw new Rejection(
    quote(gateways),
    'gateways that have files of their own (gateway-config) can only move with-promote: the installation of the canary does not have them.',
  );
}
