import type { Act, MeshRevision, RunAct, Scenario } from '../scenario.ts';
import { INGRESS, PROFILE, installedIn, withIngress } from './gateways.ts';
import { LABELLED_BY_USERS, NEW, OLD, TARGET, allNew, allOld, dataPlane, wayBack } from './shop.ts';

const MESH: MeshRevision = '1-30-3';
const ALL = ['catalog', 'checkout', 'legacy', 'storefront'];
const AGENT = 'DaemonSet istio-system/istio-cni-node';

const GATEWAYS = { ...PROFILE, gateways: 'with-install' };
const CNI = { set: 'profile=minimal\ncomponents.cni.enabled=true', cni: 'with-install' };

/** Gone for good: what went along is the target's own, and is there after the old control plane has gone. */
const forGood = (inputs: Readonly<Record<string, string>>): RunAct => ({
  run: 'promote',
  inputs: { ...inputs, 'remove-old': 'true', 'remove-old-after': '0s' },
  then: {
    outcome: 'succeeded',
    state: 'completed',
    remains: { of: MESH, are: LABELLED_BY_USERS[MESH] },
  },
});

const canary = (inputs: Readonly<Record<string, string>>): RunAct => ({
  run: 'canary',
  inputs: { 'canary-namespaces': 'storefront', ...inputs },
  then: { outcome: 'succeeded', state: 'canary' },
});

const withGateway: Act = {
  ...canary(GATEWAYS),
  again: true,
  then: {
    outcome: 'succeeded',
    state: 'canary',
    dataPlane: installedIn(MESH, ['storefront'], `${TARGET}@${NEW}`),
    connected: { [TARGET]: 'some', [MESH]: 'some' },
    default: MESH,
  },
};

/** With Istio CNI by istioctl, installed with the control plane. */
const withCni: readonly Act[] = [
  {
    event: {
      istioctl: [
        ...['install', '--set', 'profile=minimal', '--set', 'components.cni.enabled=true', '-y'],
        ...['--revision', MESH],
      ],
    },
  },
  { event: { quiet: true } },
  { keep: 'cni' },
];

/** What all revisions share goes along with the canary's installation, as Istio's documents do it. */
export const along: readonly Scenario[] = [
  {
    id: 'gateway-with-install',
    testbed: 'if-asked',
    shows:
      'H22, H23: with gateways: with-install the gateway that istioctl installed is upgraded by the canary’s installation, goes back before the canary is removed, and stays when the old control plane goes',
    mesh: MESH,
    leaves: 'changed',
    acts: [
      ...withIngress(MESH),
      withGateway,
      {
        run: 'canary',
        inputs: {
          'canary-namespaces': 'storefront',
          set: 'profile=default\nmeshConfig.enableTracing=true',
        },
        then: {
          outcome: 'refused',
          errors: ['gateway-would-be-pruned'],
          about: [INGRESS],
          says: [{ id: 'gateway-would-be-pruned', remedy: 'gateways: with-install' }],
          asked: 'no-write',
        },
      },
      {
        run: 'rollback',
        inputs: PROFILE,
        then: { ...wayBack(MESH, 'ingress'), dataPlane: installedIn(MESH, [], `${MESH}@${OLD}`) },
      },
      withGateway,
      {
        ...forGood(PROFILE),
        then: {
          ...forGood(PROFILE).then,
          dataPlane: installedIn(MESH, ALL, `${TARGET}@${NEW}`),
          exists: [INGRESS, 'Service istio-system/istio-ingressgateway'],
        },
      },
    ],
  },
  {
    id: 'gateway-with-install-new',
    shows: 'a gateway that the mesh does not have does not come by an upgrade (H22)',
    mesh: MESH,
    leaves: 'as-it-was',
    played: 'if-asked',
    testbed: 'if-asked',
    acts: [
      {
        ...canary(GATEWAYS),
        then: {
          outcome: 'refused',
          errors: ['configuration-renders-shared'],
          says: [{ id: 'configuration-renders-shared', remedy: 'profile=minimal' }],
          asked: 'no-write',
        },
      },
    ],
  },
  {
    id: 'cni-with-install',
    testbed: 'if-asked',
    shows:
      'H54, H56, T04: with cni: with-install the node agent that istioctl installed is upgraded by the canary’s installation, goes back to the old release and revision before the canary is removed, and stays when the old control plane goes',
    mesh: MESH,
    leaves: 'changed',
    acts: [
      ...withCni,
      {
        ...canary(CNI),
        again: true,
        then: {
          outcome: 'succeeded',
          state: 'canary',
          dataPlane: dataPlane(MESH, ['storefront']),
          tells: [`cni-goes-along ${AGENT}`],
          default: MESH,
        },
      },
      {
        run: 'canary',
        inputs: {
          'canary-namespaces': 'storefront',
          set: 'profile=minimal\nmeshConfig.enableTracing=true',
        },
        then: {
          outcome: 'refused',
          errors: ['cni-would-be-pruned'],
          about: [AGENT],
          asked: 'no-write',
        },
      },
      {
        run: 'rollback',
        inputs: { set: 'profile=minimal' },
        then: { outcome: 'refused', errors: ['cni-not-rendered'], about: [AGENT], asked: 'no-write' },
      },
      { run: 'rollback', inputs: { set: CNI.set }, then: { ...wayBack(MESH, 'cni'), ...allOld(MESH) } },
      canary(CNI),
      {
        ...forGood({ set: CNI.set }),
        then: { ...forGood({}).then, ...allNew(), exists: [AGENT] },
      },
    ],
  },
];
