import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { NOTHING_RENDERED, type Rendered } from '../../../src/engine/rendered.ts';
import type { Session } from '../../../src/engine/session.ts';
import { targetConfigMaps } from '../../../src/engine/target-config-map.ts';
import { weighAddresses } from '../../../src/engine/weigh-addresses.ts';
import type { Phase } from '../../../src/outcome.ts';
import { type MeshSpec, NEW, OLD, plane, pod, view } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const injector = `istio-sidecar-injector-${NEW.revision}`;
const signed = {
  values: JSON.stringify({ global: { caAddress: `istiod-${OLD.revision}.istio-system.svc` } }),
};

async function told(
  phase: Phase,
  {
    spec = { planes },
    live,
    coming = NOTHING_RENDERED,
    removeOld = false,
    seen,
  }: {
    readonly spec?: MeshSpec;
    readonly live?: object;
    readonly coming?: Rendered;
    readonly removeOld?: boolean;
    readonly seen?: Partial<ReturnType<typeof view>>;
  } = {},
): Promise<(string | undefined)[]> {
  const reader: Partial<Cluster> = {
    get: ((_kind: string, name: string) =>
      Promise.resolve(name === injector ? { data: live } : undefined)) as unknown as Cluster['get'],
  };
  const inputs = { phase, istioNamespace: 'istio-system', removeOld };
  const session = { reader, inputs } as unknown as Session;
  const target = targetConfigMaps(session, coming);
  const findings = await weighAddresses(session, { ...view(spec), ...seen }, target, phase);
  return findings.map(({ severity }) => severity);
}

test('by what would be installed; where nothing would be, by the target that is there', async () => {
  const coming: Rendered = {
    ...NOTHING_RENDERED,
    yaml: stringify({ kind: 'ConfigMap', metadata: { name: injector }, data: signed }),
  };
  expect(await told('canary', { coming, live: {} })).toEqual(['error']);
  expect(await told('precheck', { coming, live: {} })).toEqual(['error']);
  expect(
    await told('canary', {
      coming: { ...coming, yaml: coming.yaml.replace(OLD.revision, NEW.revision) },
      live: signed,
    }),
  ).toEqual([]);
  expect(await told('promote', { live: {} })).toEqual([]);
});

test('promote is stopped where it moves or removes; else it is told what will be in the way', async () => {
  const moving: MeshSpec = { planes, pods: [pod('a/p', OLD.revision)] };
  expect(await told('promote', { live: signed, spec: moving })).toEqual(['error']);
  const moved: MeshSpec = {
    planes,
    tags: { default: NEW.revision },
    defaultValidator: NEW.revision,
    pods: [pod('a/p', NEW.revision)],
  };
  expect(await told('promote', { live: signed, spec: moved })).toEqual(['warning']);
  expect(await told('promote', { live: signed, spec: moved, removeOld: true })).toEqual(['error']);
});

test('the way back installs nothing for the target, and in place the Service stays', async () => {
  expect(await told('rollback', { live: signed })).toEqual([]);
  const to = { revision: OLD.revision, version: NEW.version };
  const { upgrade } = view({ planes });
  expect(await told('canary', { live: signed, seen: { upgrade: { ...upgrade, to } } })).toEqual([]);
});
