import type { Finding } from '../finding.ts';
import { parseManifest, sharedComponents } from '../istioctl/manifest.ts';
import type { RevisionConfiguration } from '../istioctl/istioctl.ts';
import type { ProvedIstioctl } from './context.ts';

const RENDER_MS = 60_000;

/**
 * What the target's configuration would install, looked at before it is: gateways, CNI and ztunnel have no revision,
 * so installing them beside would move the mesh's only ones (H22, H54, T17).
 */
export async function checkRendered(
  { istioctl }: ProvedIstioctl,
  what: RevisionConfiguration,
  signal: AbortSignal,
): Promise<Finding[]> {
  const rendered = await istioctl.manifestGenerate(what, { timeoutMs: RENDER_MS, signal });
  if (!rendered.readable) {
    return [
      {
        id: 'configuration-not-rendered',
        severity: 'error',
        message: `istioctl can't render the configuration: ${rendered.reason}`,
        remedy: 'Correct the inputs config and set. They must suit the target version.',
      },
    ];
  }
  return sharedComponents(parseManifest(rendered.yaml)).map(({ kind, namespace, name }) => ({
    id: 'configuration-renders-shared',
    severity: 'error',
    object: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
    message: 'the configuration would install it, and all revisions share the only one there is',
    remedy:
      'Use profile: minimal in the IstioOperator file, or disable it there; gateways, CNI and ztunnel are not part of a canary.',
  }));
}
