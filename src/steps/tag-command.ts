import type { Finding } from '../finding.ts';
import { type Change, renderChange } from '../istio/change.ts';
import type { Mesh } from '../istio/mesh.ts';
import type { Call, Ended, Istioctl } from '../istioctl/istioctl.ts';
import type { Context } from './context.ts';
import { deniedOnTheWay } from './denied.ts';

/** One call of `tag set` or `tag remove`. */
const CALL_MS = 60_000;

/** What came of a command: the mesh after it, what it was not allowed, and how to tell what it left. */
interface Changed {
  readonly after: Mesh;
  readonly denied: readonly Finding[];
  readonly stillToDo: (what: Change) => string;
}

/**
 * Lets istioctl change a tag, and looks at what came of it: exit code 0 proves nothing (T05).
 *
 * @param name of the command, for the texts
 */
export async function changeTag(
  context: Context,
  side: 'from' | 'to',
  name: string,
  command: (istioctl: Istioctl, call: Call) => Promise<Ended>,
): Promise<Changed> {
  const { denied, words } = await command(context.istioctl[side].istioctl, {
    timeoutMs: Math.min(CALL_MS, context.remainingMs()),
    signal: context.signal,
  });
  context.signal.throwIfAborted();
  const said = words === '' ? '' : ` (istioctl says: ${words})`;
  return {
    after: await context.observe(),
    denied: deniedOnTheWay(denied),
    stillToDo: (what) => `after ${name} it is still to do: ${renderChange(what)}${said}`,
  };
}
