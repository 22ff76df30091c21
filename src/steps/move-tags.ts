import type { View } from '../decide/upgrade.ts';
import { isFollowed, wayBackOf } from '../decide/tag-moves.ts';
import type { Finding } from '../finding.ts';
import { changedByAccident } from '../istio/accident.ts';
import { keptElsewhere } from '../istio/kept-tags.ts';
import type { Mesh } from '../istio/mesh.ts';
import { type TagMoves, followersOf, tagChanges } from '../istio/tags.ts';
import { covers } from '../istio/scope.ts';
import type { Context } from './context.ts';
import { type Step, StepFailed } from './step.ts';
import { changeTag } from './tag-command.ts';

/**
 * Points revision tags to where the phase takes them, by the documents' own command, one after the other, and sees each
 * of them (T05: exit code 0 proves nothing). Their namespaces follow at once, without a change of their labels.
 *
 * @param side whose istioctl does it
 */
export function moveTags(side: 'from' | 'to'): Step {
  return {
    id: side === 'to' ? 'move-tags' : 'restore-tags',
    title: side === 'to' ? 'Move the revision tags' : 'Put back the revision tags',
    timeoutMs: 5 * 60_000,
    plan: ({ mesh, upgrade }) => tagChanges(mesh, upgrade.tags),
    run: async (context, view) => {
      const { tags } = context.upgrade;
      await takeTags(context, view.mesh, tags, side);
      const count = Object.keys(tags).length;
      return count === 1
        ? '1 tag is where this phase takes it'
        : `${String(count)} tags are where this phase takes them`;
    },
  };
}

async function takeTags(context: Context, mesh: Mesh, moves: TagMoves, side: 'from' | 'to'): Promise<void> {
  let before = mesh;
  for (const [tag, revision] of Object.entries(moves)) {
    const move = { [tag]: revision };
    if (tagChanges(before, move).length === 0) continue;
    // It was decided on before: somebody may follow it since, and would be injected by nobody.
    if (revision === null && isFollowed(before, tag)) throw new StepFailed([followedSince(tag)]);
    const { after, denied, stillToDo } = await changeTag(context, side, 'istioctl tag', (istioctl, call) =>
      revision === null
        ? istioctl.removeTag({ tag }, call)
        : istioctl.setTag({ tag, revision, injectsAll: false }, call),
    );
    const findings = [
      ...denied,
      ...tagChanges(after, move).map((what): Finding => ({
        id: 'tag-not-moved',
        severity: 'error',
        object: `tag ${tag}`,
        message: stillToDo(what),
        remedy: `Look at the webhook and the Service of the tag (kubectl get mutatingwebhookconfigurations,services -A -l istio.io/tag=${tag}), then run the phase again.`,
      })),
      ...changedByAccident(before, after, { command: `istioctl tag of ${tag}`, own: '', tag }),
    ];
    if (findings.length > 0) throw new StepFailed(findings);
    before = after;
  }
}

function followedSince(tag: string): Finding {
  return {
    id: 'tag-not-moved',
    severity: 'error',
    object: `tag ${tag}`,
    message:
      'this upgrade made it and was to remove it, and somebody follows it since: new pods there would get no sidecar',
    remedy: 'Run the phase again: it points the tag to the old control plane.',
  };
}

/**
 * Takes tags back that a phase has moved, as long as no pod that follows them is on the target yet: what was rehearsed
 * failed, and every pod born meanwhile would meet it.
 *
 * @returns what was taken back, for the report
 */
export async function takeTagsBack(context: Context, { mesh, record, upgrade }: View): Promise<string[]> {
  const moved = Object.keys(upgrade.tags).filter((tag) => {
    const reach = { namespaces: followersOf(mesh, [tag]).map(({ name }) => name), tags: [tag] };
    return !mesh.pods.some((pod) => covers(reach, pod) && pod.revision === upgrade.to.revision);
  });
  const known = new Map(Object.entries(record?.tags ?? {}));
  const back = Object.fromEntries(
    moved
      .map((tag) => [tag, wayBackOf(tag, mesh, upgrade.from, known)] as const)
      // Git has moved it, and would move it again.
      .filter(([tag, revision]) => keptElsewhere(mesh, tag, revision) === undefined),
  );
  await takeTags(context, mesh, back, 'to');
  return Object.keys(back).map((tag) => `Tag ${tag}`);
}
