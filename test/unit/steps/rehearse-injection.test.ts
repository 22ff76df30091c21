import { describe, expect, test } from '@jest/globals';
import type { Context } from '../../../src/steps/context.ts';
import { rehearseInjection } from '../../../src/steps/rehearse-injection.ts';
import { NEW, OLD, pod, view, workload } from '../../support/mesh.ts';
import { emptyReport } from '../report/reports.ts';

/** A pod as the injector of a mesh makes it. */
const injected = (place: string) => ({
  metadata: {
    name: 'p',
    annotations: { 'sidecar.istio.io/status': JSON.stringify({ revision: NEW.revision }) },
  },
  spec: {
    containers: [
      {
        name: 'istio-proxy',
        image: `docker.io/istio/proxyv2:${NEW.version}`,
        env: [{ name: 'CA_ADDR', value: `istiod-${NEW.revision}.${place}.svc:15012` }],
      },
    ],
  },
});

async function rehearse(place: string): Promise<string> {
  const decided = view({
    planes: [],
    namespaces: { a: {} },
    workloads: [workload('a/w', { injectedBy: [NEW.revision] })],
    pods: [pod('a/w-1', OLD.revision)],
  });
  const context = {
    inputs: { istioNamespace: 'istio-system' },
    cluster: {
      get: () =>
        Promise.resolve({ metadata: { name: 'w', namespace: 'a' }, spec: { template: { spec: {} } } }),
      rehearse: () => Promise.resolve({ admitted: true, object: injected(place) }),
    },
    upgrade: decided.upgrade,
    report: emptyReport({}),
  } as unknown as Context;
  const step = rehearseInjection(
    () => NEW,
    () =>
      ({ revision }) =>
        revision === OLD.revision,
  );
  return step.run(context, decided);
}

describe('M03: a rehearsal asks whose istiod the proxy would ask', () => {
  test('its own', async () => {
    expect(await rehearse('istio-system')).toContain('1 templates');
  });

  test("another mesh's, by the same revision and version", async () => {
    await expect(rehearse('mesh2')).rejects.toMatchObject({
      findings: [
        {
          id: 'injection-rehearsal-wrong',
          message: expect.stringContaining('which asks the istiod in mesh2') as unknown,
        },
      ],
    });
  });
});
