import { type Kind, qualified } from '../kinds.ts';
import type { KubeObject } from '../objects.ts';
import { statusOf } from './refusal.ts';
import type { Selector } from './selector.ts';
import type { Change, Store } from './store.ts';

/** What a watch looks at. */
export interface Watched {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly selector: Selector;
  /** The version after which it begins. */
  readonly from: number;
}

/**
 * Tells changes as lines of JSON, first those since `from`, then each as it comes.
 *
 * @returns what ends it; undefined when `from` is too old, which was told as an event, and nothing more comes
 */
export function watch(
  store: Store,
  watched: Watched,
  tell: (line: string) => void,
): (() => void) | undefined {
  const told = (change: Change): void => {
    const event = eventOf(change, watched);
    if (event !== undefined) tell(`${JSON.stringify(event)}\n`);
  };
  const past = store.since(watched.from);
  if (past === undefined) {
    const message = `too old resource version: ${watched.from}`;
    tell(
      `${JSON.stringify({ type: 'ERROR', object: statusOf({ code: 410, reason: 'Expired', message }) })}\n`,
    );
    return undefined;
  }
  past.forEach(told);
  return store.subscribe(told);
}

/** An object that begins to be selected was added, one that ceases to be was deleted, as far as a watch can see. */
function eventOf(
  { type, kind, object, before }: Change,
  { kind: wanted, namespace, selector }: Watched,
): { type: string; object: KubeObject } | undefined {
  if (qualified(kind) !== qualified(wanted)) return undefined;
  if (namespace !== undefined && object.metadata.namespace !== namespace) return undefined;
  const was = before !== undefined && selector(before);
  const is = type !== 'DELETED' && selector(object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object };
  return was ? { type: 'DELETED', object } : undefined;
}
