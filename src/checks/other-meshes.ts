import type { Finding } from '../finding.ts';
import { firstOf } from '../istio/first-of.ts';
import { labelling } from '../istio/immovable.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import { movesDefault } from '../istio/movable-default.ts';
import { LABEL_REVISION } from '../istio/names.ts';
import { placesOfOthers } from '../istio/other-meshes.ts';
import { followsDefault, namesGone } from '../istio/scope.ts';
import type { Check, CheckView } from './check.ts';

/** So many namespaces are named. */
const NAMED = 20;

/** What another mesh injects, or what nobody does although a label asks for it: listed, never written, never judged (M03). */
export const otherMeshes: Check = (view) => {
  const { mesh, phase, upgrade } = view;
  const places = placesOfOthers(mesh);
  const theirs = mesh.namespaces.filter(
    ({ foreign, injectedBy }) => foreign.length > 0 && injectedBy.length === 0,
  );
  const nobodys = mesh.namespaces.filter(
    ({ choice, foreign, injectedBy, terminating }) =>
      choice !== 'none' && foreign.length + injectedBy.length === 0 && !terminating,
  );
  return [
    ...taken(view),
    ...(places.length === 0
      ? []
      : [
          {
            id: 'other-mesh-present',
            severity: 'info' as const,
            message: `control planes of another mesh are there, in ${places.join(' and ')}; ${theirs.length === 0 ? 'they inject no namespace' : `they inject ${named(theirs)}`}. Nothing of it is touched`,
            remedy: 'Nothing, if that is meant so. For that mesh run this Action with its istio-namespace.',
          },
        ]),
    ...nobodys.map((namespace) => {
      const isLed = phase === 'promote' && movesDefault(mesh, upgrade) && followsDefault(namespace);
      // Somebody (CI that applies it again) has put back what promote had moved: it is not done.
      const isLeft =
        phase === 'promote' &&
        namesGone(namespace, upgrade.from.revision) &&
        planeOfRevision(mesh, upgrade.from.revision) === undefined;
      return {
        id: 'namespace-chooses-nothing',
        severity: isLeft ? ('error' as const) : ('warning' as const),
        object: `Namespace ${namespace.name}`,
        message: `its labels choose a revision that nobody serves (${(isLed ? undefined : namespace.labels[LABEL_REVISION]) ?? 'default'}): new pods come without a sidecar${isLed ? ' until promote leads the default there' : '. It is left alone'}`,
        remedy: isLed
          ? `Nothing: with the default tag it follows ${upgrade.to.revision}, and its workloads are restarted.`
          : isLeft
            ? `Label it for the control plane that is there (\`${labelling(namespace.name, upgrade.to.revision)}\`), where its labels are kept, then run promote again: it restarts what has no proxy of it.`
            : 'Label it for a revision that is there, if it should be in the mesh.',
      };
    }),
  ];
};

/**
 * Two webhooks by one name take the same namespaces, whosever they are: which of the two istiods a pod is given is then chance.
 * Where the target is there already, the rehearsal shows whose it is.
 */
function taken({ mesh, upgrade: { to } }: CheckView): Finding[] {
  const { revision } = to;
  if (planeOfRevision(mesh, revision) !== undefined) return [];
  const theirs = mesh.foreignInjectors.find((item) => item.revision === revision || item.tag === revision);
  if (theirs === undefined) return [];
  return [
    {
      id: 'revision-taken',
      severity: 'error',
      object: `MutatingWebhookConfiguration ${theirs.configuration}`,
      message: `another mesh (${theirs.istioNamespace ?? 'in another cluster'}) has a revision or a tag ${revision} already: it would inject what this upgrade moves, too`,
      remedy: `Give the new control plane another name, in every phase of this upgrade: revision: ${revision}-b`,
    },
  ];
}

function named(namespaces: readonly { readonly name: string }[]): string {
  return firstOf(
    namespaces.map(({ name }) => name),
    NAMED,
  );
}
