import { describe, expect, test } from '@jest/globals';
import type { GatewayObject, WorkloadObject } from '../../../src/cluster/objects.ts';
import {
  apiGatewayOf,
  isMadeByIstiod,
  madeDeploymentOf,
  withDeployments,
} from '../../../src/istio/api-gateway.ts';
import { covers } from '../../../src/istio/scope.ts';
import { toReplace } from '../../../src/istio/moves.ts';
import { isBehind } from '../../../src/istio/side.ts';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import { NEW, OLD, mesh, plane, pod, workload } from '../../support/mesh.ts';

const gateway = (spec: Partial<GatewayObject['spec']> = {}, metadata = {}): GatewayObject => ({
  metadata: { name: 'web', namespace: 'edge', ...metadata },
  spec: { gatewayClassName: 'istio', ...spec },
});

/** As istiod writes it on the testbed. */
const deployment = (labels: object = {}, place = 'istio-system'): WorkloadObject => ({
  metadata: { name: 'web-istio', namespace: 'edge' },
  spec: {
    template: {
      metadata: {
        labels: {
          'gateway.istio.io/managed': 'istio.io-gateway-controller',
          'gateway.networking.k8s.io/gateway-name': 'web',
          ...labels,
        },
        annotations: { 'istio.io/rev': OLD.revision },
      },
      spec: {
        containers: [
          { name: 'istio-proxy', env: [{ name: 'CA_ADDR', value: `istiod-1-30-3.${place}.svc:15012` }] },
        ],
      },
    },
  },
});

describe('Gateways whose workload istiod makes', () => {
  test.each([
    ['of class istio', gateway(), true],
    ['with an IP address that is asked for', gateway({ addresses: [{ type: 'IPAddress' }] }), true],
    ['with the name of a Service that is there', gateway({ addresses: [{ type: 'Hostname' }] }), false],
    ['a waypoint', gateway({ gatewayClassName: 'istio-waypoint' }), false],
    ['another controller’s', gateway({ gatewayClassName: 'nginx' }), false],
  ])('%s', (_, object, expected) => {
    expect(isMadeByIstiod(object)).toBe(expected);
  });

  const seen = mesh({ planes: [plane(OLD.revision, OLD.version)], tags: { default: OLD.revision } });
  const plain = apiGatewayOf(gateway(), seen);

  test('hands labels and annotations on, unless it names others for what is made of it', () => {
    expect(plain).toMatchObject({ claimedBy: [OLD.revision], handsOn: true, originals: undefined });
    expect(apiGatewayOf(gateway({ infrastructure: { labels: {}, annotations: {} } }), seen).handsOn).toBe(
      false,
    );
    expect(apiGatewayOf(gateway({ infrastructure: { labels: {} } }), seen).handsOn).toBe(true);
  });

  test('an annotation that is not ours is not read (M37)', () => {
    const annotations = { 'istio-upgrade/original-labels': '{"app":"x"}' };
    expect(apiGatewayOf(gateway({}, { annotations }), seen).originals).toBeUndefined();
  });

  test('the Deployment tells who wrote it; another controller’s is not taken for it', () => {
    const made = madeDeploymentOf(deployment());
    expect(made).toMatchObject({ gateway: 'web', writtenBy: OLD.revision, istioNamespace: 'istio-system' });
    expect(madeDeploymentOf(deployment({ 'gateway.istio.io/managed': 'else' }))).toBeUndefined();
    expect(withDeployments([plain], [made!], 'istio-system')).toMatchObject([
      { deployment: 'web-istio', writtenBy: OLD.revision },
    ]);
  });

  test('one that another mesh’s istiod makes is not of this mesh (M03)', () => {
    expect(
      withDeployments([plain], [madeDeploymentOf(deployment({}, 'istio-blue'))!], 'istio-system'),
    ).toEqual([]);
  });
});

describe('pods that istiod makes for a Gateway', () => {
  const own = { ofGateway: true, namespace: 'edge', pinnedRevision: undefined };

  test('no act on their namespace is about them', () => {
    expect(covers({ namespaces: ['edge'], tags: [] }, own)).toBe(false);
    expect(covers({ namespaces: ['edge'], tags: [] }, { ...own, ofGateway: false })).toBe(true);
  });

  test('no restart of ours moves them, so none is tried, and they are no stragglers', () => {
    const seen = mesh({
      planes: [plane(OLD.revision, OLD.version)],
      workloads: [workload('edge/web-istio', { gateway: 'gateway-api', ofGateway: true })],
      pods: [pod('edge/web-istio-1', OLD.revision, { ofGateway: true, injectedBy: [] })],
    });
    expect(toReplace(seen, isBehind({ from: OLD, to: NEW }), NOTHING_BEFORE, { from: OLD, to: NEW })).toEqual(
      {
        workloads: [],
        troubled: [],
        stragglers: [],
      },
    );
  });
});
