import type { Act, Scenario } from '../scenario.ts';
import { NEW, OLD, TARGET, canaryOf, dataPlane, istiod, labels, wayBack, pinnedCronJob } from './shop.ts';

const MESH = '1-30-3';
const CANARY = canaryOf('storefront', ['storefront']);
const EVERYBODY = 'values.sidecarInjectorWebhook.enableNamespacesByDefault=true';

/** The mesh's own control plane is installed again, with more values. */
const install = (...set: readonly string[]): Act => ({
  event: {
    istioctl: [
      'install',
      ...['profile=minimal', ...set].flatMap((value) => ['--set', value]),
      '--revision',
      MESH,
      '-y',
    ],
  },
});

const LEDGER = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'ledger', namespace: 'legacy' },
  spec: {
    replicas: 2,
    serviceName: 'ledger',
    selector: { matchLabels: { app: 'ledger' } },
    template: {
      metadata: { labels: { app: 'ledger' } },
      spec: { containers: [{ name: 'ledger', image: 'registry.example/shop/ledger:1.0.0' }] },
    },
  },
};

/** A full house: no pod more, dry runs too. */
const QUOTA = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'full', namespace: 'legacy' },
  spec: { hard: { pods: '2' } },
};

const CART = 'Deployment storefront/cart';
const IN_PLACE = { strategy: 'in-place', 'canary-namespaces': 'storefront' };

const keepsImage = (image: string | null): Act => ({
  event: {
    patch: CART,
    with: { spec: { template: { metadata: { annotations: { 'sidecar.istio.io/proxyImage': image } } } } },
    until: 'rolled-out',
  },
});

const LACKS = 'injection-template-missing';
const JVM = 'values.sidecarInjectorWebhook.templates.jvm=spec';
const asksForJvm: Act = {
  event: {
    patch: CART,
    with: {
      spec: { template: { metadata: { annotations: { 'inject.istio.io/templates': 'sidecar,jvm' } } } },
    },
    until: 'rolled-out',
  },
};

/** What decides for each template who injects it (M06, M07, M26, M27). */
export const templates: readonly Scenario[] = [
  {
    id: 'template-of-its-own',
    shows:
      'an injection template that a workload asks for and the target would not have is told before anything is moved, and the configuration that has it gets on',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      install(JVM),
      asksForJvm,
      {
        run: 'precheck',
        then: {
          outcome: 'refused',
          errors: [LACKS],
          about: [CART],
          says: [{ id: LACKS, message: ['jvm'], remedy: 'config or set that has it' }],
          asked: 'no-write',
        },
      },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'refused', errors: [LACKS], about: [CART], asked: 'no-write' },
      },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'catalog' },
        then: {
          outcome: 'succeeded',
          tells: [`${LACKS} ${CART}`],
          dataPlane: dataPlane(MESH, ['catalog']),
        },
      },
      { run: 'promote', then: { outcome: 'refused', errors: [LACKS], about: [CART], asked: 'no-write' } },
      { run: 'rollback', then: { outcome: 'rolled-back' } },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront', set: JVM },
        then: { outcome: 'succeeded', state: 'canary', dataPlane: dataPlane(MESH, ['storefront']) },
      },
      // Promote would go on from here with the target that is there, whatever canary would install now.
      { event: { istioctl: ['tag', 'set', 'default', '--revision', TARGET, '--overwrite', '-y'] } },
      {
        run: 'precheck',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'succeeded', state: 'promoting' },
      },
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted' } },
    ],
  },
  {
    id: 'template-cronjob',
    shows: 'M07: a CronJob whose template alone names the old revision keeps that from being removed',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      { event: { create: pinnedCronJob(MESH) } },
      { keep: 'pinned' },
      { event: { delete: 'CronJob outside/nightly' } },
      CANARY,
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted' } },
      { event: { create: pinnedCronJob(MESH) } },
      {
        run: 'promote',
        inputs: { 'remove-old': 'true', 'remove-old-after': '0s' },
        patience: 'short',
        then: {
          outcome: 'refused',
          state: 'promoted',
          errors: ['template-pins-revision'],
          about: ['CronJob outside/nightly'],
          exists: [istiod(MESH)],
        },
      },
      { run: 'rollback', then: wayBack(MESH, 'pinned') },
      { event: { delete: 'CronJob outside/nightly' } },
    ],
  },
  {
    id: 'template-proxy-image',
    shows:
      'in place, a template that keeps the image of its proxy is told before anything is touched, by the annotation, also on the way back',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      keepsImage(`docker.io/istio/proxyv2:${OLD}`),
      {
        run: 'precheck',
        inputs: IN_PLACE,
        then: { outcome: 'refused', errors: ['template-pins-proxy-image'], about: [CART] },
      },
      {
        run: 'canary',
        inputs: IN_PLACE,
        then: {
          outcome: 'refused',
          errors: ['template-pins-proxy-image'],
          says: [{ id: 'template-pins-proxy-image', remedy: 'Take the annotation away' }],
          asked: 'no-write',
        },
      },
      keepsImage(null),
      { run: 'canary', inputs: IN_PLACE, then: { outcome: 'succeeded', state: 'canary' } },
      keepsImage(`docker.io/istio/proxyv2:${NEW}`),
      {
        run: 'precheck',
        inputs: IN_PLACE,
        then: { outcome: 'succeeded', outputs: { 'rollback-ready': 'false' } },
      },
      {
        run: 'rollback',
        inputs: { strategy: 'in-place' },
        then: {
          outcome: 'refused',
          errors: ['template-pins-proxy-image'],
          says: [{ id: 'template-pins-proxy-image', remedy: 'Take the annotation away from the template' }],
          asked: 'no-write',
        },
      },
      keepsImage(null),
      { run: 'rollback', inputs: { strategy: 'in-place' }, then: { outcome: 'rolled-back', same: 'start' } },
    ],
  },
  {
    id: 'template-keeps-proxy-image',
    shows:
      'beside a control plane that stays, a template may keep the image of its proxy: its revision moves, and it is told',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      keepsImage(`docker.io/istio/proxyv2:${OLD}`),
      { keep: 'kept' },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'succeeded', state: 'canary', tells: [`template-pins-proxy-image ${CART}`] },
      },
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', default: TARGET } },
      { run: 'rollback', then: { outcome: 'rolled-back', state: 'rolled-back', same: 'kept' } },
      keepsImage(null),
      { event: { quiet: true }, then: { same: 'start' } },
    ],
  },
  {
    id: 'template-follows-default',
    shows:
      'a template and a namespace that say istio.io/rev=default follow the default tag: nobody is asked to change them',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        event: {
          patch: 'Namespace catalog',
          with: {
            metadata: {
              labels: { 'istio.io/rev': 'default' },
              annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/Namespace:/catalog' },
            },
          },
        },
      },
      { event: { create: pinnedCronJob('default') } },
      { keep: 'by default' },
      { run: 'precheck', inputs: { 'canary-namespaces': 'storefront' }, then: { outcome: 'succeeded' } },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'succeeded', state: 'canary' },
      },
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', default: TARGET } },
      { run: 'rollback', then: { outcome: 'rolled-back', state: 'rolled-back', same: 'by default' } },
      { event: { delete: 'CronJob outside/nightly' } },
      {
        event: {
          patch: 'Namespace catalog',
          with: {
            metadata: {
              labels: { 'istio.io/rev': MESH },
              annotations: { 'argocd.argoproj.io/tracking-id': null },
            },
          },
        },
        then: { same: 'start' },
      },
    ],
  },
  {
    id: 'template-quota',
    shows: 'M26: a quota that refuses the rehearsal says nothing of injection: the restart decides',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      // Its pods go before new ones come, so that there is room for each.
      { event: { scale: 'Deployment legacy/orders', to: 0 } },
      { event: { create: LEDGER } },
      { event: { scale: 'StatefulSet legacy/ledger', to: 2 } },
      { event: { create: QUOTA } },
      { keep: 'full' },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'legacy' },
        then: {
          outcome: 'succeeded',
          state: 'canary',
          dataPlane: dataPlane(MESH, ['legacy']),
          tells: ['injection-not-rehearsed StatefulSet legacy/ledger'],
        },
      },
      { run: 'rollback', then: wayBack(MESH, 'full') },
      { event: { delete: 'ResourceQuota legacy/full' } },
      { event: { delete: 'StatefulSet legacy/ledger' } },
      { event: { scale: 'Deployment legacy/orders', to: 2 } },
    ],
  },
  {
    id: 'template-declined',
    shows: 'M27: what istiod itself leaves without a sidecar stays so, and stops nothing',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        event: {
          patch: 'Deployment storefront/cart',
          with: {
            spec: {
              template: { metadata: { annotations: { 'sidecar.istio.io/inject': 'disabled' } } },
            },
          },
          until: 'rolled-out',
        },
      },
      { keep: 'declined' },
      {
        run: 'precheck',
        inputs: { 'canary-namespaces': 'storefront' },
        then: {
          outcome: 'succeeded',
          tells: ['injection-declined Deployment storefront/cart'],
          outputs: { 'proxies-behind': '0' },
        },
      },
      CANARY,
      {
        run: 'promote',
        then: {
          outcome: 'succeeded',
          state: 'promoted',
          default: TARGET,
          outputs: { 'proxies-behind': '0' },
        },
      },
      { run: 'rollback', then: wayBack(MESH, 'declined') },
      {
        event: {
          patch: 'Deployment storefront/cart',
          with: {
            spec: {
              template: { metadata: { annotations: { 'sidecar.istio.io/inject': null } } },
            },
          },
          until: 'rolled-out',
        },
      },
    ],
  },
  {
    id: 'template-everybody',
    shows: 'M06: where pods of unlabelled namespaces are injected, they still are after promote and rollback',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      install(EVERYBODY),
      {
        event: {
          istioctl: [
            'tag',
            'set',
            'default',
            '--revision',
            MESH,
            '--overwrite',
            '--auto-inject-namespaces',
            '-y',
          ],
        },
        then: { born: { outside: OLD } },
      },
      {
        event: {
          patch: 'Deployment outside/reports',
          with: { spec: { template: { metadata: { annotations: { again: '1' } } } } },
          until: 'rolled-out',
        },
        then: { dataPlane: { ...dataPlane(MESH, []), outside: `${MESH}@${OLD}` } },
      },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront', set: EVERYBODY },
        then: { outcome: 'succeeded', state: 'canary', born: { outside: OLD } },
      },
      {
        run: 'promote',
        then: {
          outcome: 'succeeded',
          state: 'promoted',
          default: TARGET,
          born: { outside: NEW },
          labels: { outside: labels(MESH).outside ?? {} },
        },
      },
      {
        run: 'rollback',
        then: {
          outcome: 'rolled-back',
          default: MESH,
          born: { outside: OLD },
          dataPlane: { ...dataPlane(MESH, []), outside: `${MESH}@${OLD}` },
        },
      },
    ],
  },
];
