import type { View } from '../decide/upgrade.ts';
import { agentsPrunedWith, goingAlong, judgeAlong } from '../istio/along.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import type { Mesh } from '../istio/mesh.ts';
import type { Finding } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import { prunedWith } from '../istio/installed-gateway.ts';
import type { ProvedIstioctl } from '../steps/context.ts';
import { installConfiguration } from '../steps/install-revision.ts';
import { type Rendered, renderTarget } from './rendered.ts';

/**
 * What canary would install: the target's control plane, and what was asked to go along with it. Nothing else that
 * revisions share may be in it.
 *
 * @throws UnfaithfulSetValue
 */
export async function renderCanary(
  inputs: Inputs,
  target: Pick<ProvedIstioctl, 'istioctl'>,
  { mesh, upgrade: { to }, before }: View,
  signal: AbortSignal,
): Promise<Rendered> {
  const what = { revision: to.revision, ...installConfiguration({ inputs }) };
  const rendered = await renderTarget(target, what, signal, (objects) => {
    const along = goingAlong(objects, mesh, inputs);
    return objects.filter((object) => !along.has(object));
  });
  const { objects, findings } = rendered;
  return {
    ...rendered,
    findings: [
      ...findings,
      ...judgeAlong(objects, mesh, { asked: inputs, version: to.version, troubled: before.troubled }),
    ],
  };
}

/** What of the target by now installing it anew would delete, as it is not in what is rendered (H22, H54). */
export function lostBy(rendered: readonly RenderedObject[], mesh: Mesh, revision: string): Finding[] {
  return [...prunedWith(mesh, revision, rendered), ...agentsPrunedWith(mesh, revision, rendered)];
}
