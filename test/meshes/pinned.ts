import type { Act, RunAct } from './acts.ts';
import { FROM } from './features.ts';
import { play } from './play.ts';
import type { Story } from './story.ts';
import { workload } from './workloads.ts';

/** A case in which somebody acts at a certain moment of a run, for which a scenario of test/suite has no word. */
export interface Pinned {
  /** As docs/hazards.md names it, or a name of its own. */
  readonly id: string;
  readonly shows: string;
  /** Its mesh; without, one with a revision and nothing odd. */
  readonly mesh?: Pick<Story, 'form' | 'features'>;
  readonly acts: readonly Act[];
  /** What the lines of acts say, by their number. */
  readonly ends: Readonly<Record<number, string>>;
}

const CANARY: RunAct = { run: 'canary', inputs: { 'canary-namespaces': 'first' } };
const PROMOTE: RunAct = { run: 'promote', inputs: {} };
const REMOVE: RunAct = { run: 'promote', inputs: { 'remove-old': 'true', 'remove-old-after': '0s' } };
const PRECHECK: RunAct = { ...CANARY, run: 'precheck' };
const NEXT: RunAct = { ...CANARY, inputs: { ...CANARY.inputs, version: '1.32.0' } };
const UNINSTALL: Act = {
  actor: 'istioctl',
  version: FROM.version,
  args: ['uninstall', '-y', '--revision', '1-30-3'],
};
const IN_PLACE: RunAct['inputs'] = { strategy: 'in-place' };
const IN_PLACE_ODD: RunAct['inputs'] = { ...IN_PLACE, 'allow-stragglers': 'ondelete/odd' };
/** What the feature `configured` has. */
const LOGGED = 'meshConfig.accessLogFile=/dev/stdout';
const CANARY_IN_PLACE: RunAct = { ...CANARY, inputs: { ...CANARY.inputs, ...IN_PLACE } };
const PROMOTE_IN_PLACE: RunAct = { ...PROMOTE, inputs: IN_PLACE };
const ROLLBACK: RunAct = { run: 'rollback', inputs: {} };

/** Somebody takes the default tag away once a rollback has begun to restart. */
const DEFAULT_TAKEN: RunAct['during'] = {
  write: 3,
  when: 'after',
  by: { actor: 'delete', object: 'MutatingWebhookConfiguration istio-revision-tag-default' },
};

export const PINNED: readonly Pinned[] = [
  {
    id: 'M09',
    shows:
      'the old control plane goes while rollback takes the lock: nothing is put back to what is not there',
    acts: [
      CANARY,
      PROMOTE,
      {
        ...ROLLBACK,
        during: {
          write: 0,
          when: 'before',
          by: {
            actor: 'istioctl',
            version: FROM.version,
            args: ['uninstall', '-y', '--revision', '1-30-3'],
          },
        },
      },
    ],
    ends: { 3: 'refused state=completed next= ' },
  },
  {
    id: 'old-one-removed-by-hand-too-early',
    shows: 'half the mesh has lost its injector: precheck and canary do not say that nothing is to be done',
    acts: [CANARY, UNINSTALL, { actor: 'drain', namespace: 'follows' }, PRECHECK, CANARY, PROMOTE, PRECHECK],
    ends: {
      4: 'refused state=completed ',
      5: 'refused state=completed ',
      6: 'succeeded state=completed ',
      7: 'no-changes ',
    },
  },
  {
    id: 'old-one-removed-by-hand',
    shows:
      "as Istio's documents end a canary upgrade: the next version is not locked, with and without promote",
    acts: [CANARY, PROMOTE, UNINSTALL, PRECHECK, NEXT, ROLLBACK],
    ends: { 4: 'no-changes ', 5: 'succeeded state=canary ', 6: 'rolled-back ' },
  },
  {
    id: 'old-one-removed-by-hand-and-closed',
    shows: 'promote closes the record of an upgrade of whose old control plane nothing remains',
    acts: [CANARY, PROMOTE, UNINSTALL, PROMOTE, PROMOTE],
    ends: { 4: 'succeeded state=completed ', 5: 'no-changes state=completed ' },
  },
  {
    id: 'rollback-of-what-never-was',
    shows: 'a rollback of a version that nobody has begun to upgrade to leaves the record of the one before',
    acts: [CANARY, PROMOTE, UNINSTALL, { ...ROLLBACK, inputs: { version: '1.32.0' } }, PROMOTE],
    ends: { 4: 'no-changes state=none ', 5: 'succeeded state=completed ' },
  },
  {
    id: 'next-canary-installed-by-hand',
    shows:
      'the record of an upgrade that has ended does not make the next one half-way: it has to have a canary',
    mesh: { form: 'default', features: [] },
    acts: [
      { ...CANARY, inputs: { ...CANARY.inputs, ...IN_PLACE } },
      { ...PROMOTE, inputs: IN_PLACE },
      {
        actor: 'istioctl',
        version: '1.32.0',
        args: ['install', '-y', '--set', 'profile=minimal', '--revision', '1-32-0'],
      },
      { ...NEXT, run: 'precheck' },
      { ...PROMOTE, inputs: { version: '1.32.0' } },
      NEXT,
      { ...REMOVE, inputs: { ...REMOVE.inputs, version: '1.32.0' } },
    ],
    ends: {
      4: 'succeeded state=canarying ',
      5: 'refused state=canarying ',
      6: 'succeeded state=canary ',
      7: 'succeeded state=completed ',
    },
  },
  {
    id: 'no-time-leaves-the-way-back',
    shows: 'in place: a canary without time for its first step leaves the record of the upgrade before',
    mesh: { form: 'default', features: [] },
    acts: [
      { ...CANARY, inputs: { ...CANARY.inputs, ...IN_PLACE } },
      { ...PROMOTE, inputs: IN_PLACE },
      { ...NEXT, inputs: { ...NEXT.inputs, ...IN_PLACE, timeout: '1s' } },
      { ...ROLLBACK, inputs: { ...IN_PLACE, version: '1.31.0' } },
    ],
    ends: { 3: 'refused ', 4: 'rolled-back ' },
  },
  {
    id: 'another-name-is-another-name',
    shows: 'a canary under a name that is given is not installed under the name of one that was rolled back',
    acts: [
      { ...CANARY, inputs: { ...CANARY.inputs, revision: 'blue' } },
      ROLLBACK,
      { ...CANARY, inputs: { ...CANARY.inputs, revision: '1-31-0' } },
      { ...CANARY, inputs: { ...CANARY.inputs, revision: 'blue' } },
    ],
    ends: { 3: 'succeeded state=canary ', 4: 'refused ' },
  },
  {
    id: 'M13',
    shows: 'the API server is lost in the middle of the removal: nothing is said of how it stands',
    acts: [CANARY, PROMOTE, { ...REMOVE, during: { write: 3, when: 'after', by: 'lost' } }, REMOVE],
    ends: { 3: 'failed state= next= ', 4: 'succeeded state=completed ' },
  },
  {
    id: 'rollback-writes-its-record-alone',
    shows:
      'a canary that died before istioctl began is rolled back by a word in the record, and the state says so',
    acts: [{ ...CANARY, during: { write: 2, when: 'after', by: 'kill' } }, ROLLBACK],
    ends: { 2: 'rolled-back state=rolled-back next=precheck' },
  },
  {
    id: 'given-up-is-remembered',
    shows:
      'in place: a rollback that dies once the upgrade had ended leaves to the next one what does not come back, to be told',
    mesh: { form: 'default', features: ['configured'] },
    acts: [
      {
        run: 'canary',
        inputs: {
          strategy: 'in-place',
          'canary-namespaces': 'first',
          acknowledge: 'meshConfig.accessLogFile',
        },
      },
      { run: 'promote', inputs: IN_PLACE },
      { run: 'rollback', inputs: IN_PLACE, during: { write: 4, when: 'after', by: 'kill' } },
      { run: 'rollback', inputs: IN_PLACE },
    ],
    ends: { 3: 'killed', 4: 'rolled-back state=rolled-back next=precheck' },
  },
  {
    id: 'in-place-straggler-of-an-older-upgrade',
    shows:
      'without a record, what an older upgrade has left behind is not taken for the release that the mesh came from: rollback goes nowhere until it is told, and what it says leads there',
    mesh: { form: 'default', features: ['on-delete'] },
    acts: [
      { ...CANARY, inputs: { ...CANARY.inputs, ...IN_PLACE_ODD, version: '1.30.4' } },
      { ...PROMOTE, inputs: IN_PLACE_ODD },
      { ...CANARY, inputs: { ...CANARY.inputs, ...IN_PLACE_ODD } },
      { ...PROMOTE, inputs: IN_PLACE_ODD },
      { actor: 'record', with: null },
      { ...ROLLBACK, inputs: { ...IN_PLACE, version: '1.31.0' } },
      {
        ...CANARY,
        inputs: { ...CANARY.inputs, ...IN_PLACE_ODD, version: '1.30.4', 'allow-downgrade': 'true' },
      },
      { ...PROMOTE, inputs: IN_PLACE_ODD },
    ],
    ends: {
      2: 'succeeded state=completed ',
      4: 'succeeded state=completed ',
      6: 'refused ',
      7: 'succeeded state=canary ',
      8: 'succeeded state=completed ',
    },
  },
  {
    id: 'installed-outlives-promote',
    shows:
      'in place: a promote that installs nothing, and is given nothing, does not make that what a rollback takes',
    mesh: { form: 'default', features: ['configured', 'stateful'] },
    acts: [
      { actor: 'hold', object: 'StatefulSet stateful/odd' },
      { ...CANARY, inputs: { ...CANARY.inputs, ...IN_PLACE, set: LOGGED } },
      { run: 'promote', inputs: { ...IN_PLACE, 'allow-stragglers': 'stateful/odd' } },
      { actor: 'release', object: 'StatefulSet stateful/odd' },
      { run: 'promote', inputs: IN_PLACE },
      { run: 'rollback', inputs: IN_PLACE },
      { run: 'rollback', inputs: { ...IN_PLACE, set: LOGGED } },
    ],
    ends: { 3: 'succeeded ', 5: 'succeeded ', 6: 'refused ', 7: 'rolled-back state=rolled-back ' },
  },
  {
    id: 'installed-by-hand-half-way-back',
    shows:
      'in place: a rollback with what somebody has installed since canary stops half-way, and goes on with the same inputs',
    mesh: { form: 'default', features: [] },
    acts: [
      { ...CANARY, inputs: { ...CANARY.inputs, ...IN_PLACE } },
      {
        actor: 'istioctl',
        version: '1.31.0',
        args: ['install', '-y', '--set', 'profile=minimal', '--set', LOGGED],
      },
      { actor: 'break', object: 'Deployment first/web' },
      { run: 'rollback', inputs: { ...IN_PLACE, set: LOGGED, timeout: '15s' } },
      { actor: 'heal', object: 'Deployment first/web' },
      { run: 'rollback', inputs: { ...IN_PLACE, set: LOGGED } },
    ],
    ends: { 4: 'failed state=rolling-back ', 6: 'rolled-back state=rolled-back ' },
  },
  {
    id: 'in-place-gateway-deleted',
    shows:
      'the gateway is deleted after canary, and nothing says which profile it was: the inputs are the same still, and rollback brings the gateway back',
    mesh: { form: 'default', features: ['installed-gateway'] },
    acts: [
      { run: 'canary', inputs: { strategy: 'in-place', 'canary-namespaces': 'first' } },
      { actor: 'delete', object: 'Deployment istio-system/istio-ingressgateway' },
      { run: 'rollback', inputs: IN_PLACE },
    ],
    ends: { 3: 'rolled-back state=rolled-back next=precheck' },
  },
  {
    id: 'broken-before-without-record',
    shows:
      'somebody deletes the record while promote works: what was broken before is still known by what it looks like, and promoted is said',
    mesh: { form: '1-30-3', features: ['broken-elsewhere'] },
    acts: [
      CANARY,
      {
        ...PROMOTE,
        during: {
          write: 3,
          when: 'before',
          by: { actor: 'delete', object: 'ConfigMap istio-system/istio-upgrade' },
        },
      },
      { run: 'promote', inputs: { version: '1.31.0' } },
    ],
    ends: { 2: 'succeeded state=promoted ', 3: 'no-changes state=promoted ' },
  },
  {
    id: 'default-taken-during-rollback',
    shows:
      'somebody takes the default tag away while a rollback restarts: pods without a sidecar are seen, and the next rollback brings both back',
    mesh: { form: 'default', features: ['injected-by-default'] },
    acts: [
      CANARY,
      {
        ...ROLLBACK,
        during: DEFAULT_TAKEN,
      },
      ROLLBACK,
    ],
    ends: { 2: 'failed state=rolling-back ', 3: 'rolled-back state=rolled-back next=precheck' },
  },
  {
    id: 'default-of-pods-taken-during-rollback',
    shows:
      'the default that pods ask for by their own label alone is taken while a rollback restarts: that is told before the canary goes',
    mesh: { form: '1-30-3', features: ['inject-label-on-pod'] },
    acts: [
      { actor: 'label', namespace: 'follows', key: 'istio-injection', value: null },
      CANARY,
      PROMOTE,
      {
        ...ROLLBACK,
        during: DEFAULT_TAKEN,
      },
      ROLLBACK,
    ],
    ends: { 4: 'failed state=rolling-back ', 5: 'rolled-back state=rolled-back next=precheck' },
  },
  {
    id: 'tag-half-removed',
    shows:
      'a rollback that dies between webhook and Service of a tag that promote made takes the Service, too',
    acts: [
      CANARY,
      { run: 'promote', inputs: { 'stable-tags': 'prod', 'adopt-tags': 'true' } },
      { ...ROLLBACK, during: { write: 6, when: 'after', by: 'kill' } },
      ROLLBACK,
    ],
    ends: { 3: 'killed', 4: 'rolled-back state=rolled-back next=precheck' },
  },
  {
    id: 'M39',
    shows: 'a gateway of a tenant that comes while istioctl installs is no accident of it',
    acts: [
      {
        ...CANARY,
        during: {
          write: 3,
          when: 'after',
          by: {
            actor: 'create',
            manifest: workload('first', 'tenant-istio', {
              podLabels: {
                'gateway.istio.io/managed': 'istio.io-gateway-controller',
                'gateway.networking.k8s.io/gateway-name': 'tenant',
              },
            }),
          },
        },
      },
    ],
    ends: { 1: 'succeeded state=canary ' },
  },
  {
    id: 'gateway-removed-at-once',
    shows: 'promote that removes moves the Deployment which istiod made for a Gateway: no proxy by hand',
    mesh: { form: '1-30-3', features: ['api-gateway'] },
    acts: [CANARY, REMOVE],
    ends: { 2: 'succeeded state=completed ' },
  },
  {
    id: 'wave-before-broken',
    shows: 'a second wave is no proof of the first, which is broken by now: told, and no way to promote',
    acts: [
      CANARY,
      { actor: 'break', object: 'Deployment first/web' },
      { run: 'canary', inputs: { 'canary-namespaces': 'follows' } },
      { run: 'canary', inputs: { 'canary-namespaces': 'follows' } },
      { actor: 'heal', object: 'Deployment first/web' },
      { run: 'canary', inputs: { 'canary-namespaces': 'follows' } },
    ],
    ends: {
      3: 'succeeded state=canarying next= ',
      4: 'no-changes state=canarying next= ',
      6: 'no-changes state=canary next=promote',
    },
  },
  {
    id: 'in-place-earlier-marks',
    shows:
      'in place: what an earlier attempt has restarted, and a rollback has not, is no part of the next canary',
    mesh: { form: 'default', features: ['stateful'] },
    acts: [
      CANARY_IN_PLACE,
      PROMOTE_IN_PLACE,
      { actor: 'scale', object: 'StatefulSet stateful/odd', to: 0 },
      { run: 'rollback', inputs: IN_PLACE },
      { actor: 'scale', object: 'StatefulSet stateful/odd', to: 2 },
      CANARY_IN_PLACE,
      CANARY_IN_PLACE,
      PROMOTE_IN_PLACE,
    ],
    ends: {
      4: 'rolled-back ',
      6: 'succeeded state=canary next=promote',
      7: 'no-changes state=canary next=promote',
      8: 'succeeded state=completed ',
    },
  },
  {
    id: 'in-place-well-again',
    shows: 'in place: what was broken before, and is well once promote has ended, moves by promote again',
    mesh: { form: 'default', features: [] },
    acts: [
      { actor: 'create', manifest: workload('follows', 'sick') },
      { actor: 'break', object: 'Deployment follows/sick' },
      CANARY_IN_PLACE,
      PROMOTE_IN_PLACE,
      { actor: 'heal', object: 'Deployment follows/sick' },
      CANARY_IN_PLACE,
      PROMOTE_IN_PLACE,
      PROMOTE_IN_PLACE,
      { run: 'rollback', inputs: IN_PLACE },
    ],
    ends: {
      4: 'succeeded state=completed ',
      6: 'refused state=promoting ',
      7: 'succeeded state=completed ',
      8: 'no-changes state=completed ',
      9: 'rolled-back ',
    },
  },
  {
    id: 'in-place-end-not-written',
    shows: 'in place: a promote that dies before it closes its record does not hold up the next upgrade',
    mesh: { form: 'default', features: [] },
    acts: [
      CANARY_IN_PLACE,
      { ...PROMOTE_IN_PLACE, during: { write: 3, when: 'before', by: 'kill' } },
      { ...NEXT, inputs: { ...NEXT.inputs, ...IN_PLACE } },
      { ...PROMOTE, inputs: { ...IN_PLACE, version: '1.32.0' } },
    ],
    ends: { 2: 'killed', 3: 'succeeded state=canary next=promote', 4: 'succeeded state=completed ' },
  },
  {
    id: 'in-place-released',
    shows: 'in place: what stayed by leave, and may move once promote has ended, moves by promote again',
    mesh: { form: 'default', features: ['on-delete'] },
    acts: [
      { actor: 'create', manifest: workload('ondelete', 'web') },
      CANARY_IN_PLACE,
      { run: 'promote', inputs: { ...IN_PLACE, 'allow-stragglers': 'ondelete/odd' } },
      PROMOTE_IN_PLACE,
      { actor: 'release', object: 'StatefulSet ondelete/odd' },
      PROMOTE_IN_PLACE,
    ],
    ends: {
      3: 'succeeded state=completed ',
      4: 'refused state=promoting next= ',
      6: 'succeeded state=completed ',
    },
  },
];

const PLAIN = { form: '1-30-3', features: [] } as const;

/** @returns what was not as it should be, for people; empty where all was well */
export async function tellPinned({ id, shows, mesh = PLAIN, acts, ends }: Pinned): Promise<string> {
  const story: Story = { seed: 0, index: 0, engine: 'sources', ...mesh, acts };
  const { found, lines } = await play(story);
  const otherwise = Object.entries(ends)
    .filter(
      ([number, end]) => !(lines.find((line) => line.startsWith(`${number}. `)) ?? '').includes(`→ ${end}`),
    )
    .map(([number, end]) => `   ✘ ${number} is to end: ${end}`);
  return found.length + otherwise.length === 0
    ? ''
    : [`✘ ${id}: ${shows}`, ...lines, ...otherwise].join('\n');
}
