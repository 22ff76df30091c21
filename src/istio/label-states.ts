import type { Phase } from '../outcome.ts';
import { adoptable } from './adoption.ts';
import { injectedBy, tagsLedBack } from './injection.ts';
import type { Mesh, MeshNamespace } from './mesh.ts';
import { movesDefault } from './movable-default.ts';
import { choiceOf } from './namespace.ts';
import { LABEL_INJECTION, LABEL_REVISION, type Labels } from './names.ts';
import { followsDefault, isMoved, isOnly, labelsBefore } from './scope.ts';
import type { Sides } from './side.ts';

/** Labels that a namespace has while, or after, proxies are on the target. */
export interface LabelState {
  readonly labels: Labels;
  /** The labels in words. */
  readonly words: string;
  /** Whose proxies call it then. */
  readonly calledBy: readonly ('from' | 'to')[];
  /** What would be refused for it, where this phase is not. */
  readonly later?: 'Promote' | 'A canary of other namespaces';
}

/** An upgrade, as far as it changes labels of namespaces. */
export interface Relabelling {
  readonly mesh: Mesh;
  readonly sides: Sides;
  /** Precheck speaks for all that follows. */
  readonly phase: Exclude<Phase, 'rollback'>;
  /** Those that this phase relabels, or that canary would in a precheck. */
  readonly now: readonly MeshNamespace[];
  /** Those that promote relabels. */
  readonly later: readonly MeshNamespace[];
  /** Whether it is known which namespaces a canary moves, and so which it leaves. */
  readonly isChosen: boolean;
  /** The tag that namespaces are to follow which name the old revision. */
  readonly adopts: string | undefined;
}

/**
 * The labels by which control planes have to find a namespace, from the moment at which this phase puts proxies on the target:
 * as they are, where it does not relabel it; as moved; and as promote leaves them, when it puts labels back or lets namespaces
 * follow a tag.
 */
export function labelStates(namespace: MeshNamespace, relabelling: Relabelling): LabelState[] {
  const { sides, phase, now, later, isChosen } = relabelling;
  const { labels } = namespace;
  const isNow = now.includes(namespace);
  const isLater = later.includes(namespace);
  const whole = phase === 'canary' ? { later: 'Promote' as const } : {};
  const moved = isNow || isLater ? movedLabels(labels, sides.to.revision) : labels;
  const taken = labels[LABEL_INJECTION] === undefined ? '' : `, without ${LABEL_INJECTION}`;
  return [
    ...(isNow
      ? []
      : [
          {
            labels,
            words: 'its labels as they are',
            calledBy: ['to' as const],
            ...(isLater && !isChosen ? { later: 'A canary of other namespaces' as const } : {}),
          },
        ]),
    ...(isNow || isLater
      ? [
          {
            labels: moved,
            words: `the label ${LABEL_REVISION}=${sides.to.revision}${taken}`,
            calledBy: ['from' as const, 'to' as const],
            ...(isNow ? {} : whole),
          },
        ]
      : []),
    ...leftByPromote(namespace, moved, relabelling).map((state) => ({ ...state, ...whole })),
  ];
}

function movedLabels(labels: Labels, target: string): Labels {
  const others = Object.entries(labels).filter(([label]) => label !== LABEL_INJECTION);
  return { ...Object.fromEntries(others), [LABEL_REVISION]: target };
}

/** What promote makes of moved labels at its end; nothing where it leaves them. */
function leftByPromote(
  namespace: MeshNamespace,
  moved: Labels,
  { mesh, sides, adopts }: Relabelling,
): LabelState[] {
  const { revision } = sides.to;
  const calledBy = ['to' as const];
  if (adopts !== undefined && adoptable({ namespaces: [namespace] }, sides, adopts).length > 0) {
    const labels = { ...moved, [LABEL_REVISION]: adopts };
    return [{ labels, words: `the label ${LABEL_REVISION}=${adopts}, which adopt-tags gives it`, calledBy }];
  }
  const labels = labelsBefore(namespace, revision);
  const isRelabelled = moved !== namespace.labels || isMoved(namespace, revision);
  return isRelabelled && choosesOncePromoted(labels, mesh, sides)
    ? [{ labels, words: 'its labels of before, which promote puts back', calledBy }]
    : [];
}

/** Whether labels choose the target alone, once the default and the tags of the old control plane lead there. */
function choosesOncePromoted(labels: Labels, mesh: Mesh, sides: Sides): boolean {
  const [from, to] = [sides.from.revision, sides.to.revision];
  if (movesDefault(mesh, sides) && followsDefault({ choice: choiceOf(labels), labels })) return true;
  return isOnly(injectedBy(tagsLedBack(mesh.injectors, from, to), labels), to);
}
