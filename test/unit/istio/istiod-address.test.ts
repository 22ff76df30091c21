import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { addressesIn, leadsTo, ledElsewhere } from '../../../src/istio/istiod-address.ts';
import { NEW, OLD, mesh, plane } from '../../support/mesh.ts';

const SIDES = { from: OLD, to: NEW };
const PLANES = mesh({ planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)] });
const OLDS = `istiod-${OLD.revision}.istio-system.svc:15012`;
const keysOf = (config: object, values: object = {}) =>
  ledElsewhere(addressesIn(stringify(config), JSON.stringify(values)), PLANES, SIDES, {
    phase: 'canary',
    moves: true,
  }).map(({ object }) => object);
const discovery = (discoveryAddress: string) => ({ defaultConfig: { discoveryAddress } });

test('each key by which proxies come to the old istiod is named', () => {
  expect(keysOf({}, { global: { caAddress: OLDS } })).toEqual(['values.global.caAddress']);
  expect(keysOf({ defaultConfig: { proxyMetadata: { CA_ADDR: OLDS } } })).toEqual([
    'meshConfig.defaultConfig.proxyMetadata.CA_ADDR',
  ]);
  expect(keysOf(discovery(OLDS))).toEqual(['meshConfig.defaultConfig.discoveryAddress']);
  expect(keysOf(discovery(OLDS), { global: { remotePilotAddress: '192.0.2.10' } })).toEqual([
    'values.global.remotePilotAddress',
  ]);
});

test.each([
  `istiod-${NEW.revision}.istio-system.svc:15012`,
  'cert-manager-istio-csr.cert-manager.svc:443',
  'istiod.istio-blue.svc:15012',
  'meshca.googleapis.com:443',
  '10.0.0.7:443',
  // Nobody of this mesh.
  'istiod-1-2-3.istio-system.svc:15012',
  '',
])('%s is nobody else of the mesh', (address) => {
  expect(keysOf(discovery(address), { global: { caAddress: address } })).toEqual([]);
});

test('what is not there, or no text, leads nowhere', () => {
  expect(keysOf({})).toEqual([]);
  expect(keysOf({ defaultConfig: { discoveryAddress: 5 } }, { global: { caAddress: {} } })).toEqual([]);
  expect(addressesIn(undefined, '{')).toEqual([]);
});

test.each([
  'istiod',
  'istiod:15012',
  'istiod.istio-system',
  'istiod.istio-system.svc',
  'istiod.istio-system.svc:15012',
  'istiod.istio-system.svc.cluster.local:15012',
])('%s is the istiod without a revision', (address) => {
  expect(leadsTo(address, 'default', 'istio-system')).toBe(true);
  expect(leadsTo(address, NEW.revision, 'istio-system')).toBe(false);
});

test('what it says by phase, and whether it stops it', () => {
  const addresses = addressesIn('', JSON.stringify({ global: { caAddress: OLDS } }));
  const said = (phase: 'precheck' | 'canary' | 'promote', moves: boolean, planes = PLANES) =>
    ledElsewhere(addresses, planes, SIDES, { phase, moves })[0];
  const first = mesh({ planes: [plane(OLD.revision, OLD.version)] });
  expect(said('precheck', true, first)).toMatchObject({
    severity: 'error',
    message: expect.stringMatching(/is of 1-30-3 \(1\.30\.3\)/) as unknown,
    remedy: expect.stringMatching(/out of config and set.*istiod-1-31-0\.$/) as unknown,
  });
  expect(said('canary', true)?.remedy).toContain('name values.global.caAddress in acknowledge');
  expect(said('promote', true)).toMatchObject({
    severity: 'error',
    remedy: expect.stringContaining('Install 1-31-0 again') as unknown,
  });
  // All are on the target, and nothing is removed yet.
  expect(said('promote', false)).toMatchObject({
    severity: 'warning',
    message: expect.stringContaining('Promote with remove-old would be refused') as unknown,
  });
});
