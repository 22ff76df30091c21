import type { PodMakerObject, PodTemplate } from '../cluster/objects.ts';
import { isAcceptedJob, jobOfCronJob } from './cron-job.ts';
import { templatesAsked } from './injection-templates.ts';
import type { Frame, PodMaker } from './mesh.ts';
import { pinnedRevision, podInjectedBy } from './pod-injection.ts';
import { textsOf } from './text.ts';
import { type Accepted, nobody } from './stragglers.ts';
import { templateOwnerOf } from './template-owner.ts';

/**
 * The kinds that make pods later and are not restarted here. Argo's Rollout is there only where its CRD is. ReplicaSets
 * are read for the removal proof alone: a mesh has ten for each Deployment, and those of nobody are rare.
 */
export const MAKER_KINDS = ['CronJob', 'Job', 'Rollout'] as const;
export type MakerKind = (typeof MAKER_KINDS)[number] | 'ReplicaSet';

/**
 * One whose next pod this mesh would inject; undefined for any other, for a Job that has ended, and for what another
 * object owns (a Deployment's ReplicaSet, a CronJob's Job).
 */
export function makerOf(
  kind: MakerKind,
  item: PodMakerObject,
  frame: Frame,
  accepted: Accepted = nobody,
): PodMaker | undefined {
  const { metadata, status } = item;
  if (metadata.ownerReferences?.some(({ controller }) => controller === true) === true) return undefined;
  const ended =
    kind === 'Job' &&
    status?.conditions?.some(
      ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
    );
  const template = templateOf(item);
  if (ended === true || template === undefined) return undefined;
  if (template.spec?.hostNetwork === true) return undefined;
  const { namespace = '', name } = metadata;
  const labels = textsOf(template.metadata?.labels);
  const annotations = textsOf(template.metadata?.annotations);
  const injected = podInjectedBy(frame, { labels, annotations, namespace });
  if (injected.length === 0) return undefined;
  const pinned = pinnedRevision(frame, { namespace, labels });
  const templates = templatesAsked(annotations);
  return {
    kind,
    namespace,
    name,
    injectedBy: injected,
    pinnedRevision: pinned,
    ...(templates.length === 0 ? {} : { templates }),
    ...(pinned === undefined ? {} : { keptBy: templateOwnerOf(metadata) }),
    accepted:
      accepted({ kind, namespace, name, labels }) ||
      (kind === 'Job' && isAcceptedJob(jobOfCronJob(metadata), accepted)),
  };
}

/** A Rollout's CRD leaves the template's metadata to whoever writes it, and its spec may be missing. */
export function templateOf({ spec }: PodMakerObject): Partial<PodTemplate> | undefined {
  return spec?.template ?? spec?.jobTemplate?.spec?.template ?? undefined;
}
