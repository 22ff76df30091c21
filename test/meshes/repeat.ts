import { faultAnnotations } from '../suite/fault.ts';
import type { Act as ScenarioAct, Event, Scenario } from '../suite/scenario.ts';
import type { Outcome, UpgradeState } from '../../src/outcome.ts';
import type { ActorAct } from './acts.ts';
import { held, heldObject, restarted } from './actors.ts';
import { FROM, RECORD } from './features.ts';
import type { Ended } from './play.ts';
import type { Story } from './story.ts';
import { actsOf, installsBeside, objectsOf } from './world.ts';
import { namespace, workload } from './workloads.ts';

/** A story as a scenario that must go the same way on another cluster, or why it can't be told there. */
export type Repeat = { readonly scenario: Scenario } | { readonly why: string };

/**
 * Strikes in the middle of a run are left to the crash matrix, which has the testbed's own; what waited on the embedded
 * cluster until it was told to stop would wait its whole timeout here.
 *
 * @param ends how each act of the story ended on the embedded cluster
 */
export function repeatOf(story: Story, ends: readonly Ended[]): Repeat {
  const struck = story.acts.some((act) => 'run' in act && act.during !== undefined);
  if (struck) return { why: 'somebody acts in the middle of a run' };
  if (ends.some((end) => 'waited' in end && end.waited)) return { why: 'a run waits until its time is over' };
  if (story.features.includes('own-ca')) return { why: 'nobody signs its certificates there' };
  const events = [
    ...actsOf(story),
    ...story.acts.filter(
      (act, index) => 'actor' in act && ends[index] !== undefined && 'done' in ends[index],
    ),
  ].map((act) => eventsOf(act as ActorAct, story));
  if (events.includes(undefined)) return { why: 'somebody does what a scenario has no word for' };
  return { scenario: scenarioOf(story, ends) };
}

function scenarioOf(story: Story, ends: readonly Ended[]): Scenario {
  const installs = installsBeside(story).map((args) => ({ event: { istioctl: args } }));
  return {
    id: `mesh-${String(story.seed)}-${String(story.index)}`,
    shows: 'a generated story goes the same way on both clusters',
    mesh: story.form,
    leaves: 'changed',
    acts: [
      ...installs,
      ...objectsOf(story).map((create) => ({ event: { create } })),
      QUIET,
      ...actsOf(story).flatMap((act) => eventsOf(act, story) ?? []),
      QUIET,
      ...story.acts.flatMap((act, index): ScenarioAct[] => {
        const end = ends[index];
        if (end === undefined) return [];
        if ('actor' in act) return 'done' in end && end.done ? [...(eventsOf(act, story) ?? []), QUIET] : [];
        if (!('outcome' in end)) return [];
        const { outcome, state, errors } = end;
        return [
          {
            run: act.run,
            inputs: act.inputs,
            then: { outcome: outcome as Outcome, state: state as UpgradeState | '', errors },
          },
          QUIET,
        ];
      }),
    ],
  };
}

const QUIET: ScenarioAct = { event: { quiet: true } };

/** What an actor does, in words of a scenario; undefined where it has none. */
function eventsOf(act: ActorAct, story: Story): ScenarioAct[] | undefined {
  const events = wordsOf(act, story);
  return events?.map((event) => ({ event }));
}

function wordsOf(act: ActorAct, story: Story): Event[] | undefined {
  const labels = (home: string, given: Readonly<Record<string, string | null>>): Event => ({
    patch: `Namespace ${home}`,
    with: { metadata: { labels: given } },
  });
  switch (act.actor) {
    case 'label':
      return [labels(act.namespace, { [act.key]: act.value })];
    case 'create-namespace':
      return [
        { create: namespace(act.namespace, act.labels) },
        { create: workload(act.namespace, 'newcomer') },
      ];
    case 'create':
      return [{ create: act.manifest }];
    case 'scale':
      return [{ patch: act.object, with: { spec: { replicas: act.to } } }];
    case 'delete':
      return [{ delete: act.object }];
    case 'annotate':
      return [
        {
          patch: `Namespace ${act.namespace}`,
          with: { metadata: { annotations: { 'istio-upgrade/original-labels': act.originals } } },
        },
      ];
    case 'record':
      return act.with === null ? [{ delete: `ConfigMap istio-system/${RECORD}` }] : undefined;
    case 'istioctl':
      return act.version === FROM.version ? [{ istioctl: act.args }] : undefined;
    case 'git': {
      const wanted = objectsOf(story).find(
        ({ kind, metadata }) => kind === 'Namespace' && metadata.name === act.namespace,
      );
      const own = (key: string): string | null => wanted?.metadata.labels?.[key] ?? null;
      return [
        labels(act.namespace, {
          'istio.io/rev': own('istio.io/rev'),
          'istio-injection': own('istio-injection'),
        }),
      ];
    }
    case 'break': {
      const { 'testbed/ready': ready } = faultAnnotations('never-ready', '');
      return [
        {
          patch: act.object,
          with: { spec: { template: { metadata: { annotations: { 'testbed/ready': ready } } } } },
        },
      ];
    }
    case 'heal':
      return [{ heal: act.object }];
    case 'undo':
    case 'restart':
      return [
        {
          patch: act.object,
          with: { spec: { template: { metadata: { annotations: restarted(act.actor) } } } },
        },
      ];
    case 'hold':
    case 'release':
      return [{ patch: act.object, with: { spec: held(act.object, act.actor === 'hold') } }];
    case 'hang':
      return [{ create: heldObject(act.namespace) }, { delete: `Namespace ${act.namespace}`, hangs: true }];
    case 'mark':
      return [{ patch: act.object, with: { metadata: { annotations: act.annotations } } }];
    case 'lease':
    case 'drain':
      return undefined;
  }
}
