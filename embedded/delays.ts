/** How long things take in this cluster, in milliseconds: short, but long enough to be seen on the way. */
export interface Delays {
  /** From a pod's birth until its containers run. */
  readonly start: number;
  /** From the start of istiod until it serves. */
  readonly istiod: number;
  /** From the start of a proxy until it has its first configuration. */
  readonly sync: number;
  /** From a pod's deletion until it has gone. */
  readonly stop: number;
  /** From a namespace's deletion until what is in it goes. */
  readonly namespace: number;
}

export const DELAYS: Delays = { start: 30, istiod: 60, sync: 40, stop: 20, namespace: 50 };
