import { expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { defaultRevision } from '../../../src/checks/default-revision.ts';
import { controlPlanes } from '../../../src/checks/control-planes.ts';
import { deadWebhooks } from '../../../src/checks/dead-webhooks.ts';
import { tagOrigins } from '../../../src/checks/tag-origins.ts';
import { tags } from '../../../src/checks/tags.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import { remedyOfUnseen } from '../../../src/istio/evidence.ts';
import { inputsAt, istioctlAt, uninstallAt } from '../../../src/istio/home.ts';
import { removalObstacles } from '../../../src/istio/removal.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, plane } from '../../support/mesh.ts';

const SYSTEM = { istioNamespace: 'istio-system' };
const ELSEWHERE = { istioNamespace: 'mesh-system' };

test('istioctl looks in istio-system, and has to be told of any other namespace', () => {
  expect(istioctlAt(SYSTEM, 'tag list')).toBe('istioctl tag list');
  expect(istioctlAt(ELSEWHERE, 'tag list')).toBe('istioctl tag list --istioNamespace mesh-system');
});

test('an uninstall has to be told twice', () => {
  expect(uninstallAt(SYSTEM, 'blue')).toBe('istioctl uninstall --revision blue');
  expect(uninstallAt(ELSEWHERE, 'blue')).toBe(
    'istioctl uninstall --revision blue --set values.global.istioNamespace=mesh-system --istioNamespace mesh-system',
  );
});

test('so has this Action', () => {
  expect(inputsAt(SYSTEM)).toBe('');
  expect(inputsAt(ELSEWHERE)).toBe(', istio-namespace: mesh-system');
});

/** A mesh that lives elsewhere, before a canary. */
function elsewhere(spec: MeshSpec, changes: Partial<CheckView> = {}): CheckView {
  return checkView({ ...ELSEWHERE, ...spec }, changes);
}

const planes = [plane(OLD.revision, OLD.version)];

test('what is to be done to a mesh in another namespace is done there', () => {
  const dangling = elsewhere({ planes, tags: { default: OLD.revision, prod: 'gone' } });
  const dead = elsewhere({ planes });
  const third = elsewhere({ planes: [...planes, plane('blue', '1.29.0')] });
  const led = elsewhere({ planes, tags: { prod: OLD.revision } });
  const remedies = [
    ...defaultRevision(elsewhere({ planes })),
    ...defaultRevision(elsewhere({ planes, tags: { default: OLD.revision } })),
    ...tags(dangling),
    ...tags({ ...led, upgrade: { ...led.upgrade, tags: { [NEW.revision]: null } } }),
    ...tagOrigins({ ...led, upgrade: { ...led.upgrade, tags: { prod: OLD.revision } } }),
    ...controlPlanes(third),
    ...removalObstacles(led.mesh, OLD.revision, NEW.revision),
    ...deadWebhooks({
      ...dead,
      mesh: {
        ...dead.mesh,
        deadWebhooks: [
          {
            kind: 'ValidatingWebhookConfiguration',
            name: 'istiod-default-validator',
            service: 'istiod-gone',
            refuses: true,
          },
        ],
      },
    }),
  ].flatMap(({ remedy = '' }) => (remedy.includes('istioctl ') ? [remedy] : []));
  const unseen = remedyOfUnseen({ kind: 'unseen', why: 'no-answer', waiting: '' }, OLD.revision, ELSEWHERE);
  expect(remedies).toHaveLength(8);
  for (const remedy of [...remedies, unseen]) {
    const commands = remedy.match(/istioctl [^,)`]*/g) ?? [];
    for (const command of commands) expect(command).toContain('--istioNamespace mesh-system');
  }
});

test('no text spells such a command by itself: it would leave the namespace out', () => {
  const root = new URL('../../../src/', import.meta.url);
  // Who names the command that was run, and does not ask for one, ends there.
  const spelled =
    /istioctl (tag (list|(set|remove) \S+ -|remove \$)|uninstall -|proxy-status -|x injector|kube-inject -)/;
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      readFileSync(new URL(name, root), 'utf8')
        .split('\n')
        .filter((line) => !/^\s*(\/?\*|\/\/)/.test(line) && spelled.test(line))
        .map((line) => `${name}: ${line.trim()}`),
    );
  // Whether istioctl gets through is asked of no mesh.
  expect(found.filter((line) => !line.startsWith('istioctl/smoke.ts'))).toEqual([]);
});
