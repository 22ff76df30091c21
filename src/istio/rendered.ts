import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import type { ConfigurationText } from './configuration-text.ts';
import { type Judged, judgeImages } from './judged-images.ts';
import { judgePlaceholders } from './left-overs.ts';
import { injectorConfigName, meshConfigName } from './mesh-config.ts';
import { judgeNamedRevision } from './named-revision.ts';
import { notOwn, notOwnFinding } from './rendered-foreign.ts';
import { nameOfObject } from './own-objects.ts';
import { istiodName } from './revision.ts';

/** What a phase says that it will install. */
export interface Promised extends Judged {
  readonly revision: string;
  readonly istioNamespace: string;
}

/** What would be installed, and what it was made of. */
export interface Offered {
  /** What has to be the revision's own. */
  readonly objects: readonly RenderedObject[];
  /** Gateways that go along in place: each has the proxy of the release. */
  readonly gateways: readonly RenderedObject[];
  /** The user's files and `set` lines. */
  readonly texts: readonly ConfigurationText[];
  /** What istioctl said on stderr. */
  readonly warnings: readonly string[];
}

/**
 * Holds what istioctl would install against what the phase says it will do (issue 11, "The render decides"): one rule
 * over the objects, whatever key of whatever file made them so. Errors: the release must be the target's (F01), all is
 * in the Istio namespace (F02), nothing but the revision's own is there (F03, H22, H54), the control plane is whole
 * (F04), nothing is left to be filled in (F07). Told: what istioctl says.
 */
export function judgeRendered(offered: Offered, promised: Promised): Finding[] {
  const foreign = notOwn(offered.objects, promised);
  const own = offered.objects.filter((object) => !foreign.includes(object));
  return [
    ...foreign.map((object) => notOwnFinding(object, promised)),
    ...judgeImages({ own, gateways: offered.gateways, texts: offered.texts }, promised),
    ...judgeNamespaces(own, promised),
    ...judgeWhole(own, promised),
    ...judgeNamedRevision(offered.texts, promised.revision),
    ...judgePlaceholders(offered),
    ...offered.warnings.map(told),
  ];
}

function judgeNamespaces(own: readonly RenderedObject[], { istioNamespace }: Promised): Finding[] {
  const placed = own.flatMap((object) =>
    [object.namespace ?? [], object.serves].flat().map((namespace) => ({ object, namespace })),
  );
  const other = placed.filter(({ namespace }) => namespace !== istioNamespace);
  const names = [...new Set(other.map(({ namespace }) => namespace))];
  return names.map((namespace) => {
    const objects = other.filter((one) => one.namespace === namespace);
    return {
      id: 'configuration-other-namespace',
      severity: 'error',
      ...(objects[0] === undefined ? {} : { object: nameOfObject(objects[0].object) }),
      message: `the configuration would install ${String(objects.length)} objects for the namespace ${namespace}, but Istio is in ${istioNamespace}`,
      remedy: `Take values.global.istioNamespace (and namespaces of components) out of config and set, or set the input istio-namespace to ${namespace}.`,
    };
  });
}

function judgeWhole(own: readonly RenderedObject[], { revision, istioNamespace }: Promised): Finding[] {
  const istiod = istiodName(revision);
  const wanted = [
    ['Deployment', istiod],
    ['Service', istiod],
    ['ConfigMap', meshConfigName(revision)],
    ['ConfigMap', injectorConfigName(revision)],
  ] as const;
  const missing = wanted
    .filter(([kind, name]) => !own.some((object) => object.kind === kind && object.name === name))
    .map(([kind, name]) => nameOfObject({ kind, name, namespace: istioNamespace }));
  const injects = own.some(
    ({ kind, serves }) => kind === 'MutatingWebhookConfiguration' && serves.length > 0,
  );
  const all = injects ? missing : [...missing, "the injector's webhook"];
  if (all.length === 0) return [];
  return [
    {
      id: 'configuration-incomplete',
      severity: 'error',
      message: `the configuration makes no whole control plane of revision ${revision}; missing: ${all.join(', ')}`,
      remedy:
        'Use profile: minimal with the component pilot enabled, and give files of gateways to their own installation.',
    },
  ];
}

function told(line: string): Finding {
  return {
    id: 'configuration-warning',
    severity: 'warning',
    message: `istioctl says of the configuration: ${line}`,
    remedy: 'Correct config or set for the target version; what istioctl does not know has no effect.',
  };
}
