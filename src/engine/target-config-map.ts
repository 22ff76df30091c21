import { treeOf } from '../istio/leaves.ts';
import { readObjects } from '../istioctl/manifest.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';

/**
 * The data of a ConfigMap of the target by its name: as it would be installed; where nothing would be, as it is.
 *
 * @throws what reading the cluster throws
 */
export type TargetConfigMaps = (name: string) => Promise<unknown>;

/** For all who ask in one look: the manifest is parsed, and each ConfigMap read, once. */
export function targetConfigMaps(session: Session, coming: Rendered): TargetConfigMaps {
  const known = new Map<string, Promise<unknown>>();
  let rendered: readonly ReturnType<typeof treeOf>[] | undefined;
  const read = async (name: string): Promise<unknown> => {
    rendered ??= (coming.yaml === '' ? [] : readObjects(coming.yaml)).map(treeOf);
    const found = rendered.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && treeOf(metadata).name === name,
    );
    return found === undefined ? await liveConfigMap(session, name) : found.data;
  };
  return (name) => {
    const data = known.get(name) ?? read(name);
    known.set(name, data);
    return data;
  };
}

/**
 * The data of a ConfigMap of a control plane as it is; undefined where it is not there.
 *
 * @throws what reading the cluster throws
 */
export async function liveConfigMap({ reader, inputs }: Session, name: string): Promise<unknown> {
  return (await reader.get('ConfigMap', name, inputs.istioNamespace))?.data;
}
