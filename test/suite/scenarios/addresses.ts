import type { Act, EventAct, MeshRevision, RunAct, Scenario } from '../scenario.ts';
import { LABELLED_BY_USERS, NEW, TARGET, allNew, dataPlane } from './shop.ts';

const ELSEWHERE = 'address-of-other-istiod';
const CA = 'values.global.caAddress';
const DISCOVERY = 'meshConfig.defaultConfig.discoveryAddress';
const STOREFRONT = { 'canary-namespaces': 'storefront' };
const REMOVE = { 'remove-old': 'true', 'remove-old-after': '0s' };

const serviceOf = (mesh: MeshRevision): string =>
  `${mesh === 'default' ? 'istiod' : `istiod-${mesh}`}.istio-system.svc:15012`;

/** As those have it who have written down the address that istioctl fills in. */
const signedBy = (mesh: MeshRevision): string => `${CA}=${serviceOf(mesh)}`;

const install = (revision: string, version: string | undefined, ...set: readonly string[]): EventAct => ({
  event: {
    istioctl: [
      ...['install', '-y', ...['profile=minimal', ...set].flatMap((line) => ['--set', line])],
      ...(revision === 'default' ? [] : ['--revision', revision]),
    ],
    ...(version === undefined ? {} : { version }),
  },
});

const refused = (
  run: 'precheck' | 'canary' | 'promote',
  key: string,
  says: { readonly message: readonly string[]; readonly remedy: string },
  inputs: Readonly<Record<string, string>>,
): RunAct => ({
  run,
  inputs: { ...(run === 'promote' ? {} : STOREFRONT), ...inputs },
  then: {
    outcome: 'refused',
    errors: [ELSEWHERE],
    about: [key],
    says: [{ id: ELSEWHERE, ...says }],
    asked: 'no-write',
  },
});

const beforeInstalling = (mesh: MeshRevision): readonly Act[] => {
  const says = { message: [`is of ${mesh}`], remedy: 'out of config and set' };
  return [
    install(mesh, undefined, signedBy(mesh)),
    refused('precheck', CA, says, { set: signedBy(mesh) }),
    refused('precheck', DISCOVERY, says, { set: `${DISCOVERY}=${serviceOf(mesh)}` }),
    refused('canary', CA, says, { set: signedBy(mesh) }),
    {
      run: 'canary',
      inputs: STOREFRONT,
      then: {
        outcome: 'succeeded',
        state: 'canary',
        dataPlane: dataPlane(mesh, ['storefront']),
        // Nothing that the canary should have as well.
        hides: ['canary-lacks-configuration'],
      },
    },
  ];
};

const restart = (name: string, mark: string): EventAct => ({
  event: {
    patch: `Deployment ${name}`,
    with: { spec: { template: { metadata: { annotations: { restarted: mark } } } } },
    until: 'rolled-out',
  },
});

/** Proxies that would get their certificates from the istiod that goes, connected to their own and in sync. */
export const addresses: readonly Scenario[] = (['default', '1-30-3'] as const).map((mesh) => ({
  id: mesh === 'default' ? 'signer-of-default' : 'signer-of-revision',
  shows: 'no istiod is removed from which proxies of the other one get their certificates',
  mesh,
  leaves: 'changed',
  testbed: 'never',
  ...(mesh === 'default' ? {} : { played: 'if-asked' as const }),
  acts: [
    ...beforeInstalling(mesh),
    // A canary that was made so, as by an earlier build.
    install(TARGET, NEW, signedBy(mesh)),
    restart('storefront/frontend', 'once'),
    refused('promote', CA, { message: [`is of ${mesh}`], remedy: `Install ${TARGET} again without it` }, {}),
    install(TARGET, NEW),
    {
      run: 'promote',
      then: {
        outcome: 'succeeded',
        state: 'promoted',
        ...allNew(),
        tells: ['still-in-use'],
      },
    },
    {
      run: 'promote',
      inputs: REMOVE,
      then: {
        outcome: 'refused',
        errors: ['still-in-use'],
        says: [
          {
            id: 'still-in-use',
            message: ['certificates', mesh],
            remedy: 'Restart Deployment storefront/frontend',
          },
        ],
        asked: 'no-write',
      },
    },
    restart('storefront/frontend', 'twice'),
    {
      run: 'promote',
      inputs: REMOVE,
      then: {
        outcome: 'succeeded',
        state: 'completed',
        remains: { of: mesh, are: LABELLED_BY_USERS[mesh] },
        ...allNew(),
      },
    },
  ],
}));
