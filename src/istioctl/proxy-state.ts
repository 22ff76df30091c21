/**
 * Whether a proxy has what its istiod wants it to have.
 *
 * - `synced`: everything that was sent is acknowledged
 * - `not-sent-only`: connected, nothing was sent yet
 * - `stale`: something that was sent is not acknowledged
 * - `error`: the proxy rejected something
 * - `unknown`: istioctl does not tell
 */
export type Sync = 'synced' | 'not-sent-only' | 'stale' | 'error' | 'unknown';

/** One connected proxy, as the istiod that it is connected to sees it. */
export interface ProxyStatus {
  /** Name of the pod. */
  readonly name: string;
  readonly namespace: string;
  /** The proxy's Istio version; empty where it does not tell. */
  readonly version: string;
  /** Name of istiod's pod. */
  readonly istiod: string;
  readonly sync: Sync;
  /** The state of each type of configuration, such as `Cluster SYNCED, Listener STALE`. */
  readonly detail: string;
}

/** What a reader of one format finds. It throws where it finds anything else. */
export interface StatusContent {
  readonly proxies: readonly ProxyStatus[];
  /**
   * Names of the istiod pods that answered; compare with those that run. From a table only those are known that
   * have a proxy.
   */
  readonly istiods: readonly string[];
}

/** The state of one type of configuration, as istioctl spells it without blanks and times. */
export interface TypeState {
  readonly type: string;
  readonly state: string;
}

/** Sums the states up. `NOT_SENT` beside something that is synced is how a type without content looks. */
export function syncOf(states: readonly TypeState[]): Sync {
  const has = (wanted: string): boolean => states.some(({ state }) => state === wanted);
  const told = states.filter(({ state }) => state !== 'IGNORED' && state !== 'UNKNOWN');
  if (has('ERROR')) return 'error';
  if (has('STALE')) return 'stale';
  const odd = told.some(({ state }) => !['SYNCED', 'NOT_SENT'].includes(state));
  if (told.length === 0 || odd) return 'unknown';
  return has('SYNCED') ? 'synced' : 'not-sent-only';
}

/** The states as a person reads them. */
export function describeStates(states: readonly TypeState[]): string {
  return states.map(({ type, state }) => `${type} ${state}`).join(', ');
}

/** `web-1.shop` is the pod `web-1` in `shop`; a pod's name may hold dots, a namespace's may not. Undefined: it names none. */
export function splitProxyId(id: string): { name: string; namespace: string } | undefined {
  const dot = id.lastIndexOf('.');
  if (dot <= 0 || dot === id.length - 1) return undefined;
  return { name: id.slice(0, dot), namespace: id.slice(dot + 1) };
}
