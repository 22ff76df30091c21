import type { Finding } from '../finding.ts';
import { nameOfObject } from '../istio/own-objects.ts';
import { type RenderedObject, parseManifest, sharedComponents } from '../istioctl/manifest.ts';
import type { RevisionConfiguration } from '../istioctl/istioctl.ts';
import type { ProvedIstioctl } from '../steps/context.ts';

const RENDER_MS = 60_000;

/** What the target's configuration would install, or has. */
export interface Rendered {
  /** Empty where istioctl can't tell. */
  readonly objects: readonly RenderedObject[];
  /** Why it must not be installed. */
  readonly findings: readonly Finding[];
}

/** Nothing is installed. */
export const NOTHING_RENDERED: Rendered = { objects: [], findings: [] };

/**
 * Asks istioctl what the target's configuration would install. Gateways, CNI and ztunnel have no revision, so installing
 * them beside would move the mesh's only ones (H22, H54, T17).
 */
export async function renderTarget(
  { istioctl }: ProvedIstioctl,
  what: RevisionConfiguration,
  signal: AbortSignal,
): Promise<Rendered> {
  const rendered = await istioctl.manifestGenerate(what, { timeoutMs: RENDER_MS, signal });
  if (!rendered.readable) {
    return {
      objects: [],
      findings: [
        {
          id: 'configuration-not-rendered',
          severity: 'error',
          message: `istioctl can't render the configuration: ${rendered.reason}`,
          remedy: 'Correct the inputs config and set. They must suit the target version.',
        },
      ],
    };
  }
  const objects = parseManifest(rendered.yaml);
  return { objects, findings: sharedComponents(objects).map(sharedByAll) };
}

function sharedByAll(object: RenderedObject): Finding {
  return {
    id: 'configuration-renders-shared',
    severity: 'error',
    object: nameOfObject(object),
    message: 'the configuration would install it, and all revisions share the only one there is',
    remedy:
      'Use profile: minimal in the IstioOperator file, or disable it there; gateways, CNI and ztunnel are not part of a canary.',
  };
}
