import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { type ConfigurationText, leftOversOf } from './configuration-text.ts';
import { type Judged, judgeImages } from './judged-images.ts';
import { notOwn, notOwnFinding } from './rendered-foreign.ts';
import { type OverlayAim, overlayAims } from './overlays.ts';
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
  /** All, these included. */
  readonly all: readonly RenderedObject[];
  /** The user's files and `set` lines. */
  readonly texts: readonly ConfigurationText[];
  /** `spec` of the user's files and `set` lines, merged. */
  readonly spec: unknown;
  /** What istioctl said on stderr. */
  readonly warnings: readonly string[];
}

/**
 * Holds what istioctl would install against what the phase says it will do (issue 11, "The render decides"): one rule
 * over the objects, whatever key of whatever file made them so. Errors: the release must be the target's (F01), all is
 * in the Istio namespace (F02), nothing but the revision's own is there (F03, H22, H54), the control plane is whole
 * (F04), nothing is left to be filled in (F07). Told: what was lost (F06), and what istioctl says.
 */
export function judgeRendered(offered: Offered, promised: Promised): Finding[] {
  const foreign = notOwn(offered.objects, promised);
  const own = offered.objects.filter((object) => !foreign.includes(object));
  return [
    ...foreign.map((object) => notOwnFinding(object, promised)),
    ...judgeImages({ own, gateways: offered.gateways, texts: offered.texts }, promised),
    ...judgeNamespaces(own, promised),
    ...judgeWhole(own, promised),
    ...judgePlaceholders(offered),
    ...judgeOverlays(offered, promised),
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
  const suffix = istiod.slice('istiod'.length);
  const wanted = [
    ['Deployment', istiod],
    ['Service', istiod],
    ['ConfigMap', `istio${suffix}`],
    ['ConfigMap', `istio-sidecar-injector${suffix}`],
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

/** In the files, where the line can be told; else in what would be installed. */
export function judgePlaceholders({ texts, objects }: Pick<Offered, 'texts' | 'objects'>): Finding[] {
  const leftOvers = texts.flatMap(leftOversOf);
  const known = new Set(leftOvers.map(({ placeholder }) => placeholder));
  const inFiles = leftOvers.map(({ name, line, path, placeholder }) => ({
    message: `${name}, line ${String(line)}: ${short(placeholder)} was left to be filled in${path === '' ? '' : ` (${path})`}`,
  }));
  const inObjects = objects.flatMap((object) =>
    object.placeholders
      .filter((placeholder) => !known.has(placeholder))
      .map((placeholder) => ({
        object: nameOfObject(object),
        message: `${short(placeholder)} was left to be filled in, and would be installed as it is`,
      })),
  );
  return [...inFiles, ...inObjects].map((about) => ({
    id: 'configuration-placeholder',
    severity: 'error',
    ...about,
    remedy: 'Fill it in before this Action runs (envsubst, helm template, kustomize …), or take it out.',
  }));
}

function judgeOverlays(
  { spec, all: objects }: Pick<Offered, 'spec' | 'all'>,
  { revision }: Promised,
): Finding[] {
  const hit = ({ kind, name }: OverlayAim): boolean =>
    objects.some((object) => object.kind === kind && object.name === name);
  return overlayAims(spec)
    .filter((aim) => !hit(aim))
    .map(({ kind, name, path }) => {
      const meant = `${name}-${revision}`;
      const there = objects.some((object) => object.kind === kind && object.name === meant);
      return {
        id: 'configuration-overlay-lost',
        severity: 'warning',
        object: `${kind} ${name}`,
        message: `${path} has patches for it, but nothing of that name would be installed: they have no effect`,
        remedy: there
          ? `Name it ${meant} in the overlay, or put the setting into k8s or values, which follow the revision.`
          : 'Correct kind and name in the overlay, or take it out.',
      };
    });
}

function told(line: string): Finding {
  return {
    id: 'configuration-warning',
    severity: 'warning',
    message: `istioctl says of the configuration: ${line}`,
    remedy: 'Correct config or set for the target version; what istioctl does not know has no effect.',
  };
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
