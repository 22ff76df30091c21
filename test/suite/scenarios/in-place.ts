import { digestAt } from '../../../src/engine/given-up.ts';
import type { Act, RunAct, Scenario } from '../scenario.ts';
import { record } from './forged-record.ts';
import { NEW, OLD, RECORD, allOld, dataPlane, istiod, labels } from './shop.ts';

const IN_PLACE = { strategy: 'in-place' };
const CANARY = { ...IN_PLACE, 'canary-namespaces': 'storefront, checkout' };
const MOVED = ['storefront', 'checkout'];
/** Switched off, since the default tag's does its work: not even for a moment two of them inject. */
const IDLE = ['MutatingWebhookConfiguration istio-sidecar-injector'];
/** In place nothing is relabelled, and nobody else becomes the default. */
const UNMOVED = { labels: labels('default'), default: 'default', exists: [istiod('default')] } as const;

const everything = (version: string) =>
  ({
    dataPlane: Object.fromEntries(
      Object.keys(dataPlane('default', [])).map((name) => [name, `default@${version}`]),
    ),
    connected: { default: 'all' },
    ...UNMOVED,
  }) as const;

const canaryInPlace: RunAct = {
  run: 'canary',
  inputs: CANARY,
  then: {
    outcome: 'succeeded',
    state: 'canary',
    outputs: { 'rollback-ready': 'true', 'next-phase': 'promote' },
    dataPlane: dataPlane('default', MOVED, 'default'),
    ...UNMOVED,
    steady: IDLE,
  },
};

const promoteInPlace: RunAct = {
  run: 'promote',
  inputs: IN_PLACE,
  then: { outcome: 'succeeded', state: 'completed', outputs: { 'proxies-behind': '0' }, ...everything(NEW) },
};

const rollbackInPlace: RunAct = {
  run: 'rollback',
  inputs: IN_PLACE,
  then: {
    outcome: 'rolled-back',
    state: 'rolled-back',
    same: 'start',
    ...allOld('default'),
    ...UNMOVED,
    steady: IDLE,
  },
};

/** From here on no restart replaces its pods. */
const HOLD_SEARCH: Act = {
  event: {
    patch: 'StatefulSet catalog/search',
    with: { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null } } },
  },
};

/** The pods of a StatefulSet whose strategy is OnDelete get what is asked for now. */
const SEARCH_ANEW: readonly Act[] = [
  { event: { delete: 'Pod catalog/search-0' } },
  { event: { delete: 'Pod catalog/search-1' } },
  { event: { quiet: true } },
];

const LOG_KEY = 'meshConfig.accessLogFile';
const LOGGED = 'meshConfig.accessLogFile=/dev/stdout';
/** No image is there: whichever istiod has it does not start. */
const MISSPELT = 'hub=docker.io/istoi';
const HUB_KEYS = 'Deployment/istiod\nvalues.global.hub';
const EXACT_HUB_KEYS = 'Deployment/istiod:spec.template.spec.containers[discovery].image\nvalues.global.hub';
const canaryThatCanNotRun: RunAct = {
  run: 'canary',
  inputs: { ...CANARY, set: MISSPELT, acknowledge: HUB_KEYS },
  patience: 'short',
  then: { outcome: 'failed', state: 'canarying', errors: ['control-plane-not-ready'] },
};
/** What is so by itself. */
const SAME_AGAIN = 'hub=docker.io/istio';
const LOGGED_ELSEWHERE = 'meshConfig.accessLogFile=/dev/stderr';
const REGISTERED = 'meshConfig.outboundTrafficPolicy.mode=REGISTRY_ONLY';
const REGISTERED_KEY = 'meshConfig.outboundTrafficPolicy.mode';
const MOST = 'values.pilot.autoscaleMax=7';
const MOST_KEY = 'HorizontalPodAutoscaler/istiod:spec.maxReplicas';
const DOWN = { ...CANARY, version: OLD, 'allow-downgrade': 'true' };
/** The newest release, which differs from the one before: `laterCharts` of the testbed, `isLater` of the stand-in. */
const NEWEST = '1.32.0';
/** The next patch release. */
const NEXT_PATCH = '1.30.4';
const LATER_CRD = 'CustomResourceDefinition laterpolicies.later.istio.io';
const LATER = {
  apiVersion: 'later.istio.io/v1alpha1',
  kind: 'LaterPolicy',
  metadata: { name: 'later', namespace: 'catalog' },
};
/** It has a field that only the newest release's CRD knows. */
const LATER_FIELD = {
  apiVersion: 'networking.istio.io/v1beta1',
  kind: 'ProxyConfig',
  metadata: { name: 'later', namespace: 'catalog' },
  spec: { concurrency: 1, later: { much: true } },
};
const NARROWED = 'proxyconfigs.networking.istio.io';
const BUDGET = 'PodDisruptionBudget istio-system/istiod';
const GATEWAY = 'Deployment istio-system/istio-ingressgateway';
/** The default profile, two of each, and budgets. */
const FILE = 'test/fixtures/in-place/two-of-each.yaml';
const WITH_GATEWAY = { config: FILE };
const INJECTED = 'profile=default\nvalues.gateways.istio-ingressgateway.injectionTemplate=gateway';
const PROFILE = 'profile=default';
const WITH_PROFILE = { ...IN_PLACE, set: PROFILE };
const gatewayAt = (version: string) => ({ 'istio-system': `default@${version}` });
/** The gateway, too. */
const everythingAnd = (version: string) => ({
  ...everything(version),
  dataPlane: { ...everything(version).dataPlane, ...gatewayAt(version) },
});

/** Some on one release, and the rest on the other. */
const mixed = (moved: string, rest: string) =>
  Object.fromEntries(
    Object.keys(dataPlane('default', [])).map((name) => [
      name,
      `default@${MOVED.includes(name) ? moved : rest}`,
    ]),
  );

/** No more pods than there are: the new istiod can't come. */
const FULL = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'full', namespace: 'istio-system' },
  spec: { hard: { pods: '1' } },
};

/** Somebody breaks its template: the new pod does not get ready, and the old one still runs. */
const istiodPulls = (pull: 'fail' | null) => ({
  patch: istiod('default'),
  with: { spec: { template: { metadata: { annotations: { 'testbed/pull': pull } } } } },
});

/** Its new pod does not get ready, of whichever release, and the old one still runs. */
const gatewayFirst = (initContainers: readonly object[] | null) => ({
  patch: GATEWAY,
  with: { spec: { template: { spec: { initContainers } } } },
});

const stuck: RunAct = {
  run: 'canary',
  inputs: CANARY,
  patience: 'short',
  then: {
    outcome: 'failed',
    state: 'canarying',
    errors: ['control-plane-not-ready'],
    tells: ['no-room-for-surge Deployment istio-system/istiod'],
    outputs: { 'rollback-ready': 'true' },
    dataPlane: dataPlane('default', []),
  },
};

const withoutIstiod = (run: 'canary' | 'promote' | 'rollback', inputs: RunAct['inputs']): RunAct => ({
  run,
  ...(inputs === undefined ? {} : { inputs }),
  then: {
    outcome: 'refused',
    errors: ['no-control-plane'],
    says: [{ id: 'no-control-plane', remedy: `Install ${NEW} with its own istioctl` }],
    asked: 'no-write',
  },
});
const INSTALLED_AGAIN: readonly Act[] = [
  { event: { istioctl: ['install', '--set', 'profile=minimal', '-y'], version: NEW } },
  { event: { quiet: true } },
];

/** The only control plane is replaced where it is (issue 14). */
export const inPlace: readonly Scenario[] = [
  {
    id: 'in-place-up-and-back',
    shows:
      'precheck, canary, promote in place, each again without a write, and then back down: proxies first, then istiod',
    mesh: 'default',
    leaves: 'as-it-was',
    probed: 'if-asked',
    acts: [
      {
        run: 'precheck',
        inputs: CANARY,
        then: {
          outcome: 'succeeded',
          state: 'none',
          asked: 'no-write',
          outputs: {
            'from-version': OLD,
            'from-revision': 'default',
            'to-version': NEW,
            'to-revision': 'default',
            'next-phase': 'canary',
          },
          tells: ['control-plane-has-one-replica Deployment istio-system/istiod'],
          same: 'start',
        },
      },
      { ...canaryInPlace, again: true },
      { ...promoteInPlace, again: true },
      { ...rollbackInPlace, again: true },
    ],
  },
  {
    id: 'in-place-by-hand',
    shows:
      'the documents’ own upgrade and downgrade without this Action: what the probe sees of them, to compare with',
    mesh: 'default',
    leaves: 'changed',
    played: 'if-asked',
    probed: 'if-asked',
    acts: [NEW, OLD, NEW, OLD].flatMap((version): Act[] => [
      { event: { istioctl: ['install', '--set', 'profile=minimal', '-y'], version } },
      { event: { quiet: true }, then: { validates: true } },
    ]),
  },
  {
    id: 'in-place-canary-back',
    shows: 'back from a canary in place, before anything else moved',
    mesh: 'default',
    leaves: 'as-it-was',
    played: 'if-asked',
    testbed: 'if-asked',
    acts: [canaryInPlace, rollbackInPlace],
  },
  {
    id: 'in-place-forgotten-set',
    shows:
      'a value that the mesh was installed with and that is not given again stops the upgrade, by its key; the way back takes the same configuration or none',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        event: {
          istioctl: ['install', '--set', 'profile=minimal', '--set', LOGGED, '--set', MOST, '-y'],
        },
      },
      { event: { quiet: true } },
      { keep: 'with a log' },
      {
        run: 'precheck',
        inputs: CANARY,
        then: {
          outcome: 'refused',
          errors: ['configuration-would-be-lost'],
          about: [MOST_KEY, 'meshConfig.accessLogFile'],
          asked: 'no-write',
        },
      },
      {
        run: 'canary',
        inputs: CANARY,
        then: {
          outcome: 'refused',
          errors: ['configuration-would-be-lost'],
          about: [MOST_KEY, 'meshConfig.accessLogFile'],
          says: [
            {
              id: 'configuration-would-be-lost',
              message: ['/dev/stdout', 'not set'],
              remedy: 'acknowledge',
            },
          ],
          same: 'with a log',
        },
      },
      {
        run: 'canary',
        inputs: { ...CANARY, acknowledge: `meshConfig.accessLogFile\n${MOST_KEY}`, 'dry-run': 'true' },
        then: {
          outcome: 'succeeded',
          asked: 'no-write',
          tells: ['configuration-would-be-lost meshConfig.accessLogFile'],
        },
      },
      { ...canaryInPlace, inputs: { ...CANARY, set: `${LOGGED}\n${MOST}` } },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'refused',
          state: 'canary',
          errors: ['configuration-not-the-recorded', 'configuration-would-be-lost'],
        },
      },
      { event: { delete: RECORD } },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, version: NEW },
        then: { outcome: 'refused', errors: ['configuration-would-be-lost'] },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, version: NEW, set: `${LOGGED}\n${MOST}` },
        then: { outcome: 'rolled-back', state: 'rolled-back', same: 'with a log', ...allOld('default') },
      },
      { ...canaryInPlace, inputs: { ...CANARY, acknowledge: `meshConfig.accessLogFile\n${MOST_KEY}` } },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'rolled-back',
          tells: ['given-up-not-restored'],
        },
      },
      { event: { istioctl: ['install', '--set', 'profile=minimal', '-y'] } },
      { event: { quiet: true } },
    ],
  },
  {
    id: 'in-place-can-not-run-with-it',
    shows:
      'canary had a configuration that no istiod can run with: the way back takes another one, once what would be lost of the one that is live is acknowledged by its keys',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      canaryThatCanNotRun,
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, set: MISSPELT },
        patience: 'short',
        then: { outcome: 'failed', state: 'rolling-back', errors: ['control-plane-not-ready'] },
      },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'refused',
          errors: ['configuration-not-the-recorded', 'configuration-would-be-lost'],
          says: [{ id: 'configuration-not-the-recorded', remedy: 'acknowledge' }],
          asked: 'no-write',
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, acknowledge: EXACT_HUB_KEYS },
        again: true,
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          hides: ['given-up-not-restored'],
          tells: ['configuration-would-be-lost values.global.hub'],
          same: 'start',
          ...allOld('default'),
          ...UNMOVED,
        },
      },
    ],
  },
  {
    id: 'in-place-canary-corrected',
    shows:
      'canary had a configuration that no istiod can run with, and then one that it can: the way back with that one brings all back, and does not say that something is lost',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      canaryThatCanNotRun,
      { ...canaryInPlace, inputs: { ...CANARY, acknowledge: HUB_KEYS } },
      { ...rollbackInPlace, then: { ...rollbackInPlace.then, hides: ['given-up-not-restored'] } },
    ],
  },
  {
    id: 'in-place-forgotten-on-the-way-back',
    shows:
      'a rollback is not given the configuration of canary: what may be lost of it is named key by key, not by what canary was allowed to lose, and is told as what does not come back',
    mesh: 'default',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      {
        event: {
          istioctl: ['install', '--set', 'profile=minimal', '--set', LOGGED, '--set', REGISTERED, '-y'],
        },
      },
      { event: { quiet: true } },
      {
        ...canaryInPlace,
        inputs: { ...CANARY, set: `${LOGGED_ELSEWHERE}\n${REGISTERED}`, acknowledge: 'meshConfig' },
      },
      // Another text, and the same configuration.
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, set: `${LOGGED_ELSEWHERE}\n${REGISTERED}\n${SAME_AGAIN}`, 'dry-run': 'true' },
        then: {
          outcome: 'succeeded',
          tells: ['given-up-not-restored'],
          hides: ['configuration-not-the-recorded'],
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, acknowledge: 'meshConfig' },
        then: {
          outcome: 'refused',
          errors: ['configuration-not-the-recorded', 'configuration-would-be-lost'],
          says: [
            { id: 'configuration-would-be-lost', object: LOG_KEY },
            { id: 'configuration-would-be-lost', object: REGISTERED_KEY },
          ],
          asked: 'no-write',
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, acknowledge: `meshConfig.accessLogFile\n${REGISTERED_KEY}` },
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          tells: ['configuration-not-the-recorded', 'given-up-not-restored'],
          ...allOld('default'),
        },
      },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: { outcome: 'no-changes', tells: ['given-up-not-restored'] },
      },
    ],
  },
  {
    id: 'in-place-canary-wrote-nothing',
    shows:
      'the runner of a canary was lost between its record and its first write: what it was allowed to lose is there, and rollback leaves it',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      { event: { istioctl: ['install', '--set', 'profile=minimal', '--set', LOGGED, '-y'] } },
      { event: { quiet: true } },
      {
        event: {
          create: {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'istio-upgrade', namespace: 'istio-system' },
            ...record({
              attempt: '1-30-3-to-1-31-0-0000abcd',
              from: { revision: 'default', version: OLD },
              to: { revision: 'default', version: NEW },
              intent: 'canary',
              givenUp: ['meshConfig.accessLogFile'],
              had: { [LOG_KEY]: digestAt(LOG_KEY, new Map([[LOG_KEY, '/dev/stdout']])) },
            }),
          },
        },
      },
      { keep: 'with a log' },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          hides: ['given-up-not-restored'],
          changes: { has: [], lacks: [`install istiod ${OLD} in place`] },
          same: 'with a log',
          ...allOld('default'),
        },
      },
      { event: { istioctl: ['install', '--set', 'profile=minimal', '-y'] } },
      { event: { quiet: true } },
    ],
  },
  {
    id: 'in-place-set-not-given-again',
    shows:
      'a second wave and a promote that install nothing are given less than was installed: it is told, and a rollback does not take it away',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        event: { istioctl: ['install', '--set', 'profile=minimal', '--set', MOST, '-y'] },
      },
      { event: { quiet: true } },
      { keep: 'with more' },
      {
        run: 'canary',
        inputs: { ...IN_PLACE, 'canary-namespaces': 'storefront', set: MOST },
        then: { outcome: 'succeeded', state: 'canary' },
      },
      {
        ...canaryInPlace,
        then: { ...canaryInPlace.then, tells: [`configuration-would-be-lost ${MOST_KEY}`] },
      },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'refused',
          state: 'canary',
          errors: ['configuration-not-the-recorded', 'configuration-would-be-lost'],
        },
      },
      { event: { delete: RECORD } },
      {
        ...promoteInPlace,
        inputs: { ...IN_PLACE, version: NEW },
      },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'refused',
          state: 'completed',
          errors: ['configuration-would-be-lost'],
          about: [MOST_KEY],
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, set: MOST },
        then: { outcome: 'rolled-back', state: 'rolled-back', same: 'with more', ...allOld('default') },
      },
      { event: { istioctl: ['install', '--set', 'profile=minimal', '-y'] } },
      { event: { quiet: true } },
    ],
  },
  {
    id: 'in-place-given-up-and-gone-on',
    shows:
      'what canary was allowed to lose is told by a rollback, also where the upgrade had ended and another promote takes along what was left behind',
    mesh: 'default',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      {
        event: { istioctl: ['install', '--set', 'profile=minimal', '--set', LOGGED, '-y'] },
      },
      HOLD_SEARCH,
      { event: { quiet: true } },
      { ...canaryInPlace, inputs: { ...CANARY, acknowledge: 'meshConfig.accessLogFile' } },
      {
        run: 'promote',
        inputs: { ...IN_PLACE, 'allow-stragglers': 'catalog/search' },
        then: { outcome: 'succeeded', state: 'completed' },
      },
      {
        event: {
          patch: 'StatefulSet catalog/search',
          with: { spec: { updateStrategy: { type: 'RollingUpdate' } } },
        },
      },
      {
        run: 'promote',
        inputs: IN_PLACE,
        then: { outcome: 'succeeded', state: 'completed', ...everything(NEW) },
      },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          ...allOld('default'),
          tells: ['given-up-not-restored'],
        },
      },
    ],
  },
  {
    id: 'in-place-set-since',
    shows:
      'somebody sets a value after canary: a rollback says what it takes away, and with the configuration that has it keeps it',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      canaryInPlace,
      {
        event: {
          istioctl: ['install', '--set', 'profile=minimal', '--set', LOGGED, '-y'],
          version: NEW,
        },
      },
      { event: { quiet: true } },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, 'dry-run': 'true' },
        then: {
          outcome: 'succeeded',
          asked: 'no-write',
          tells: ['configuration-would-be-lost meshConfig.accessLogFile'],
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, set: MOST },
        then: {
          outcome: 'refused',
          errors: ['configuration-not-the-recorded', 'configuration-would-be-lost'],
          asked: 'no-write',
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, set: LOGGED },
        then: { outcome: 'rolled-back', state: 'rolled-back', ...allOld('default'), ...UNMOVED },
      },
      {
        run: 'precheck',
        inputs: CANARY,
        then: {
          outcome: 'refused',
          errors: ['configuration-would-be-lost'],
          about: ['meshConfig.accessLogFile'],
        },
      },
      { event: { istioctl: ['install', '--set', 'profile=minimal', '-y'] } },
      { event: { quiet: true } },
    ],
  },
  {
    id: 'in-place-refused-revision',
    shows: 'a mesh that has a revision is for the other strategy',
    mesh: '1-30-3',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      ...(['precheck', 'canary'] as const).map((run): RunAct => ({
        run,
        inputs: CANARY,
        then: {
          outcome: 'refused',
          errors: ['revisions-in-use'],
          about: [istiod('1-30-3')],
          says: [{ id: 'revisions-in-use', remedy: 'strategy: revision' }],
          asked: 'no-write',
        },
      })),
      { run: 'precheck', then: { outcome: 'succeeded' } },
    ],
  },
  {
    id: 'in-place-refused',
    shows:
      'two minor releases at once, down without leave, and a control plane that Helm installed are refused before anything is touched',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        run: 'precheck',
        inputs: { ...CANARY, version: '1.32.0' },
        then: {
          outcome: 'refused',
          errors: ['hop-too-far'],
          says: [{ id: 'hop-too-far', remedy: 'Go to the latest patch of 1.31 first' }],
          asked: 'no-write',
        },
      },
      {
        run: 'canary',
        inputs: { ...CANARY, version: '1.29.6' },
        then: {
          outcome: 'refused',
          errors: ['target-not-newer'],
          says: [{ id: 'target-not-newer', remedy: 'allow-downgrade: true' }],
          asked: 'no-write',
        },
      },
      {
        event: {
          patch: istiod('default'),
          with: {
            metadata: {
              labels: { 'operator.istio.io/managed': null },
              annotations: { 'meta.helm.sh/release-name': 'istiod' },
            },
          },
        },
      },
      {
        run: 'canary',
        inputs: CANARY,
        then: { outcome: 'refused', errors: ['mesh-owner-not-supported'], asked: 'no-write' },
      },
      {
        event: {
          patch: istiod('default'),
          with: {
            metadata: {
              labels: { 'operator.istio.io/managed': 'Reconcile' },
              annotations: { 'meta.helm.sh/release-name': null },
            },
          },
        },
      },
    ],
  },
  {
    id: 'in-place-interrupted',
    shows:
      'a control plane that does not get ready moves no workload; the next canary goes on from what is there, and rollback goes back',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      { event: { create: FULL } },
      stuck,
      { run: 'rollback', inputs: IN_PLACE, then: { outcome: 'rolled-back', ...allOld('default') } },
      stuck,
      { event: { delete: 'ResourceQuota istio-system/full' } },
      canaryInPlace,
      rollbackInPlace,
    ],
  },
  {
    id: 'in-place-istiod-deleted',
    shows:
      'istiod is deleted half-way: no phase sends elsewhere, and once the newer release is installed again, by hand, the same phase and rollback go on',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      canaryInPlace,
      { event: { delete: istiod('default') } },
      ...[CANARY, { ...CANARY, version: NEXT_PATCH }].map((inputs) => withoutIstiod('canary', inputs)),
      withoutIstiod('rollback', IN_PLACE),
      ...INSTALLED_AGAIN,
      { run: 'canary', inputs: CANARY, then: { outcome: 'no-changes', state: 'canary' } },
      { event: { delete: istiod('default') } },
      withoutIstiod('promote', IN_PLACE),
      ...INSTALLED_AGAIN,
      rollbackInPlace,
    ],
  },
  {
    id: 'in-place-newer-proxies',
    shows:
      'where the newer control plane does not serve, proxies can not go back before it: that time must be acknowledged',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      // Remembered as it was: the one that istioctl makes in its place has another address.
      { event: { take: 'Service istio-system/istiod' } },
      { event: { giveBack: 'Service istio-system/istiod' } },
      { event: { quiet: true } },
      canaryInPlace,
      { event: { delete: 'Service istio-system/istiod' } },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'refused',
          errors: ['proxies-newer-than-control-plane'],
          dataPlane: dataPlane('default', MOVED, 'default'),
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, acknowledge: 'proxies-newer-than-control-plane' },
        then: { outcome: 'rolled-back', state: 'rolled-back', ...allOld('default'), ...UNMOVED },
      },
      { event: { giveBack: 'Service istio-system/istiod' }, then: { same: 'start' } },
    ],
  },
  {
    id: 'in-place-way-back-not-ready',
    shows:
      'the newer istiod stops serving under proxies that have moved: rollback is said not to be ready as long as it would be refused, and is once istiod is repaired',
    mesh: 'default',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      canaryInPlace,
      { event: istiodPulls('fail') },
      {
        run: 'canary',
        inputs: { ...CANARY, 'canary-namespaces': 'storefront, checkout, catalog' },
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'canarying',
          errors: ['control-plane-not-ready'],
          outputs: { 'rollback-ready': 'false' },
          dataPlane: dataPlane('default', MOVED, 'default'),
        },
      },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'refused',
          errors: ['proxies-newer-than-control-plane'],
          asked: 'no-write',
        },
      },
      { event: istiodPulls(null) },
      { event: { quiet: true } },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: { outcome: 'rolled-back', state: 'rolled-back', ...allOld('default'), ...UNMOVED },
      },
    ],
  },
  {
    id: 'in-place-stays-newer',
    shows:
      'leave to stay behind is none to stay newer than istiod: such pods are made anew first, or it is acknowledged',
    mesh: 'default',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      HOLD_SEARCH,
      { keep: 'OnDelete' },
      canaryInPlace,
      {
        run: 'promote',
        inputs: { ...IN_PLACE, 'allow-stragglers': 'catalog/search' },
        then: { outcome: 'succeeded', state: 'completed', ...UNMOVED },
      },
      ...SEARCH_ANEW,
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, 'allow-stragglers': 'catalog/search' },
        then: {
          outcome: 'refused',
          errors: ['proxies-newer-than-control-plane'],
          about: ['Pod catalog/search-0', 'Pod catalog/search-1'],
          asked: 'no-write',
          ...everything(NEW),
        },
      },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: { outcome: 'failed', state: 'rolling-back', errors: ['workload-will-not-move'], ...UNMOVED },
      },
      ...SEARCH_ANEW,
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          same: 'OnDelete',
          ...allOld('default'),
          ...UNMOVED,
        },
      },
    ],
  },
  {
    id: 'in-place-leave-forgotten',
    shows:
      'promote says why a canary is none any more: its leave to stay was not given again, or istiod was taken away',
    mesh: 'default',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      HOLD_SEARCH,
      {
        run: 'canary',
        inputs: {
          ...IN_PLACE,
          'canary-namespaces': 'storefront, catalog',
          'allow-stragglers': 'catalog/search',
        },
        then: { outcome: 'succeeded', state: 'canary', outputs: { 'next-phase': 'promote' }, ...UNMOVED },
      },
      {
        run: 'promote',
        inputs: IN_PLACE,
        then: {
          outcome: 'refused',
          state: 'canarying',
          errors: ['workload-will-not-move'],
          about: ['StatefulSet catalog/search'],
          says: [{ id: 'workload-will-not-move', remedy: 'allow-stragglers: catalog/search' }],
          asked: 'no-write',
        },
      },
      { event: { patch: 'Deployment istio-system/istiod', with: { spec: { replicas: 0 } } } },
      {
        run: 'promote',
        inputs: { ...IN_PLACE, 'allow-stragglers': 'catalog/search' },
        then: {
          outcome: 'refused',
          state: 'canarying',
          errors: ['wrong-state'],
          says: [{ id: 'wrong-state', remedy: 'kubectl scale deployment istiod -n istio-system' }],
          asked: 'no-write',
        },
      },
      { event: { patch: 'Deployment istio-system/istiod', with: { spec: { replicas: 1 } } } },
      { event: { quiet: true } },
      {
        run: 'promote',
        inputs: { ...IN_PLACE, 'allow-stragglers': 'catalog/search' },
        then: { outcome: 'succeeded', state: 'completed', ...UNMOVED },
      },
    ],
  },
  {
    id: 'in-place-down-on-purpose',
    shows:
      'down by leave: gateways and proxies first, and istiod only with promote; the way back of it goes up again',
    mesh: 'default',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      { event: { istioctl: ['install', '--set', PROFILE, '-y'] } },
      { event: { quiet: true } },
      { run: 'canary', inputs: { ...CANARY, set: PROFILE }, then: { outcome: 'succeeded', state: 'canary' } },
      { run: 'promote', inputs: WITH_PROFILE, then: { outcome: 'succeeded', state: 'completed' } },
      {
        run: 'canary',
        inputs: { ...CANARY, set: PROFILE, version: OLD },
        then: { outcome: 'refused', errors: ['target-not-newer'], state: 'none' },
      },
      {
        run: 'canary',
        inputs: { ...DOWN, set: PROFILE },
        again: true,
        then: {
          outcome: 'succeeded',
          state: 'canary',
          changes: { has: [`install istiod ${NEW} in place, with proxies of ${OLD}`], lacks: [] },
          dataPlane: { ...mixed(OLD, NEW), ...gatewayAt(OLD) },
          connected: { default: 'all' },
          born: { catalog: OLD },
          attempt: 'new',
        },
      },
      {
        run: 'rollback',
        inputs: WITH_PROFILE,
        then: { outcome: 'rolled-back', state: 'rolled-back', ...everythingAnd(NEW), born: { catalog: NEW } },
      },
      { run: 'canary', inputs: { ...DOWN, set: PROFILE }, then: { outcome: 'succeeded', state: 'canary' } },
      {
        run: 'promote',
        inputs: WITH_PROFILE,
        then: {
          outcome: 'succeeded',
          state: 'completed',
          outputs: { 'from-version': NEW, 'to-version': OLD, 'rollback-ready': 'true' },
          ...everythingAnd(OLD),
          born: { catalog: OLD },
        },
      },
      {
        run: 'rollback',
        inputs: WITH_PROFILE,
        then: { outcome: 'rolled-back', state: 'rolled-back', ...everythingAnd(NEW) },
      },
    ],
  },
  {
    id: 'in-place-lost-record',
    shows:
      'without the record a canary goes back to the release that its other proxies still are; after promote only a downgrade by leave does',
    mesh: 'default',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      canaryInPlace,
      { event: { delete: RECORD } },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, version: NEW },
        then: { outcome: 'rolled-back', ...allOld('default'), ...UNMOVED },
      },
      canaryInPlace,
      { event: { delete: RECORD } },
      { ...promoteInPlace, inputs: { ...IN_PLACE, version: NEW } },
      { event: { delete: RECORD } },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, version: NEW },
        then: {
          outcome: 'refused',
          errors: ['way-back-unknown'],
          says: [{ id: 'way-back-unknown', remedy: 'allow-downgrade: true' }],
        },
      },
      { run: 'canary', inputs: DOWN, then: { outcome: 'succeeded', state: 'canary' } },
      {
        run: 'promote',
        inputs: IN_PLACE,
        then: { outcome: 'succeeded', state: 'completed', ...everything(OLD) },
      },
    ],
  },
  {
    id: 'in-place-swapped-record',
    shows:
      'M34: a record whose sides were swapped is not used, and where a slip of the input says the same, rollback goes neither way until it is told',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      canaryInPlace,
      {
        event: {
          patch: RECORD,
          with: record({
            attempt: '1-30-3-to-1-31-0-0000abcd',
            from: { revision: 'default', version: NEW },
            to: { revision: 'default', version: OLD },
          }),
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, version: OLD, 'allow-downgrade': 'true' },
        then: {
          outcome: 'refused',
          errors: ['rollback-way-unclear'],
          says: [{ id: 'rollback-way-unclear', remedy: `give version: ${NEW}. ` }],
          asked: 'no-write',
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, version: NEW },
        then: { outcome: 'rolled-back', tells: ['record-not-credible'], ...allOld('default'), ...UNMOVED },
      },
    ],
  },
  {
    id: 'in-place-gateway',
    shows:
      'the default profile by a file, two of each with budgets: the gateway that istioctl installed goes up and down with the control plane, is not forgotten, and all is as it was',
    mesh: 'default',
    leaves: 'changed',
    testbed: 'if-asked',
    probed: 'if-asked',
    acts: [
      { event: { istioctl: ['install', '-f', FILE, '-y'] } },
      { event: { scale: istiod('default'), to: 2 } },
      { event: { scale: GATEWAY, to: 2 } },
      { event: { quiet: true } },
      { keep: 'two of each' },
      {
        run: 'canary',
        inputs: { ...CANARY, ...WITH_GATEWAY, set: 'profile=minimal' },
        then: { outcome: 'refused', errors: ['gateway-not-in-configuration'], about: [GATEWAY] },
      },
      ...(['precheck', 'canary'] as const).flatMap((run) =>
        // The one has not what is to come, and the other has no way back.
        [
          ['old', NEW],
          ['new', OLD],
        ].map(([pinned = '', version = '']): RunAct => ({
          run,
          inputs: { ...CANARY, config: `test/fixtures/in-place/gateway-pinned-${pinned}.yaml` },
          then: {
            outcome: 'refused',
            errors: ['configuration-other-version'],
            about: [GATEWAY],
            says: [
              { id: 'configuration-other-version', message: [`istioctl ${version}`], remedy: 'overlay' },
            ],
            asked: 'no-write',
          },
        })),
      ),
      {
        run: 'canary',
        inputs: { ...CANARY, ...WITH_GATEWAY },
        then: { outcome: 'succeeded', state: 'canary', dataPlane: { ...mixed(NEW, OLD), ...gatewayAt(NEW) } },
      },
      {
        run: 'promote',
        inputs: { ...IN_PLACE, ...WITH_GATEWAY },
        then: {
          outcome: 'succeeded',
          state: 'completed',
          dataPlane: { ...everything(NEW).dataPlane, ...gatewayAt(NEW) },
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, ...WITH_GATEWAY },
        then: {
          outcome: 'rolled-back',
          same: 'two of each',
          dataPlane: { ...everything(OLD).dataPlane, ...gatewayAt(OLD) },
          exists: [BUDGET, GATEWAY],
        },
      },
    ],
  },
  {
    id: 'in-place-gateway-broken-before',
    shows:
      'M21: no upgrade begins over a gateway of istioctl’s that was broken before, and a rollback is not blocked by it: istioctl waits for it in vain',
    mesh: 'default',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      { event: { istioctl: ['install', '--set', 'profile=default', '-y'] } },
      { event: gatewayFirst([{ name: 'first', image: 'docker.io/istio/proxyv2:0.0.1' }]) },
      { event: { quiet: true } },
      {
        run: 'precheck',
        inputs: { ...CANARY, set: 'profile=default' },
        then: { outcome: 'refused', errors: ['gateway-not-healthy'], about: [GATEWAY], asked: 'no-write' },
      },
      {
        run: 'canary',
        inputs: { ...CANARY, set: 'profile=default' },
        then: {
          outcome: 'refused',
          errors: ['gateway-not-healthy'],
          says: [{ id: 'gateway-not-healthy', remedy: 'mend it first' }],
        },
      },
      // As a canary leaves it that failed over the gateway.
      { event: { istioctl: ['install', '--set', 'profile=minimal', '-y'], version: NEW } },
      {
        event: {
          create: {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'istio-upgrade', namespace: 'istio-system' },
            ...record({
              attempt: '1-30-3-to-1-31-0-0000abcd',
              from: { revision: 'default', version: OLD },
              to: { revision: 'default', version: NEW },
              intent: 'canary',
              troubled: [GATEWAY],
            }),
          },
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, set: 'profile=default' },
        patience: 'short',
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          tells: [`gateway-not-healthy ${GATEWAY}`],
          ...UNMOVED,
        },
      },
      { event: gatewayFirst(null) },
      { event: { quiet: true } },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, set: 'profile=default' },
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          hides: ['gateway-not-healthy'],
          dataPlane: { ...everything(OLD).dataPlane, ...gatewayAt(OLD) },
        },
      },
    ],
  },
  {
    id: 'in-place-gateway-injected',
    shows:
      'a gateway of istioctl’s whose proxy an injector puts in (injectionTemplate): its template is the same of every release, so it is restarted with the other workloads, there and back',
    mesh: 'default',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      { event: { istioctl: ['install', ...INJECTED.split('\n').flatMap((line) => ['--set', line]), '-y'] } },
      { event: { quiet: true } },
      { keep: 'an injected one' },
      {
        run: 'canary',
        inputs: { ...CANARY, set: INJECTED },
        again: true,
        then: { outcome: 'succeeded', state: 'canary', dataPlane: { ...mixed(NEW, OLD), ...gatewayAt(OLD) } },
      },
      {
        run: 'promote',
        inputs: { ...IN_PLACE, set: INJECTED },
        again: true,
        then: {
          outcome: 'succeeded',
          state: 'completed',
          dataPlane: { ...everything(NEW).dataPlane, ...gatewayAt(NEW) },
        },
      },
      {
        run: 'rollback',
        inputs: { ...IN_PLACE, set: INJECTED },
        again: true,
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          same: 'an injected one',
          dataPlane: { ...everything(OLD).dataPlane, ...gatewayAt(OLD) },
        },
      },
    ],
  },
  {
    id: 'in-place-patch-hop',
    shows: 'from one patch release to the next, in place, and back',
    mesh: 'default',
    leaves: 'as-it-was',
    played: 'if-asked',
    acts: [
      {
        run: 'canary',
        inputs: { ...CANARY, version: NEXT_PATCH },
        again: true,
        then: {
          outcome: 'succeeded',
          state: 'canary',
          tells: ['patch-hop'],
          dataPlane: mixed(NEXT_PATCH, OLD),
          ...UNMOVED,
        },
      },
      {
        run: 'promote',
        inputs: IN_PLACE,
        then: { outcome: 'succeeded', state: 'completed', ...everything(NEXT_PATCH) },
      },
      rollbackInPlace,
    ],
  },
  {
    id: 'in-place-new-kind',
    shows:
      'what a release adds, drops and changes is told, and is no loss; objects of a kind that it brought, and fields in use that only it knows, forbid the way back; after it all is as it was but for what it says that stays',
    mesh: 'default',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      canaryInPlace,
      promoteInPlace,
      { keep: 'before the newest' },
      {
        run: 'canary',
        inputs: { ...CANARY, version: NEWEST },
        then: {
          outcome: 'succeeded',
          state: 'canary',
          dataPlane: mixed(NEWEST, NEW),
          tells: [
            'profile-default-changed ClusterRole/istiod-gateway-controller-istio-system',
            'profile-default-changed PodDisruptionBudget/istiod',
            'profile-default-changed Service/istiod:spec.ports[15014].name',
            'profile-default-changed meshConfig.dnsRefreshRate',
          ],
        },
      },
      { event: { create: LATER } },
      { event: { create: LATER_FIELD } },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'refused',
          state: 'canary',
          errors: ['downgrade-loses-objects', 'downgrade-loses-fields'],
          about: [LATER_CRD, `CustomResourceDefinition ${NARROWED}`],
          says: [
            { id: 'downgrade-loses-objects', remedy: 'delete them' },
            {
              id: 'downgrade-loses-fields',
              message: ['spec.later', 'ProxyConfig catalog/later'],
              remedy: 'take those fields out',
            },
          ],
        },
      },
      { event: { delete: 'LaterPolicy catalog/later' } },
      { event: { patch: 'ProxyConfig catalog/later', with: { spec: { later: null } } } },
      {
        run: 'rollback',
        inputs: IN_PLACE,
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          tells: ['crds-not-taken-back', 'objects-not-taken-back'],
          ...everything(NEW),
          exists: [LATER_CRD, BUDGET, 'ClusterRole istiod-gateway-controller-istio-system'],
        },
      },
      // What the report said that stays is all that differs from before.
      { event: { delete: LATER_CRD } },
      { event: { delete: BUDGET } },
      { event: { delete: 'ProxyConfig catalog/later' }, then: { same: 'before the newest' } },
    ],
  },
];
