import { hasDefaultTag } from './default-tag-left.ts';
import { dialectOfText } from './dialect.ts';
import { type Injector, servesDefault } from './injection.ts';
import type { Mesh } from './mesh.ts';
import { DEFAULT_TAG, UNREVISIONED } from './names.ts';
import { choiceOf } from './namespace.ts';
import { followsDefault, labelsBefore, lacksDefault, movedNamespaces } from './scope.ts';
import type { Sides } from './side.ts';

type Others = Pick<Mesh, 'defaultInjector' | 'foreignInjectors'>;
/** What tells whose the default is. */
export type DefaultSeen = Others & Pick<Mesh, 'injectors' | 'defaultValidator' | 'namespaces' | 'workloads'>;

/**
 * Whether the default is a tag with a validator of its own, which an upgrade moves from one side to the other: from 1.12 on.
 * Before, `istio-injection=enabled` is always the control plane's without a revision, and nothing takes it from there: the
 * documents of these releases relabel every namespace to the revision. So does an upgrade across that line, as the older
 * istioctl could not bring the default back.
 */
export function knowsDefaultTag({ from, to }: Sides): boolean {
  // What is gone tells no version, and leaves the other one to decide.
  return [from, to].every(({ version }) => hasDefaultTag(version));
}

/**
 * The injector of another mesh that has the default, where none of this mesh serves it: a cluster has but one (istio.io,
 * "Install Multiple Istio Control Planes in a Single Cluster": the mesh that was installed first has it, the others go by
 * `istio.io/rev`). Its tag and the default validator are that mesh's, to move and to miss.
 */
export function anothersDefault({ defaultInjector, foreignInjectors }: Others): Injector | undefined {
  if (defaultInjector.length > 0) return undefined;
  const serving = foreignInjectors.filter(servesDefault);
  return serving.find(({ tag }) => tag === DEFAULT_TAG) ?? serving[0];
}

/** Whether an upgrade moves the default: where there is one that moves, and it is this mesh's, or nobody's and would be taken. */
export function movesDefault(mesh: DefaultSeen, sides: Sides): boolean {
  return knowsDefaultTag(sides) && anothersDefault(mesh) === undefined && !staysVacant(mesh, sides.to);
}

/**
 * Whether nobody has the default, neither its injector nor its validator, nobody follows it, and installing a release leaves it
 * so: a mesh that goes by `istio.io/rev` alone, as an upgrade from below 1.12 leaves it. A validator without an injector, or
 * somebody who follows the default, is what is left of one that was taken away: `istioctl uninstall` of the revision that has
 * it takes both of its objects (observed with 1.29 to 1.31).
 */
function staysVacant(mesh: DefaultSeen, to: Sides['to']): boolean {
  return (
    mesh.defaultInjector.length === 0 &&
    mesh.defaultValidator === undefined &&
    !takesVacant(mesh, to) &&
    !isFollowed(mesh, to.revision)
  );
}

/** Whether something follows the default, or did before an upgrade moved it. */
function isFollowed(
  mesh: Pick<DefaultSeen, 'injectors' | 'namespaces' | 'workloads'>,
  target: string,
): boolean {
  return (
    lacksDefault(mesh) ||
    movedNamespaces(mesh, target).some((namespace) => {
      const labels = labelsBefore(namespace, target);
      return followsDefault({ labels, choice: choiceOf(labels) });
    })
  );
}

/**
 * Whether installing a release takes a default that nobody has: one without a revision always does, one with a revision from
 * 1.27 on, and until 1.23 where it brings the first injector of the cluster (Istio's operator/cmd/mesh/install.go).
 */
export function takesVacant(
  { injectors, foreignInjectors }: Pick<Mesh, 'injectors' | 'foreignInjectors'>,
  { revision, version }: Sides['to'],
): boolean {
  if (revision === UNREVISIONED) return true;
  const taken = dialectOfText(version)?.takesDefault ?? 'vacant';
  return taken === 'vacant' || (taken === 'first' && injectors.length + foreignInjectors.length === 0);
}

/**
 * Whether installing a revision of a release takes the default all the same: from 1.27 on where no mesh has it by a tag
 * (Istio's istioctl/pkg/tag/util.go, `PreviousInstallExists`), whoever serves it otherwise.
 */
export function takesDefaultOf({ tag }: Injector, { version }: Sides['to']): boolean {
  const dialect = dialectOfText(version);
  return tag !== DEFAULT_TAG && (dialect === undefined || dialect.takesDefault === 'vacant');
}
