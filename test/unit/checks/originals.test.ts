import { describe, expect, test } from '@jest/globals';
import { originals } from '../../../src/checks/originals.ts';
import { record } from '../../support/facts.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, plane } from '../../support/mesh.ts';

const spec: MeshSpec = {
  planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
  tags: { default: OLD.revision },
};
const moved = { 'istio.io/rev': NEW.revision };

function found(changes: Partial<MeshSpec>, phase: 'canary' | 'promote' | 'rollback' = 'rollback'): string[] {
  return originals(checkView({ ...spec, ...changes }, { phase })).map(
    ({ severity, id, object = '' }) => `${severity} ${id} ${object}`,
  );
}

describe('what an annotation says that is not to be believed, or leads nowhere', () => {
  test('nothing is told of namespaces that this upgrade moved, or never touched', () => {
    expect(
      found({
        namespaces: { a: moved, b: { 'istio.io/rev': OLD.revision } },
        originals: { a: { 'istio-injection': null, 'istio.io/rev': OLD.revision } },
      }),
    ).toEqual([]);
  });

  test.each(['canary', 'promote', 'rollback'] as const)(
    'M37: in %s, one that can not be read, and one of a namespace that was never moved: by name, as warnings',
    (phase) => {
      expect(
        found(
          {
            namespaces: { odd: moved, stale: { 'istio.io/rev': OLD.revision } },
            originals: { stale: { 'istio-injection': 'enabled', 'istio.io/rev': null } },
            namespaceFacts: { odd: { unreadableOriginals: '{' } },
          },
          phase,
        ),
      ).toEqual([
        'warning original-labels-unreadable Namespace odd',
        'warning original-labels-stale Namespace stale',
      ]);
    },
  );

  test('M11: rollback tells one that leads to a revision that is gone; promote does not go there', () => {
    const gone = {
      namespaces: { a: moved },
      originals: { a: { 'istio-injection': null, 'istio.io/rev': '1-29-6' } },
    };
    expect(found(gone)).toEqual(['warning original-labels-lead-elsewhere Namespace a']);
    expect(found(gone, 'promote')).toEqual([]);
  });
});

describe('labels that somebody has put back since canary moved them', () => {
  const spec1: MeshSpec = {
    ...spec,
    namespaces: { a: { 'istio.io/rev': OLD.revision } },
    originals: { a: { 'istio-injection': null, 'istio.io/rev': OLD.revision } },
  };
  const told = (
    phase: 'precheck' | 'canary' | 'promote' | 'rollback',
    changes: Partial<MeshSpec> = {},
    begun: Parameters<typeof record>[0] = {},
  ) => originals(checkView({ ...spec1, ...changes }, { phase, record: record(begun) }));

  test.each([
    ['precheck', 'Then run canary again'],
    ['canary', 'Then run canary again'],
    ['promote', 'Then run promote again'],
    ['rollback', 'Its labels are right for a rollback. Take the annotation away'],
  ] as const)('%s says so, and who has to change', (phase, remedy) => {
    expect(told(phase)).toMatchObject([
      {
        id: 'original-labels-stale',
        severity: 'warning',
        object: 'Namespace a',
        message: expect.stringContaining(
          `somebody has put back its label istio.io/rev=${OLD.revision} since this Action moved it`,
        ) as unknown,
        remedy: expect.stringContaining(remedy) as unknown,
      },
    ]);
  });

  test('also where what was applied leaves the label of the move beside its own', () => {
    const [finding] = told('canary', {
      namespaces: { a: { 'istio-injection': 'enabled', 'istio.io/rev': NEW.revision } },
      originals: { a: { 'istio-injection': 'enabled', 'istio.io/rev': null } },
      namespaceFacts: { a: { git: { tool: 'Flux', labels: ['istio-injection'] } } },
    });
    expect(finding).toMatchObject({
      message: expect.stringContaining('put back its label istio-injection=enabled') as unknown,
      remedy: expect.stringContaining(
        `applies namespace a (Flux), and let it set istio.io/rev=${NEW.revision} in place of istio-injection`,
      ) as unknown,
    });
  });

  test('not where the upgrade is over, or the labels are others', () => {
    const others = [
      told('canary', {}, { endedAt: '2026-11-28T00:00:00.000Z' }),
      told('canary', { namespaces: { a: { 'istio.io/rev': '1-29-6' } } }),
    ];
    for (const findings of others)
      expect(findings).toMatchObject([
        { message: expect.stringContaining('is not of this upgrade') as unknown },
      ]);
  });
});
