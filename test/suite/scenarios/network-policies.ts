import type { Act, RunAct, Scenario } from '../scenario.ts';
import { installedIn, withIngress } from './gateways.ts';
import { LABELLED_BY_USERS, NEW, OLD, TARGET } from './shop.ts';

const MESH = '1-30-3';
const ALL = ['catalog', 'checkout', 'legacy', 'storefront'];
const POLICIES = 'values.global.networkPolicy.enabled=true';
const INPUTS = { set: `profile=default\n${POLICIES}` };

const policy = (name: string, revision: string): string => `NetworkPolicy istio-system/${name}-${revision}`;
const GATEWAY = 'istio-ingressgateway';
/** As it is named among all kinds. */
const labelled = (revision: string): string =>
  policy(GATEWAY, revision).replace('NetworkPolicy', 'NetworkPolicy.networking.k8s.io');

const canary = (inputs: Readonly<Record<string, string>>, gateway: string): RunAct => ({
  run: 'canary',
  inputs: { 'canary-namespaces': 'storefront', ...INPUTS, ...inputs },
  again: true,
  then: {
    outcome: 'succeeded',
    state: 'canary',
    dataPlane: installedIn(MESH, ['storefront'], gateway),
    exists: [policy('istiod', TARGET), policy('istiod', MESH), policy(GATEWAY, MESH)],
  },
});

/** That of the canary's istiod goes with it; a gateway's, which istioctl does not take either, is named. */
const back: Act = {
  run: 'rollback',
  inputs: INPUTS,
  then: {
    outcome: 'rolled-back',
    state: 'rolled-back',
    dataPlane: installedIn(MESH, [], `${MESH}@${OLD}`),
    remains: { of: TARGET, are: [labelled(TARGET)] },
  },
};

const forGood: Act = {
  run: 'promote',
  inputs: { ...INPUTS, 'remove-old': 'true', 'remove-old-after': '0s' },
  then: {
    outcome: 'succeeded',
    state: 'completed',
    dataPlane: installedIn(MESH, ALL, `${TARGET}@${NEW}`),
    exists: [policy('istiod', TARGET), policy(GATEWAY, TARGET)],
    remains: { of: MESH, are: [...LABELLED_BY_USERS[MESH], labelled(MESH)] },
  },
};

/** For clusters that deny by default (istio.io, "Network Policy"). */
export const networkPolicies: readonly Scenario[] = [
  {
    id: 'network-policies',
    testbed: 'if-asked',
    shows:
      'with values.global.networkPolicy.enabled the policy of istiod comes and goes with it, though istioctl leaves it, and that of a gateway comes along; what of a gateway’s is left is named',
    mesh: MESH,
    leaves: 'changed',
    acts: [
      ...withIngress(MESH, POLICIES),
      canary({ gateways: 'with-install' }, `${TARGET}@${NEW}`),
      back,
      canary({}, `${MESH}@${OLD}`),
      forGood,
    ],
  },
];
