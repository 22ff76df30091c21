import { hasDefaultTag } from './default-tag-left.ts';
import { dialectOfText } from './dialect.ts';
import { type Injector, servesDefault } from './injection.ts';
import type { Mesh } from './mesh.ts';
import { DEFAULT_TAG } from './names.ts';
import type { Sides } from './side.ts';

type Seen = Pick<Mesh, 'defaultInjector' | 'foreignInjectors'>;

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
export function anothersDefault({ defaultInjector, foreignInjectors }: Seen): Injector | undefined {
  if (defaultInjector.length > 0) return undefined;
  const serving = foreignInjectors.filter(servesDefault);
  return serving.find(({ tag }) => tag === DEFAULT_TAG) ?? serving[0];
}

/** Whether an upgrade moves the default: where there is one that moves, and it is this mesh's, or nobody's. */
export function movesDefault(mesh: Seen, sides: Sides): boolean {
  return knowsDefaultTag(sides) && anothersDefault(mesh) === undefined;
}

/**
 * Whether installing a revision of a release takes the default all the same: from 1.27 on where no mesh has it by a tag
 * (Istio's istioctl/pkg/tag/util.go, `PreviousInstallExists`), whoever serves it otherwise.
 */
export function takesDefaultOf({ tag }: Injector, { version }: Sides['to']): boolean {
  const dialect = dialectOfText(version);
  return tag !== DEFAULT_TAG && (dialect === undefined || dialect.takesDefault === 'vacant');
}
