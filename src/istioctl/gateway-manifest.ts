import type { Applied } from '../cluster/cluster.ts';
import { LABEL_REVISION } from '../istio/names.ts';
import { sharedName } from '../istio/network-policy.ts';
import { imagesOf } from '../istio/rendered-images.ts';
import type { CommandResult } from '../process/command.ts';
import { type RenderedToApply, readToApply } from './applied.ts';
import { UnreadableManifest, splitDocuments } from './manifest.ts';
import { cutLogLines, lastWords } from './output.ts';
import type { Unreadable } from './reading.ts';

/** A gateway as istioctl renders it, with all that belongs to it. */
export interface RenderedGateway {
  readonly namespace: string;
  readonly name: string;
  /** In the order in which they are to be applied: its Service first, its Deployment last. */
  readonly objects: readonly RenderedToApply[];
  /** Images of Istio that it runs. */
  readonly images: readonly string[];
}

/** Between them everything else. */
const FIRST = 'Service';
const LAST = 'Deployment';

/** The gateways that a configuration renders; none where it has none. */
export interface RenderedGateways {
  readonly readable: true;
  readonly gateways: readonly RenderedGateway[];
}

/** Reads a rendering that has nothing but gateways in it. A part of a configuration may be empty, unlike all of it. */
export function readGateways({ code, stdout, stderr }: CommandResult): RenderedGateways | Unreadable {
  if (code !== 0) return { readable: false, reason: lastWords({ stdout: '', stderr }) || 'it failed' };
  try {
    return { readable: true, gateways: gatewaysIn(cutLogLines(stdout)) };
  } catch (error) {
    if (error instanceof UnreadableManifest) return { readable: false, reason: error.message };
    throw error;
  }
}

/**
 * @throws UnreadableManifest also where something is in it that belongs to none of its gateways, or of a kind that is not
 * known: half a gateway is not to be applied
 */
function gatewaysIn(yaml: string): RenderedGateway[] {
  const objects = splitDocuments(yaml).map((document) => readToApply(document, 'the gateways have'));
  const deployments = objects.filter(({ kind }) => kind === LAST);
  return deployments.map((deployment) => {
    const { name, namespace = '' } = deployment.metadata;
    const own = objects.filter((object) => ownerOf(object, deployments) === deployment);
    const rank = ({ kind }: Applied): number => (kind === FIRST ? 0 : kind === LAST ? 2 : 1);
    return {
      namespace,
      name,
      objects: own.sort((a, b) => rank(a) - rank(b)),
      images: imagesOf(deployment),
    };
  });
}

/** The gateway whose name an object's begins with: the longest, as one may begin as another does. */
function ownerOf(object: Applied, deployments: readonly Applied[]): Applied {
  const { kind, metadata: of } = object;
  const { namespace } = of;
  const name = sharedName({ kind, name: of.name, revision: of.labels?.[LABEL_REVISION] });
  const [owner] = deployments
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace && (name === metadata.name || name.startsWith(`${metadata.name}-`)),
    )
    .sort((a, b) => b.metadata.name.length - a.metadata.name.length);
  if (owner !== undefined) return owner;
  throw new UnreadableManifest(
    `${kind} ${of.name} is rendered with the gateways, and belongs to none of them`,
  );
}
