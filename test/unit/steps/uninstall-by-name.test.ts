import { describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import type { OwnedObject } from '../../../src/istio/mesh.ts';
import { parseVersion } from '../../../src/istio/version.ts';
import type { Istioctl } from '../../../src/istioctl/istioctl.ts';
import { silentLogger } from '../../../src/log.ts';
import type { Context } from '../../../src/steps/context.ts';
import { handOverServices } from '../../../src/steps/hand-over-service.ts';
import { uninstallRevision } from '../../../src/steps/uninstall-revision.ts';
import { type MeshSpec, NEW, OLD, plane, view as viewOf } from '../../support/mesh.ts';

const owned = (kind: OwnedObject['kind'], name: string, revision = 'default'): OwnedObject => ({
  kind,
  name,
  namespace: kind.endsWith('Configuration') ? undefined : 'istio-system',
  uid: name,
  revision,
  terminating: false,
  content: undefined,
});

const OWNED = [
  owned('MutatingWebhookConfiguration', 'istio-sidecar-injector'),
  owned('Deployment', 'istiod'),
  owned('Service', 'istiod'),
  owned('Service', 'istiod-new', 'new'),
];

/** A validator of the base, which asks that Service; the revision’s own does not count. */
const validator = (name: string, service: string): object => ({
  metadata: { name },
  webhooks: [{ name: 'v', clientConfig: { service: { name: service, namespace: 'istio-system' } } }],
});

const SERVICE = {
  metadata: { name: 'istiod', labels: { 'istio.io/rev': 'default' } },
  spec: { selector: { app: 'istiod', istio: 'pilot' } },
};

/** A cluster that notes what is done to it. */
function clusterOf(validators: readonly object[]): { done: string[]; cluster: Context['cluster'] } {
  const done: string[] = [];
  const cluster = {
    list: () => Readable.from(validators),
    edit: (kind: string, name: string, _: string, decide: (current: object) => object | undefined) => {
      done.push(`${kind} ${name} ${JSON.stringify(decide(SERVICE))}`);
      return Promise.resolve(undefined);
    },
    remove: (kind: string, name: string) => {
      done.push(`- ${kind} ${name}`);
      return Promise.resolve();
    },
  };
  return { done, cluster: cluster as unknown as Context['cluster'] };
}

const SUCCEEDED = {
  ok: true,
  code: 0,
  timedOut: false,
  aborted: false,
  words: '',
  denied: [],
  durationMs: 1,
};

const MESH = { owned: OWNED, istioNamespace: 'istio-system' };
const HANDED =
  'Service istiod {"metadata":{"labels":{"istio.io/rev":"new"}},"spec":{"selector":{"app":"istiod","istio":null,"istio.io/rev":"new"}}}';

describe('the Service that a validator asks which stays', () => {
  test.each([
    ['is handed over', [validator('istiod-istio-system', 'istiod')], [HANDED]],
    ['is left alone where it is of the one that stays', [validator('istiod-istio-system', 'istiod-new')], []],
    ['goes where nobody asks it', [], []],
  ])('%s', async (_, validators, expected) => {
    const { done, cluster } = clusterOf(validators);
    await handOverServices({ cluster }, MESH, 'default', 'new');
    expect(done).toEqual(expected);
  });

  test('goes with the validator of the same revision', async () => {
    const { done, cluster } = clusterOf([validator('istio-validator', 'istiod')]);
    const own = [...OWNED, owned('ValidatingWebhookConfiguration', 'istio-validator')];
    await handOverServices({ cluster }, { ...MESH, owned: own }, 'default', 'new');
    expect(done).toEqual([]);
  });
});

/** An upgrade whose old side is removed by an istioctl that takes no time. */
async function uninstall(before: MeshSpec, after: MeshSpec): Promise<{ done: string[]; ended: unknown }> {
  const { done, cluster } = clusterOf([]);
  const view = viewOf(before);
  const istioctl: Partial<Istioctl> = {
    version: parseVersion(OLD.version),
    uninstallDryRun: () => Promise.resolve({ readable: true, objects: [] }),
    uninstall: ({ revision }) => {
      done.push(`uninstall ${revision}`);
      return Promise.resolve({ ...SUCCEEDED });
    },
  };
  const proved = { istioctl: istioctl as Istioctl, proof: { source: 'x', sha256: 'y' } };
  const context = {
    inputs: { istioNamespace: 'istio-system' },
    cluster,
    istioctl: { from: proved, to: proved },
    upgrade: view.upgrade,
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => 60_000,
    observe: () => Promise.resolve(viewOf(after).mesh),
  } as unknown as Context;
  const step = uninstallRevision({ release: () => OLD, side: 'from' });
  const ended: unknown = await step.run(context, view).catch((error: unknown) => error);
  return { done, ended };
}

describe('the old control plane', () => {
  const promoted: MeshSpec = {
    planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
    tags: { default: NEW.revision },
    defaultValidator: NEW.revision,
    namespaces: { shop: { 'istio.io/rev': NEW.revision } },
  };
  const removed: MeshSpec = { ...promoted, planes: [plane(NEW.revision, NEW.version)] };

  test('is not removed where somebody has chosen it since it was proved unused', async () => {
    const namespaces = { ...promoted.namespaces, preview: { 'istio.io/rev': OLD.revision } };
    const { done, ended } = await uninstall({ ...promoted, namespaces }, removed);
    expect(done).toEqual([]);
    expect(ended).toMatchObject({ findings: [{ id: 'still-in-use', object: 'Namespace preview' }] });
    expect((await uninstall(promoted, removed)).done).toEqual([`uninstall ${OLD.revision}`]);
  });

  test('is removed while others change something: nobody is blamed, and the remedy leads forward', async () => {
    const restarted = plane(NEW.revision, NEW.version, { fingerprint: 'restarted' });
    const { ended } = await uninstall(promoted, { ...removed, planes: [restarted] });
    expect(ended).toMatchObject({
      findings: [
        {
          id: 'changed-by-accident',
          message: `another control plane changed while ${OLD.revision} was being removed (by istioctl uninstall, or by somebody else)`,
          remedy: expect.stringContaining('promote with remove-old: true again: it finishes the removal'),
        },
      ],
    });
  });
});

describe('until 1.10 uninstall does not tell what it would take', () => {
  /** What the step has done, with istioctl of a version; the look afterwards shows nothing of the old one. */
  async function removal(version: string): Promise<string[]> {
    const { done, cluster } = clusterOf([]);
    const spec = { planes: [plane('default', version), plane('new', '1.11.8')], owned: OWNED };
    const view = viewOf(spec);
    const after = viewOf({ planes: [plane('new', '1.11.8')] });
    const upgrade = {
      ...view.upgrade,
      from: { revision: 'default', version },
      to: { revision: 'new', version: '1.11.8' },
    };
    let looks = 0;
    const istioctl: Partial<Istioctl> = {
      version: parseVersion(version),
      uninstallDryRun: () => Promise.resolve({ readable: true, objects: [] }),
      uninstall: ({ revision }) => {
        done.push(`uninstall ${revision}`);
        return Promise.resolve({ ...SUCCEEDED });
      },
    };
    const proved = { istioctl: istioctl as Istioctl, proof: { source: 'x', sha256: 'y' } };
    const context = {
      inputs: { istioNamespace: 'istio-system' },
      cluster,
      istioctl: { from: proved, to: proved },
      upgrade,
      log: silentLogger,
      signal: new AbortController().signal,
      remainingMs: () => 60_000,
      observe: () => Promise.resolve(looks++ === 0 ? view.mesh : after.mesh),
    } as unknown as Context;
    await uninstallRevision({ release: () => upgrade.from, side: 'from' }).run(context, {
      ...view,
      upgrade,
    });
    return done;
  }

  test.each(['1.6.14', '1.7.8', '1.10.6'])(
    'of %s it is not called: its own objects go by name',
    async (version) => {
      expect(await removal(version)).toEqual([
        '- MutatingWebhookConfiguration istio-sidecar-injector',
        '- Deployment istiod',
        '- Service istiod',
      ]);
    },
  );

  test('from 1.11 on it is called', async () => {
    expect(await removal('1.11.8')).toEqual(['uninstall default']);
  });
});
