import { describe, expect, test } from '@jest/globals';
import { defaultRevisionInPlace } from '../../../src/checks/in-place/default-revision.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import { deadWebhooks } from '../../../src/checks/dead-webhooks.ts';
import { defaultRevision } from '../../../src/checks/default-revision.ts';
import { noDefault } from '../../../src/checks/no-default.ts';
import type { WebhookConfiguration } from '../../../src/cluster/objects.ts';
import { frameOf } from '../../../src/istio/frame.ts';
import { injectorsOf } from '../../../src/istio/injection.ts';
import { isPromoted } from '../../../src/istio/promoted.ts';
import { moveDefault } from '../../../src/steps/move-default.ts';
import { checkView } from '../../support/check-view.ts';
import {
  type MeshSpec,
  NEW,
  OLD,
  foreignWebhook,
  mesh,
  plane,
  tagWebhook,
  view,
} from '../../support/mesh.ts';

/** Of the mesh in istio-system, as the one in istio-blue sees it. */
const THEIRS = injectorsOf([tagWebhook('default', 'red')]);
/** It serves namespaces with `istio-injection=enabled`, and is no tag: of Helm, or without a revision before 1.12. */
const UNTAGGED = THEIRS.map((injector) => ({
  ...injector,
  tag: undefined,
  configuration: 'istio-sidecar-injector',
}));

const BLUE: MeshSpec = {
  istioNamespace: 'istio-blue',
  planes: [plane(OLD.revision, OLD.version)],
  namespaces: { home: { 'istio.io/rev': OLD.revision } },
  foreignInjectors: THEIRS,
};
const both = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];

describe('a mesh beside one that has the default', () => {
  test('does not miss it, and is told whose it is, without a command that would take it', () => {
    expect(defaultRevision(checkView(BLUE))).toEqual([
      {
        id: 'default-of-another-mesh',
        severity: 'info',
        message:
          'the default is that of the mesh in istio-system: istio-revision-tag-default injects namespaces with istio-injection=enabled. It stays there, and so does the default validator',
        remedy: 'Nothing: the namespaces of this mesh go by istio.io/rev.',
      },
    ]);
    // One that has a control plane there, and nothing else, has no default.
    const foreignInjectors = injectorsOf([foreignWebhook('red', 'istio-red')]);
    expect(defaultRevision(checkView({ ...BLUE, foreignInjectors }))).toMatchObject([
      { id: 'default-webhook-missing' },
    ]);
  });

  test('moves it in no phase', () => {
    for (const side of ['from', 'to'] as const) {
      for (const planes of [BLUE.planes, both])
        expect(moveDefault(side).plan?.(view({ ...BLUE, planes }))).toEqual([]);
    }
  });

  test('is promoted without it', () => {
    const promoted = mesh({ ...BLUE, planes: both, namespaces: { home: { 'istio.io/rev': NEW.revision } } });
    const sides = { from: OLD, to: NEW };
    expect(isPromoted(promoted, sides, { intent: 'promote' }, { troubled: new Set() })).toBe(true);
    // A canary of all namespaces looks the same.
    expect(isPromoted(promoted, sides, { intent: 'canary' }, { troubled: new Set() })).toBe(false);
    // Its canary was run again, with other settings: what was promoted still is.
    const again = { intent: 'canary', promotedAt: '2026-11-28T12:00:00Z' } as const;
    expect(isPromoted(promoted, sides, again, { troubled: new Set() })).toBe(true);
  });

  test('has it back once it leads there by its own tag', () => {
    const tags = { default: OLD.revision };
    const own = { ...BLUE, tags, foreignInjectors: [], defaultValidator: OLD.revision };
    expect(defaultRevision(checkView(own))).toEqual([]);
    expect(moveDefault('to').plan?.(view({ ...own, planes: both }))).toHaveLength(2);
  });

  test('both have it: nobody can tell whose it is', () => {
    const [found] = defaultRevision(
      checkView({ ...BLUE, tags: { default: OLD.revision }, defaultValidator: OLD.revision }),
    );
    expect(found).toMatchObject({
      id: 'injectors-overlap',
      severity: 'error',
      message: `namespaces with istio-injection=enabled are injected by ${OLD.revision} and red in istio-system`,
    });
    expect(found?.remedy).not.toContain('tag set');
  });

  test('a release that takes what nobody has by a tag is not installed where another mesh has it without one', () => {
    const untagged = checkView({ ...BLUE, foreignInjectors: UNTAGGED });
    const [found] = defaultRevision(untagged);
    expect(found).toMatchObject({ id: 'default-of-another-mesh', severity: 'error' });
    expect(found?.remedy).not.toContain('tag set');
    const { upgrade } = untagged;
    const to = { ...upgrade.to, version: '1.26.4' };
    expect(defaultRevision({ ...untagged, upgrade: { ...upgrade, to } })).toMatchObject([
      { severity: 'info' },
    ]);
  });

  test('is not upgraded in place: that would take it', () => {
    const own = { ...BLUE, planes: [plane('default', OLD.version)], namespaces: {} };
    const [both] = defaultRevisionInPlace(checkView({ ...own, tags: { default: 'default' } }));
    expect(both).toMatchObject({ id: 'injectors-overlap', severity: 'error' });
    const [found] = defaultRevisionInPlace(checkView(own));
    expect(found).toMatchObject({
      id: 'default-of-another-mesh',
      severity: 'error',
      remedy: 'Use strategy: revision, which leaves the default where it is.',
    });
  });

  test('where its own validator asks nobody, no command takes the default for it', () => {
    const seen = checkView(BLUE);
    const dead = {
      kind: 'ValidatingWebhookConfiguration',
      name: 'istiod-default-validator',
      service: 'istiod-gone',
      refuses: true,
    } as const;
    const [found] = deadWebhooks({ ...seen, mesh: { ...seen.mesh, deadWebhooks: [dead] } });
    expect(found?.remedy).toBe(
      "The default is that of the mesh in istio-system: lead it there by that mesh's own istioctl.",
    );
  });

  test('below 1.12 it is not told to make itself the default later', () => {
    const seen = checkView(BLUE);
    const old = { ...seen.upgrade, from: { ...OLD, version: '1.10.6' }, to: { ...NEW, version: '1.11.8' } };
    const [told] = noDefault({ ...seen, upgrade: old });
    expect(told).toMatchObject({ id: 'no-default-to-move' });
    expect(told?.remedy).not.toContain('tag set');
  });
});

describe('a mesh in which nobody has the default', () => {
  const sides = (to: string, revision = NEW.revision) => ({
    from: { ...OLD, version: '1.12.9' },
    to: { revision, version: to },
  });
  const MESH: MeshSpec = {
    planes: [plane(OLD.revision, '1.12.9')],
    tags: {},
    namespaces: {
      shop: { 'istio.io/rev': OLD.revision },
      plain: { 'istio-injection': 'enabled' },
      follows: { 'istio.io/rev': 'default' },
    },
  };
  const seen = (to: string, changes: Partial<MeshSpec> = {}): CheckView => {
    const of = checkView({ ...MESH, ...changes });
    return { ...of, upgrade: { ...of.upgrade, ...sides(to) } };
  };

  test.each(['1.13.9', '1.23.6', '1.24.6', '1.26.8'])(
    'is upgraded to %s by its labels, as no install takes it and nobody follows it',
    (to) => {
      const alone = { namespaces: { shop: { 'istio.io/rev': OLD.revision } } };
      const [found, ...others] = defaultRevision(seen(to, alone));
      expect(others).toEqual([]);
      expect(found).toMatchObject({ id: 'default-stays-vacant', severity: 'info' });
      expect(found?.message).toContain(`no install of a revision of ${to} takes it`);
      expect(moveDefault('to').plan?.(seen(to, { ...alone, planes: both }))).toEqual([]);
      expect(moveDefault('from').plan?.(seen(to, { ...alone, planes: both }))).toEqual([]);
    },
  );

  // `istioctl uninstall` of the revision that has the default takes its tag and its validator.
  test.each<[string, Partial<MeshSpec>]>([
    ['namespaces that follow it', {}],
    [
      'namespaces that did, before they were moved',
      {
        namespaces: { shop: { 'istio.io/rev': NEW.revision } },
        originals: { shop: { 'istio-injection': 'enabled', 'istio.io/rev': null } },
      },
    ],
  ])('has lost it where there are %s: that is told, and a rollback makes it again', (_, changes) => {
    const [found] = defaultRevision(seen('1.26.8', changes));
    expect(found).toMatchObject({ id: 'default-webhook-missing', severity: 'error' });
    const back = seen('1.26.8', { planes: both, ...changes });
    expect(moveDefault('from').plan?.(back)).not.toEqual([]);
  });

  test('is refused where installing would take it, and told whom that would inject', () => {
    const [found] = defaultRevision(seen('1.27.0'));
    expect(found).toMatchObject({ id: 'default-webhook-missing', severity: 'error' });
    expect(found?.message).toContain('installing a revision would make it the default at once');
    expect(found?.message).toContain('plain, follows');
    // The first injector of a cluster is the default until 1.23.
    const bare = seen('1.13.9');
    const [first] = defaultRevision({ ...bare, mesh: { ...bare.mesh, injectors: [] } });
    expect(first).toMatchObject({ id: 'default-webhook-missing' });
  });

  test('is refused where the default validator tells that there was one: promote would lead both on', () => {
    const [found] = defaultRevision(seen('1.13.9', { defaultValidator: OLD.revision }));
    expect(found).toMatchObject({ id: 'default-webhook-missing', severity: 'error' });
    expect(found?.message).not.toContain('at once');
    expect(found?.message).toContain(`promote would make ${NEW.revision} the default`);
    expect(
      moveDefault('to').plan?.(seen('1.13.9', { planes: both, defaultValidator: OLD.revision })),
    ).toHaveLength(2);
  });

  test('names nobody where nobody follows it', () => {
    const namespaces = { shop: { 'istio.io/rev': OLD.revision } };
    expect(defaultRevision(seen('1.13.9', { namespaces }))[0]?.remedy).not.toContain('Namespaces');
    expect(defaultRevision(seen('1.27.0', { namespaces }))[0]?.remedy).toMatch(
      /^Make the current one the default first: /,
    );
  });

  test('in place any install makes one', () => {
    const view = seen('1.13.9');
    const upgrade = { ...view.upgrade, ...sides('1.13.9', 'default') };
    expect(defaultRevisionInPlace({ ...view, upgrade })).toMatchObject([
      { id: 'default-webhook-missing', message: expect.stringContaining('in place would make one') },
    ]);
  });

  test('is promoted without it', () => {
    const promoted = mesh({ ...MESH, planes: both, namespaces: { shop: { 'istio.io/rev': NEW.revision } } });
    expect(isPromoted(promoted, sides('1.13.9'), { intent: 'promote' }, { troubled: new Set() })).toBe(true);
    expect(isPromoted(promoted, sides('1.27.0'), { intent: 'promote' }, { troubled: new Set() })).toBe(false);
  });
});

describe('the default validator, of which a cluster has one', () => {
  const validator = (namespace: string): WebhookConfiguration => ({
    metadata: { name: 'istiod-default-validator', labels: { 'istio.io/rev': 'red' } },
    webhooks: [
      {
        name: 'validation.istio.io',
        clientConfig: { service: { name: 'istiod-red', namespace } },
      },
    ],
  });
  const seen = (namespace: string): string | undefined =>
    frameOf({
      istioNamespace: 'istio-blue',
      systemDeployments: [],
      systemServices: [],
      mutating: [],
      validating: [validator(namespace)],
      namespaces: [],
      gateways: [],
      owned: [],
    }).defaultValidator;

  test('is that of the mesh whose istiod it asks, also where both have a revision of that name', () => {
    expect(seen('istio-blue')).toBe('red');
    expect(seen('istio-system')).toBeUndefined();
  });
});
