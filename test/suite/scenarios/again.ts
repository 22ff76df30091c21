import type { Act, Ref, Scenario } from '../scenario.ts';
import { TARGET, allNew, canaryOf, wayBack } from './shop.ts';

const MESH = '1-30-3';
const CANARY = { 'canary-namespaces': 'storefront' };
const LOGGED = { ...CANARY, set: 'meshConfig.accessLogFile=/dev/stdout' };
const CONFIGURED: Ref = `ConfigMap istio-system/istio-${TARGET}`;
const LOST = 'target-would-lose-configuration';
const LOG = 'meshConfig.accessLogFile';
const HUB = ['Deployment/istiod', 'values.global.hub'];

/** A phase that would take the log away from who is on the target, and does nothing. */
const refused = (run: 'precheck' | 'canary'): Act => ({
  run,
  inputs: CANARY,
  then: {
    outcome: 'refused',
    errors: [LOST],
    about: [LOG],
    says: [{ id: LOST, message: ['/dev/stdout', 'not set'], remedy: 'acknowledge' }],
    asked: 'no-write',
  },
});

/** A canary that is run again over its own target, with other inputs or after somebody has changed it. */
export const again: readonly Scenario[] = [
  {
    id: 'again-forgotten-set',
    shows:
      'canary again without what the target was installed with takes nothing from the proxies that are on it, unless that is acknowledged; where it then fails, nobody says that no workload was moved',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      { ...canaryOf('storefront', ['storefront']), inputs: LOGGED },
      refused('precheck'),
      refused('canary'),
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted' } },
      refused('canary'),
      {
        run: 'canary',
        inputs: LOGGED,
        then: { outcome: 'no-changes', state: 'promoted' },
      },
      {
        run: 'canary',
        inputs: { ...CANARY, acknowledge: LOG },
        then: { outcome: 'succeeded', state: 'promoted', tells: [`${LOST} ${LOG}`], ...allNew() },
      },
      {
        run: 'canary',
        inputs: { ...CANARY, set: 'hub=broken.example', acknowledge: HUB.join('\n') },
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'promoted',
          errors: ['control-plane-not-ready'],
          says: [{ id: 'control-plane-not-ready', remedy: `proxies are on revision ${TARGET}` }],
        },
      },
      {
        run: 'canary',
        inputs: { ...CANARY, acknowledge: HUB.join('\n') },
        then: { outcome: 'succeeded', state: 'promoted', ...allNew() },
      },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'again-unused',
    shows:
      'canary again with other inputs, where nobody is on the target yet, goes on and names what it takes from it',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        run: 'canary',
        inputs: { ...CANARY, set: 'meshConfig.accessLogFile=/dev/stdout\nhub=broken.example' },
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'canarying',
          errors: ['control-plane-not-ready'],
          says: [{ id: 'control-plane-not-ready', remedy: 'No workload was moved' }],
        },
      },
      {
        run: 'canary',
        inputs: CANARY,
        then: {
          outcome: 'succeeded',
          state: 'canary',
          tells: [`${LOST} ${LOG}`, `${LOST} values.global.hub`],
        },
      },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'again-edited-by-hand',
    shows: 'what somebody has set on the target since canary is not taken away by the next one',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'never',
    acts: [
      canaryOf('storefront', ['storefront']),
      {
        event: {
          patch: CONFIGURED,
          with: {
            data: {
              mesh: 'extensionProviders:\n  - name: traces\n    zipkin: {service: z.example, port: 9411}\n',
            },
          },
        },
      },
      {
        run: 'canary',
        inputs: CANARY,
        then: { outcome: 'refused', errors: [LOST], asked: 'no-write' },
      },
      {
        run: 'canary',
        inputs: { ...CANARY, acknowledge: 'meshConfig.extensionProviders' },
        then: { outcome: 'succeeded', state: 'canary' },
      },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
];
