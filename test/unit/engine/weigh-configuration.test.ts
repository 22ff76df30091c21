import { expect, test } from '@jest/globals';
import { ApiError } from '../../../src/cluster/api-error.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { GONE } from '../../../src/decide/sides.ts';
import type { View } from '../../../src/decide/upgrade.ts';
import { weighConfiguration } from '../../../src/engine/weigh-configuration.ts';
import type { Session } from '../../../src/engine/session.ts';
import { injectorsOf } from '../../../src/istio/injection.ts';
import { CONFIGURATION_KINDS } from '../../../src/istio/configuration-kinds.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, foreignWebhook, plane, pod, workload } from '../../support/mesh.ts';

const VIEW: View = checkView(
  {
    planes: [plane(OLD.revision, OLD.version)],
    namespaces: { pay: { 'istio.io/rev': OLD.revision } },
    pods: [pod('pay/x', OLD.revision)],
  },
  { upgrade: { attempt: 'x', from: OLD, to: NEW, scope: { namespaces: ['pay'], tags: [] }, tags: {} } },
);

/** @param may whether a resource may be listed; `items` by plural */
function session(
  inputs: object,
  {
    may = () => true,
    items = {},
    root,
  }: {
    may?: (plural: string) => boolean;
    items?: Readonly<Record<string, readonly object[]>>;
    root?: string;
  } = {},
): { session: Session; asked: string[] } {
  const asked: string[] = [];
  const reader: Partial<Cluster> = {
    served: (group) => {
      if (group === 'gateway.networking.k8s.io') return Promise.resolve(new Map());
      const plurals = CONFIGURATION_KINDS.filter((one) => one.group === group).map(({ plural }) => plural);
      return Promise.resolve(new Map(plurals.map((plural) => [plural, 'v1'])));
    },
    custom: async function* (_group, _version, plural, { labelSelector = '' } = {}) {
      asked.push(`${plural} ${labelSelector}`);
      await Promise.resolve();
      if (!may(plural)) throw new ApiError(`list ${plural}`, 403, 'Forbidden', 'no');
      yield* items[plural] ?? [];
    },
    get: (() =>
      Promise.resolve({
        data: { mesh: JSON.stringify({ rootNamespace: root }) },
      })) as unknown as Cluster['get'],
  };
  return {
    session: {
      reader,
      inputs: { phase: 'canary', istioNamespace: 'istio-system', acknowledge: [], ...inputs },
    } as unknown as Session,
    asked,
  };
}

const at = (namespace: string, name = 'x') => ({ metadata: { namespace, name } });

test('each kind that is served is listed once, by the label of the old revision', async () => {
  const { session: seen, asked } = session({});
  expect(await weighConfiguration(seen, VIEW)).toEqual([]);
  expect(asked).toHaveLength(15);
  expect(asked).toContain('peerauthentications istio.io/rev=1-30-3,!operator.istio.io/managed');
});

test('what may not be listed is one warning, and refuses nothing', async () => {
  const { session: seen } = session(
    {},
    { may: (plural) => plural !== 'sidecars' && plural !== 'telemetries' },
  );
  expect(await weighConfiguration(seen, VIEW)).toMatchObject([
    {
      id: 'configuration-not-seen',
      severity: 'warning',
      message: expect.stringContaining('list sidecars.networking.istio.io, telemetries.telemetry.istio.io:'),
      remedy: expect.stringContaining('roles/canary.yaml'),
    },
  ]);
});

test('the root namespace is the one that the mesh configuration names', async () => {
  const items = { authorizationpolicies: [at('istio-system'), at('config')] };
  const { session: seen } = session({}, { items, root: 'config' });
  expect(await weighConfiguration(seen, VIEW)).toMatchObject([{ object: 'AuthorizationPolicy config/x' }]);
});

test('promote tells what leads to the istiod, and its removal is refused for it', async () => {
  const spec = { tls: [{ route: [{ destination: { host: 'istiod-1-30-3.istio-system.svc' } }] }] };
  const items = { virtualservices: [{ ...at('edge'), spec }] };
  const of = async (inputs: object) =>
    (await weighConfiguration(session(inputs, { items }).session, VIEW))
      .filter(({ id }) => id === 'still-in-use')
      .map(({ severity }) => severity);
  expect(await of({ phase: 'promote', removeOld: false })).toEqual(['warning']);
  expect(await of({ phase: 'promote', removeOld: true })).toEqual(['error']);
  expect(await of({ phase: 'precheck' })).toEqual([]);
});

test('another mesh in the cluster is named by where its istiod is', async () => {
  const items = { authorizationpolicies: [at('pay')] };
  const remedyOf = async (...foreign: Parameters<typeof injectorsOf>) => {
    const mesh = { ...VIEW.mesh, foreignInjectors: injectorsOf(...foreign) };
    const [finding] = await weighConfiguration(session({}, { items }).session, { ...VIEW, mesh });
    return finding?.remedy;
  };
  expect(await remedyOf([])).not.toContain('read it as well');
  const theirs = [foreignWebhook('prod', 'mesh-b'), foreignWebhook('prod', undefined)];
  expect(await remedyOf(theirs)).toContain('mesh-b and another cluster read it as well');
});

test('a way back, and an upgrade in place, ask for nothing', async () => {
  const { session: seen, asked } = session({ phase: 'rollback' });
  expect(await weighConfiguration(seen, VIEW)).toEqual([]);
  const inPlace = { ...VIEW, upgrade: { ...VIEW.upgrade, to: { ...NEW, revision: OLD.revision } } };
  expect(await weighConfiguration(session({}).session, inPlace)).toEqual([]);
  expect(asked).toEqual([]);
});

test('promote weighs also where nothing runs on the old revision, as long as something leads there', async () => {
  const items = { authorizationpolicies: [at('pay')] };
  const of = async (spec: Partial<MeshSpec>) => {
    const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
    const { mesh } = checkView({ planes, defaultValidator: NEW.revision, ...spec });
    const { session: seen } = session({ phase: 'promote', removeOld: false }, { items });
    return (await weighConfiguration(seen, { ...VIEW, mesh })).map(({ severity }) => severity);
  };
  const moved = { tags: { default: NEW.revision }, namespaces: { pay: { 'istio.io/rev': NEW.revision } } };
  expect(await of(moved)).toEqual([]);
  // Scaled to zero at night.
  const asleep = { 'istio.io/rev': OLD.revision };
  expect(await of({ ...moved, namespaces: { pay: asleep } })).toEqual(['error']);
  expect(await of({ ...moved, tags: { default: OLD.revision } })).toEqual(['error']);
  expect(await of({ ...moved, tags: { ...moved.tags, prod: OLD.revision } })).toEqual(['error']);
  // A template that chooses it by itself.
  const pinned = workload('bare/w', { injectedBy: [OLD.revision], pinnedRevision: OLD.revision });
  expect(await of({ ...moved, workloads: [pinned] })).toEqual(['error']);
});

test('who is through, or comes from a control plane that is gone, is asked for nothing', async () => {
  const { session: promote, asked } = session({ phase: 'promote', removeOld: false });
  const { mesh: through } = checkView({
    planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
    tags: { default: NEW.revision },
    defaultValidator: NEW.revision,
    namespaces: { pay: { 'istio.io/rev': NEW.revision } },
  });
  expect(await weighConfiguration(promote, { ...VIEW, mesh: through })).toEqual([]);
  const { upgrade } = VIEW;
  expect(await weighConfiguration(promote, { ...VIEW, upgrade: { ...upgrade, from: GONE } })).toEqual([]);
  expect(asked).toEqual([]);
});
