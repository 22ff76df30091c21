import type { Finding } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import type { RenderedCni } from '../istioctl/cni-manifest.ts';
import type { RevisionConfiguration } from '../istioctl/istioctl.ts';
import type { Unreadable } from '../istioctl/reading.ts';
import { nameOfObject } from './own-objects.ts';
import type { SharedComponent } from './shared-component.ts';

/** What Istio CNI is rendered from: the user's own files and values for the control plane, and nothing else of them. */
export function cniConfiguration(
  { config, set }: Pick<Inputs, 'config' | 'set'>,
  { revision }: { readonly revision: string },
): RevisionConfiguration {
  return { revision, configFiles: config, set, without: 'all but cni' };
}

/**
 * Why a node agent could not be brought back (H42: the way back is there before the way forward is begun): the istioctl of
 * the current version does not render it from the configuration that was given.
 */
export function noWayBack(
  agent: SharedComponent,
  rendered: RenderedCni | Unreadable,
  version: string,
): Finding[] {
  if (!rendered.readable) {
    return [
      {
        id: 'cni-not-rendered',
        severity: 'error',
        object: agent.object,
        message: `istioctl ${version}, which has to bring it back, can't render it: ${rendered.reason}`,
        remedy:
          'Correct the inputs config and set. Both the current and the target version must understand them.',
      },
    ];
  }
  if (rendered.objects.some((object) => nameOfObject(namedOf(object)) === agent.object)) return [];
  return [
    {
      id: 'cni-not-rendered',
      severity: 'error',
      object: agent.object,
      message: `istioctl ${version}, which has to bring it back, renders no Istio CNI of that name and namespace from config and set`,
      remedy: 'Give all phases the config and set with which it was installed (components.cni).',
    },
  ];
}

function namedOf({ kind, metadata }: RenderedCni['objects'][number]) {
  return { kind, namespace: metadata.namespace, name: metadata.name };
}
