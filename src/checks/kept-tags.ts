import type { Finding } from '../finding.ts';
import { type KeptTag, keptElsewhere, leading, nameOfTag, tagsKeptAt } from '../istio/kept-tags.ts';
import { DEFAULT_TAG } from '../istio/names.ts';
import { followersOf } from '../istio/tags.ts';
import { capped } from './capped.ts';
import type { Check, CheckView } from './check.ts';

/**
 * Revision tags and the default one that Git or Helm keeps are theirs to move (H18, M28): moved by istioctl they would go back
 * with the next sync, to a control plane that may be gone by then. An error where this phase would move one; canary tells
 * what promote will ask for, and rollback leaves one as it leaves a namespace that chooses the target by itself.
 */
export const keptTags: Check = (view) =>
  capped(view.phase === 'rollback' ? onTheWayBack(view) : onTheWayUp(view));

function onTheWayUp({ mesh, phase, state, upgrade }: CheckView): Finding[] {
  const { from, to, tags } = upgrade;
  const moved = Object.entries(tags).flatMap(([tag, revision]) => keptElsewhere(mesh, tag, revision) ?? []);
  const later = tagsKeptAt(mesh, upgrade, from.revision).filter(({ tag }) => !Object.hasOwn(tags, tag));
  // They are a part of the canary then, and on the target by nothing but their label.
  const hasFollowers = ({ tag }: KeptTag): boolean =>
    tag !== DEFAULT_TAG && followersOf(mesh, [tag]).length > 0;
  // Git leads all that follow it there at once: to a control plane that was seen to work.
  const works = phase === 'promote' || state === 'canary';
  const now = (kept: KeptTag): Finding => {
    const set = leading(kept, to.revision);
    const again =
      phase === 'promote' && state === 'canary' && hasFollowers(kept)
        ? `run canary with canary-tag: ${kept.tag} (it restarts what follows the tag), and promote again.`
        : `run ${phase} again: it finds the tag there, and goes on.`;
    return wouldGoBack(
      kept,
      'error',
      works
        ? `${set}, then ${again}`
        : `Leave ${nameOfTag(kept.tag)} out: choose the canary with canary-namespaces. Once that has succeeded: ${set}.`,
    );
  };
  return [
    ...moved.map(now),
    ...later.map((kept) =>
      phase === 'promote'
        ? now(kept)
        : wouldGoBack(
            kept,
            'warning',
            `Once canary has succeeded, and before promote: ${leading(kept, to.revision)}${hasFollowers(kept) ? `, then run canary with canary-tag: ${kept.tag}` : ''}.`,
          ),
    ),
  ];
}

/** All else follows the default, so that has to be there first; what follows another tag goes back when that has. */
function onTheWayBack({ mesh, upgrade }: CheckView): Finding[] {
  const { from, to } = upgrade;
  return tagsKeptAt(mesh, upgrade, to.revision).map((kept) => {
    const remedy = `${leading(kept, from.revision)}, then run rollback again.`;
    return kept.tag === DEFAULT_TAG
      ? wouldGoBack(kept, 'error', remedy)
      : {
          ...wouldGoBack(kept, 'warning', remedy),
          message: `${kept.keeper} keeps ${nameOfTag(kept.tag)} at ${to.revision}: rollback leaves it, and ${to.revision} is not removed as long as it leads there`,
        };
  });
}

function wouldGoBack(
  { tag, revision, object, keeper, place }: KeptTag,
  severity: Finding['severity'],
  remedy: string,
): Finding {
  return {
    id: 'tag-kept-in-git',
    severity,
    object,
    message: `${keeper} keeps ${nameOfTag(tag)} at ${revision}${place === 'in Git' ? ' from Git' : ''}, and would undo a change of it without a word`,
    remedy,
  };
}
