import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { type ConfigurationText, placesOfTag } from './configuration-text.ts';
import { judgePlaceholders } from './left-overs.ts';
import { notOwn, notOwnFinding } from './rendered-foreign.ts';
import { nameOfObject } from './own-objects.ts';
import { imageTag, imageVersion } from './proxy.ts';
import { istiodName } from './revision.ts';
import { sameRelease } from './version.ts';

/** What a phase says that it will install. */
export interface Promised {
  readonly revision: string;
  /** As the input has it, perhaps a vendor's. */
  readonly version: string;
  readonly istioNamespace: string;
}

/** What would be installed, and what it was made of. */
export interface Offered {
  readonly objects: readonly RenderedObject[];
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
    ...judgeImages(own, offered.texts, promised),
    ...judgeNamespaces(own, promised),
    ...judgeWhole(own, promised),
    ...judgePlaceholders(offered),
    ...offered.warnings.map(told),
  ];
}

function judgeImages(
  own: readonly RenderedObject[],
  texts: readonly ConfigurationText[],
  { version }: Promised,
): Finding[] {
  const images = own.flatMap((object) => object.images.map((image) => ({ object, image })));
  const seen = new Set<string>();
  return images.flatMap(({ object, image }) => {
    if (seen.has(image)) return [];
    seen.add(image);
    const release = imageVersion(image);
    if (release !== undefined && sameRelease(release, version)) return [];
    return [
      release === undefined ? untold(object, image, version) : otherVersion(object, image, texts, version),
    ];
  });
}

function untold(object: RenderedObject, image: string, version: string): Finding {
  return {
    id: 'configuration-version-untold',
    severity: 'warning',
    object: nameOfObject(object),
    message: `the configuration would install the image ${image}, whose name does not tell its version`,
    remedy: `Make sure that it is ${version}; the run proves it only once it is installed.`,
  };
}

function otherVersion(
  object: RenderedObject,
  image: string,
  texts: readonly ConfigurationText[],
  version: string,
): Finding {
  const tag = imageTag(image) ?? '';
  const [place] = placesOfTag(texts, tag);
  const key = place?.path.split('.').at(-1) ?? 'tag';
  const written = place?.value === tag ? `${key}: ${tag}` : `${key}: ${place?.value ?? tag}`;
  const where = place === undefined ? 'config and set' : `${place.name} (line ${place.line})`;
  return {
    id: 'configuration-other-version',
    severity: 'error',
    object: nameOfObject(object),
    message: `the configuration would install the image ${image}, but the version to install is ${version}`,
    remedy: `Take \`${written}\` out of ${where}, or set it to ${place?.value.replace(tag, version) ?? version}.`,
  };
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

function told(line: string): Finding {
  return {
    id: 'configuration-warning',
    severity: 'warning',
    message: `istioctl says of the configuration: ${line}`,
    remedy: 'Correct config or set for the target version; what istioctl does not know has no effect.',
  };
}
