import type { ActorAct, RunAct } from './acts.ts';
import { titleOf } from './acts.ts';
import { held, heldObject } from './actors.ts';
import { FROM } from './features.ts';
import type { Found } from './play.ts';
import type { Story } from './story.ts';
import { actsOf, installsBeside, objectsOf } from './world.ts';

/**
 * A story as a scenario of test/suite, to be put there once its kind is mended: mesh and acts as they were, and in `then`
 * what must be filled in by whoever knows what is right. What a scenario has no word for is a comment.
 */
export function scenarioOf(story: Story, found: readonly Found[]): string {
  const first = found[0];
  const objects = objectsOf({ ...story, features: story.features }).slice(
    objectsOf({ ...story, features: [] }).length,
  );
  const lines = [
    ...installsBeside(story).map((args) => entry({ event: { istioctl: [FROM.version, ...args] } })),
    ...objects.map((create) => entry({ event: { create } })),
    ...actsOf(story).map(eventOf),
    ...story.acts.flatMap((act, index) => {
      const wrong = found
        .filter(({ at }) => at === index)
        .map(({ rule, text }) => `    // ✘ ${rule}: ${oneLine(text)}`);
      return [...wrong, 'run' in act ? runOf(act) : eventOf(act)];
    }),
    ...found
      .filter(({ at }) => at >= story.acts.length)
      .map(({ rule, text }) => `    // then ✘ ${rule}: ${oneLine(text)}`),
  ];
  return [
    '{',
    `  id: 'mesh-${first?.rule ?? 'story'}-${String(story.seed)}-${String(story.index)}',`,
    `  shows: ${JSON.stringify(first === undefined ? 'a generated story' : oneLine(first.text))},`,
    `  mesh: '${story.form}',`,
    `  leaves: 'changed',`,
    '  acts: [',
    '    // In the generated mesh the canary is namespace `first`, and `follows` follows the default; in the shop: storefront, checkout.',
    ...lines,
    '  ],',
    '}',
  ].join('\n');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 300);
}

function entry(value: object): string {
  return `    ${JSON.stringify(value)},`;
}

function runOf({ run, inputs, during }: RunAct): string {
  const act = {
    run,
    ...(Object.keys(inputs).length === 0 ? {} : { inputs }),
    then: { outcome: 'succeeded' },
  };
  const befalls =
    during === undefined
      ? []
      : [
          `    // ${during.when} write ${String(during.write)} of it${during.stale === true ? ', with stale lists' : ''}: ${typeof during.by === 'string' ? during.by : titleOf(during.by)}`,
        ];
  return [...befalls, entry(act)].join('\n');
}

function eventOf(act: ActorAct): string {
  const patch = (ref: string, change: object): string => entry({ event: { patch: ref, with: change } });
  switch (act.actor) {
    case 'label':
      return patch(`Namespace ${act.namespace}`, { metadata: { labels: { [act.key]: act.value } } });
    case 'create-namespace':
      return entry({
        event: {
          create: {
            apiVersion: 'v1',
            kind: 'Namespace',
            metadata: { name: act.namespace, labels: act.labels },
          },
        },
      });
    case 'scale':
      return entry({ event: { scale: act.object, to: act.to } });
    case 'delete':
      return entry({ event: { delete: act.object } });
    case 'create':
      return entry({ event: { create: act.manifest } });
    case 'annotate':
      return patch(`Namespace ${act.namespace}`, {
        metadata: { annotations: { 'istio-upgrade/original-labels': act.originals } },
      });
    case 'mark':
      return patch(act.object, { metadata: { annotations: act.annotations } });
    case 'hang':
      return [
        entry({ event: { create: heldObject(act.namespace) } }),
        entry({ event: { delete: `Namespace ${act.namespace}`, hangs: true } }),
      ].join('\n');
    case 'istioctl':
      return entry({ event: { istioctl: [act.version, ...act.args] } });
    case 'heal':
      return entry({ event: { heal: act.object } });
    case 'hold':
    case 'release':
      return patch(act.object, { spec: held(act.object, act.actor === 'hold') });
    case 'record':
      return act.with === null
        ? entry({ event: { delete: 'ConfigMap istio-system/istio-upgrade' } })
        : `    // ${titleOf(act)}`;
    case 'drain':
    case 'git':
    case 'lease':
    case 'break':
    case 'undo':
    case 'restart':
      return `    // ${titleOf(act)}`;
  }
}
