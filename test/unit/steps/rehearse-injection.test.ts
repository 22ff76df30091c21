import { describe, expect, test } from '@jest/globals';
import type { Context } from '../../../src/steps/context.ts';
import { rehearseInjection } from '../../../src/steps/rehearse-injection.ts';
import type { Workload } from '../../../src/istio/mesh.ts';
import { NEW, OLD, pod, view, workload } from '../../support/mesh.ts';
import { emptyReport } from '../report/reports.ts';

/** A pod as the injector of a mesh makes it. */
const injected = (place: string, version = NEW.version) => ({
  metadata: {
    name: 'p',
    annotations: { 'sidecar.istio.io/status': JSON.stringify({ revision: NEW.revision }) },
  },
  spec: {
    containers: [
      {
        name: 'istio-proxy',
        image: `docker.io/istio/proxyv2:${version}`,
        env: [{ name: 'CA_ADDR', value: `istiod-${NEW.revision}.${place}.svc:15012` }],
      },
    ],
  },
});

async function rehearse(place: string, version?: string, template: Partial<Workload> = {}): Promise<string> {
  const decided = view({
    planes: [],
    namespaces: { a: {} },
    workloads: [workload('a/w', { injectedBy: [NEW.revision], ...template })],
    pods: [pod('a/w-1', OLD.revision)],
  });
  const context = {
    inputs: { istioNamespace: 'istio-system' },
    cluster: {
      get: () =>
        Promise.resolve({ metadata: { name: 'w', namespace: 'a' }, spec: { template: { spec: {} } } }),
      rehearse: () => Promise.resolve({ admitted: true, object: injected(place, version) }),
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

test('a template that keeps the image of its proxy is not said to get the new one', async () => {
  const proxyImage = `docker.io/istio/proxyv2:${OLD.version}`;
  expect(await rehearse('istio-system', OLD.version, { proxyImage })).toBe(
    '1 templates, each would be of 1-31-0: 0 with proxy 1.31.0, 1 keeps its own image',
  );
  expect(await rehearse('istio-system', NEW.version, { proxyImage })).toBe(
    '1 templates, each would get proxy 1.31.0 of 1-31-0',
  );
});

describe('an injector that refuses', () => {
  const WEBHOOK = '"rev.namespace.sidecar-injector.istio.io"';
  const refused = async (phase: string, reason: string) => {
    const decided = view({
      planes: [],
      namespaces: { a: {} },
      workloads: [workload('a/w', { injectedBy: [NEW.revision] })],
      pods: [pod('a/w-1', OLD.revision)],
    });
    const context = {
      inputs: { istioNamespace: 'istio-system', phase },
      cluster: {
        get: () =>
          Promise.resolve({ metadata: { name: 'w', namespace: 'a' }, spec: { template: { spec: {} } } }),
        rehearse: () => Promise.resolve({ admitted: false, reason, status: 500 }),
      },
      upgrade: decided.upgrade,
      report: emptyReport({}),
    } as unknown as Context;
    const step = rehearseInjection(
      () => NEW,
      () => () => true,
    );
    return step.run(context, decided).then(
      () => undefined,
      (error: unknown) => (error as { findings: readonly { message: string; remedy: string }[] }).findings[0],
    );
  };

  test.each([
    ['canary', /run canary again with/],
    ['promote', /run rollback, then canary with/],
    ['rollback', /run rollback again/],
  ])('answers, so %s does not say that it can not be reached', async (phase, remedy) => {
    const words = `create pods: 400 BadRequest admission webhook ${WEBHOOK} denied the request: requested template "jvm" not found; have failed calling webhook`;
    const told = await refused(phase, words);
    expect(told?.message).toMatch(/injector .* answered and refuses it: /);
    expect(told?.remedy).toMatch(remedy);
    expect(told?.remedy).not.toContain('15017');
  });

  test('by silence is to be reached', async () => {
    const told = await refused('canary', `failed calling webhook ${WEBHOOK}: connection refused`);
    expect(told?.message).toContain('could not be asked');
    expect(told?.remedy).toContain('15017');
  });
});
