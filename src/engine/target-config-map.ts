import { treeOf } from '../istio/leaves.ts';
import { readObjects } from '../istioctl/manifest.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';

/**
 * The data of a ConfigMap of the target: as it would be installed; where nothing would be, as it is.
 *
 * @throws what reading the cluster throws
 */
export async function targetConfigMap(session: Session, coming: Rendered, name: string): Promise<unknown> {
  const rendered = (coming.yaml === '' ? [] : readObjects(coming.yaml))
    .map(treeOf)
    .find(({ kind, metadata }) => kind === 'ConfigMap' && treeOf(metadata).name === name);
  return rendered === undefined ? await liveConfigMap(session, name) : rendered.data;
}

/**
 * The data of a ConfigMap of a control plane as it is; undefined where it is not there.
 *
 * @throws what reading the cluster throws
 */
export async function liveConfigMap({ reader, inputs }: Session, name: string): Promise<unknown> {
  return (await reader.get('ConfigMap', name, inputs.istioNamespace))?.data;
}
