import { describe, expect, test } from '@jest/globals';
import type { WorkloadObject } from '../../../src/cluster/objects.ts';
import { gatewaysOf, installedGatewayOf, prunedWith } from '../../../src/istio/installed-gateway.ts';
import { removalObstacles } from '../../../src/istio/removal.ts';
import { acceptedBy, nobody } from '../../../src/istio/stragglers.ts';
import { NEW, OLD, installedGateway, mesh } from '../../support/mesh.ts';

const LABELS = {
  'istio.io/rev': OLD.revision,
  'operator.istio.io/component': 'IngressGateways',
  'operator.istio.io/managed': 'Reconcile',
  'operator.istio.io/version': OLD.version,
  'install.operator.istio.io/owning-resource': 'unknown',
  'install.operator.istio.io/owning-resource-namespace': 'istio-system',
  app: 'istio-ingressgateway',
};

const deployment = (labels: Record<string, string> = LABELS): WorkloadObject => ({
  metadata: { name: 'istio-ingressgateway', namespace: 'istio-system', uid: 'u', labels },
  spec: { template: { spec: { containers: [{ name: 'istio-proxy', image: 'proxyv2:1' }] } } },
});

const service = (revision: string, namespace = 'istio-system') => ({
  metadata: { name: 'istio-ingressgateway', namespace, labels: { 'istio.io/rev': revision } },
});

describe('a gateway that istioctl has installed', () => {
  test('is of the revision of its Deployment, and of its Service’s', () => {
    expect(
      installedGatewayOf(
        deployment(),
        'istio-system',
        [service('x', 'other'), service(NEW.revision)],
        nobody,
      ),
    ).toMatchObject({
      namespace: 'istio-system',
      name: 'istio-ingressgateway',
      revision: OLD.revision,
      serviceRevision: NEW.revision,
    });
  });

  test('is known as what goes along, where leave to stay is asked for', () => {
    const named = { names: ['istio-system/*'], selectors: [] };
    const of = (selection: Parameters<typeof acceptedBy>[0]) =>
      installedGatewayOf(deployment(), 'istio-system', [], acceptedBy(selection))?.accepted;
    expect([of(named), of({ ...named, goAlong: ['installed'] })]).toEqual([true, false]);
  });

  test('keeps the labels that istioctl adds when it installs, but for what tells the release', () => {
    expect(installedGatewayOf(deployment(), 'istio-system', [], nobody)?.ownerLabels).toEqual({
      'operator.istio.io/managed': 'Reconcile',
      'install.operator.istio.io/owning-resource': 'unknown',
      'install.operator.istio.io/owning-resource-namespace': 'istio-system',
    });
  });

  test.each<[string, Record<string, string>]>([
    ['Helm or kubectl has applied it (T20)', { ...LABELS, 'operator.istio.io/managed': '' }],
    [
      'it was installed for another Istio namespace',
      {
        ...LABELS,
        'install.operator.istio.io/owning-resource-namespace': 'istio-two',
      },
    ],
    ['it is no gateway', { ...LABELS, 'operator.istio.io/component': 'Pilot' }],
  ])('is not one where %s', (_, labels) => {
    const given = Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
    expect(installedGatewayOf(deployment(given), 'istio-system', [], nobody)).toBeUndefined();
  });
});

describe('H23, T17: the uninstall of a revision takes the gateways that carry its label', () => {
  const half = installedGateway('istio-system/gw', NEW.revision, { serviceRevision: OLD.revision });
  const seen = mesh({ planes: [], installedGateways: [half] });

  test('also those of which only a part does, as a run was stopped in between', () => {
    expect(gatewaysOf(seen, OLD.revision)).toEqual([half]);
    expect(gatewaysOf(seen, NEW.revision)).toEqual([half]);
    expect(gatewaysOf(seen, 'another')).toEqual([]);
  });

  test('and an installation of it without gateways deletes them', () => {
    expect(prunedWith(seen, NEW.revision).map(({ id, object }) => `${id} ${object ?? ''}`)).toEqual([
      'gateway-would-be-pruned Deployment istio-system/gw',
    ]);
    expect(prunedWith(seen, 'another')).toEqual([]);
  });

  test('so it is not removed', () => {
    expect(removalObstacles(seen, OLD.revision, NEW.revision).map(({ object }) => object)).toEqual([
      'Deployment istio-system/gw',
    ]);
  });
});
