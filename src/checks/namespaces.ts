import type { Finding } from '../finding.ts';
import { istioctlAt } from '../istio/home.ts';
import { type Mesh, userTags } from '../istio/mesh.ts';
import { movesDefault } from '../istio/movable-default.ts';
import { LABEL_REVISION } from '../istio/names.ts';
import {
  coversNamespace,
  followsByGit,
  isMoved,
  isOnly,
  meshNamespaces,
  takenNamespaces,
} from '../istio/scope.ts';
import { labelling } from '../istio/immovable.ts';
import { isInPlace } from '../istio/side.ts';
import { followsTag, namesOf } from '../istio/tags.ts';
import type { Check, CheckView } from './check.ts';

/** Every namespace chooses one control plane, and nothing else decides about a label that must change. */
export const namespaces: Check = (view) => [
  ...view.mesh.namespaces
    .filter(({ terminating }) => !terminating)
    .flatMap((namespace) => overlapping(view.mesh, namespace)),
  ...meshNamespaces(view.mesh).flatMap((namespace) => {
    const { name, choice, labels, injectedBy, git } = namespace;
    const object = `Namespace ${name}`;
    const findings: Finding[] = [];
    if (choice === 'both') {
      findings.push({
        id: 'both-injection-labels',
        severity: 'warning',
        object,
        message: `it has istio-injection=enabled and istio.io/rev=${labels[LABEL_REVISION] ?? ''}; the first wins`,
        remedy: movesDefault(view.mesh, view.upgrade)
          ? 'Both are put back as they are when the default tag has moved. Remove istio.io/rev to be clear.'
          : 'Remove istio.io/rev to be clear; the move takes istio-injection away.',
      });
    }
    const settled = injectedBy.every((revision) => revision === view.upgrade.to.revision);
    // Where no default moves, another check refuses what follows it.
    const follows = followsByGit(namespace) && !movesDefault(view.mesh, view.upgrade);
    if (git !== undefined && !settled && !follows && mustChange(view, namespace)) {
      findings.push({
        id: 'git-owns-labels',
        severity: 'error',
        object,
        message: `${git.tool} keeps ${git.labels.map((label) => `${label}=${labels[label] ?? ''}`).join(' and ')} from Git, and would undo a change of it without a word`,
        remedy: followsByGit(namespace)
          ? 'Leave it out of canary-namespaces: it follows the default tag in promote, without a change of its labels.'
          : `Change the label of namespace ${name} in Git: ${movesDefault(view.mesh, view.upgrade) ? 'to istio-injection=enabled, so that it follows the default tag, or ' : ''}to istio.io/rev=${view.upgrade.to.revision} once the canary is there (and back before a rollback).`,
      });
    }
    return findings;
  }),
  ...early(view),
  ...notOurs(view),
];

function overlapping(mesh: Mesh, { name, injectedBy, foreign }: Mesh['namespaces'][number]): Finding[] {
  const all = [...injectedBy, ...(injectedBy.length > 0 ? foreign : [])];
  return all.length < 2
    ? []
    : [
        {
          id: 'injectors-overlap',
          severity: 'error',
          object: `Namespace ${name}`,
          message: `its pods are injected by ${all.join(' and ')}`,
          remedy: `Leave one of the webhooks: see ${istioctlAt(mesh, 'x injector list')}.`,
        },
      ];
}

/** Whether an upgrade changes a label that Git keeps; one that follows the default is changed for a canary alone. */
function mustChange(
  { phase, mesh, upgrade: { scope, tags } }: CheckView,
  namespace: CheckView['mesh']['namespaces'][number],
): boolean {
  if (followsTag(namespace, Object.keys(tags))) return false;
  // Promote moves what they follow, and no label of theirs.
  if (followsTag(namespace, namesOf(userTags(mesh))) || followsByGit(namespace))
    return phase !== 'promote' && coversNamespace(scope, namespace.name);
  return phase !== 'canary' || coversNamespace(scope, namespace.name);
}

/**
 * A label that names the target before it is there, or while it does not inject: its pods would move by themselves, and
 * nothing leads them back (M40). What this upgrade has moved leads back by itself.
 */
function early({ mesh, upgrade }: CheckView): Finding[] {
  const { to } = upgrade;
  if (isInPlace(upgrade)) return [];
  return mesh.namespaces
    .filter(
      (namespace) =>
        namespace.choice === 'revision' &&
        namespace.labels[LABEL_REVISION] === to.revision &&
        // What another mesh injects is not early, and not ours.
        namespace.injectedBy.length + namespace.foreign.length === 0 &&
        !isMoved(namespace, to.revision),
    )
    .map(({ name }) => ({
      id: 'namespace-chooses-target-already',
      severity: 'error',
      object: `Namespace ${name}`,
      message: `it is labelled istio.io/rev=${to.revision} before that control plane injects anybody: rollback could not bring it back to what it was`,
      remedy: `Label it for the current control plane, or take the label away (kubectl label namespace ${name} istio.io/rev-).`,
    }));
}

/**
 * A canary of nothing but namespaces that choose the target by labels which this upgrade did not write, or whose labels of
 * before are lost: there is nothing to do, and nothing that rollback could lead back, so it would never become a canary
 * (story 116001:909).
 */
function notOurs({ phase, state, mesh, upgrade }: CheckView): Finding[] {
  const { from, to, scope } = upgrade;
  const isSought =
    (phase === 'canary' || phase === 'precheck') && state === 'canarying' && !isInPlace(upgrade);
  if (!isSought || scope.tags.length > 0 || takenNamespaces(mesh, to.revision).length > 0) return [];
  const chosen = mesh.namespaces.filter(({ name }) => coversNamespace(scope, name));
  if (!chosen.every(({ injectedBy }) => isOnly(injectedBy, to.revision))) return [];
  return chosen.map(({ name }) => ({
    id: 'namespace-chooses-target-already',
    severity: 'error',
    object: `Namespace ${name}`,
    message: `its labels choose ${to.revision}, and nothing tells what they were before this upgrade: rollback could not bring it back, so it is no canary`,
    remedy: `Label it for the current control plane (\`${labelling(name, from.revision)}\`), and run canary again: it moves the namespace, and keeps what it was.`,
  }));
}
