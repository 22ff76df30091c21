import { expect, it } from '@jest/globals';
import type { WorkloadObject } from '../../../src/cluster/objects.ts';
import { podOfTemplate } from '../../../src/istio/rehearsal-pod.ts';

it('makes volumes of the claims of a StatefulSet, as its controller does (M20)', () => {
  const object = {
    metadata: { name: 'db' },
    spec: {
      serviceName: 'dbs',
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
      template: { spec: { containers: [], nodeName: 'n', volumes: [{ name: 'data' }, { name: 'tmp' }] } },
    },
  } as unknown as WorkloadObject;
  expect(podOfTemplate(object, 'StatefulSet').spec).toEqual({
    containers: [],
    hostname: 'db-0',
    subdomain: 'dbs',
    volumes: [{ name: 'tmp' }, { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }],
  });
});
