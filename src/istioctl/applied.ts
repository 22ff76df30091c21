import type { Applied } from '../cluster/cluster.ts';
import { type Kind, RESOURCES, apiVersionOf } from '../cluster/resource.ts';
import { UnreadableManifest, readObject } from './manifest.ts';

/** An object as istioctl renders it, of a kind that this Action can apply. */
export type RenderedToApply = Applied & { readonly kind: Kind };

/**
 * @param document YAML of one object
 * @param whose for the text, such as `the gateways have`
 * @throws UnreadableManifest also where it is of a kind that is not known: half of something is not to be applied
 */
export function readToApply(document: string, whose: string): RenderedToApply {
  const object = readObject(document);
  if (typeof object?.kind !== 'string' || typeof object.metadata?.name !== 'string')
    throw new UnreadableManifest('istioctl rendered something that is no object of Kubernetes');
  const { kind, metadata, apiVersion } = object as unknown as Applied;
  if (!isKnown(kind) || apiVersionOf(kind) !== apiVersion)
    throw new UnreadableManifest(
      `${whose} ${kind} ${metadata.name} (${apiVersion}), which this Action does not apply`,
    );
  return object as unknown as RenderedToApply;
}

function isKnown(kind: string): kind is Kind {
  return Object.hasOwn(RESOURCES, kind);
}
