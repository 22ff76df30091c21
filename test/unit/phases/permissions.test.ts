import { describe, expect, test } from '@jest/globals';
import type { Cluster, Permission } from '../../../src/cluster/cluster.ts';
import { dialectOf } from '../../../src/istio/dialect.ts';
import { parseVersion } from '../../../src/istio/version.ts';
import { describePermission } from '../../../src/steps/permissions.ts';
import { foreseePermissions } from '../../../src/phases/foresee-permissions.ts';
import { TASKS, TOKEN_SINCE, type Task, permissionsFor, taskOf } from '../../../src/phases/permissions.ts';

const words = (task: Task): string[] => permissionsFor(task, 'istio-system').map(describePermission);

describe('what a task needs', () => {
  test.each(TASKS)('%s: each permission once, and none in a namespace that it has everywhere', (task) => {
    const list = words(task);
    expect(list).toEqual([...new Set(list)]);
    const everywhere = new Set(list.filter((item) => !item.includes(' in namespace ')));
    expect(
      list.filter((item) => everywhere.has(item.replace(/ in namespace .*/, '')) && !everywhere.has(item)),
    ).toEqual([]);
  });

  test('precheck may change nothing, and only canary, removal and rollback may list Secrets', () => {
    const changing = words('precheck').filter((item) => !/^(get|list|watch) /.test(item));
    expect(changing).toEqual([
      'create pods/portforward in namespace istio-system',
      'create serviceaccounts/token default in namespace istio-system',
    ]);
    expect(TASKS.filter((task) => words(task).some((item) => item.includes('secrets')))).toEqual([
      'canary',
      'remove-old',
      'rollback',
    ]);
    expect(
      TASKS.flatMap(words).filter((item) => item.includes('secrets') && item !== 'list secrets'),
    ).toEqual([]);
  });

  test('a token is asked for by each task, as istioctl needs one since the version that says so', () => {
    expect(dialectOf(parseVersion(`${TOKEN_SINCE}.0`)).statusByXds).toBe(true);
    expect(dialectOf(parseVersion('1.21.6')).statusByXds).toBe(false);
    for (const task of TASKS) {
      expect(words(task).filter((item) => item.includes('token'))).toEqual([
        'create serviceaccounts/token default in namespace istio-system',
      ]);
    }
  });

  test('promote deletes nothing until the old control plane is to be removed', () => {
    expect(words('promote').filter((item) => item.startsWith('delete '))).toEqual([]);
    expect(taskOf({ phase: 'promote', removeOld: true, strategy: 'revision' })).toBe('remove-old');
    expect(taskOf({ phase: 'promote', removeOld: false, strategy: 'revision' })).toBe('promote');
    expect(taskOf({ phase: 'rollback', removeOld: false, strategy: 'in-place' })).toBe('canary');
    expect(taskOf({ phase: 'precheck', removeOld: false, strategy: 'in-place' })).toBe('precheck');
    expect(taskOf({ phase: 'canary', removeOld: true, strategy: 'revision' })).toBe('canary');
    expect(words('remove-old')).toEqual(
      expect.arrayContaining(words('promote').filter((item) => !/^list .* in namespace /.test(item))),
    );
  });
});

describe('what precheck foresees', () => {
  const foresee = (allowed: readonly string[]) =>
    foreseePermissions(
      {
        may: (permission: Permission) => Promise.resolve(allowed.includes(describePermission(permission))),
      } as Cluster,
      'istio-system',
    );

  test('a viewer is told once that it only looks', async () => {
    const { findings, notCreatable } = await foresee([...words('precheck'), 'list secrets']);
    expect(findings).toMatchObject([{ id: 'install-permission-missing', severity: 'info' }]);
    expect(notCreatable).toContain('clusterroles');
  });

  test('a credential that can do all is told nothing', async () => {
    expect((await foresee(TASKS.flatMap(words))).findings).toEqual([]);
  });

  test('one that lacks a single permission is told which, and what for', async () => {
    const lacking = 'delete services in namespace istio-system';
    const { findings } = await foresee(TASKS.flatMap(words).filter((item) => item !== lacking));
    expect(findings.map(({ message }) => message)).toEqual([
      `with this credential promote with remove-old would be refused: it may not ${lacking}`,
      `with this credential rollback would be refused: it may not ${lacking}`,
    ]);
  });

  test('of many that are missing some are named, the others counted', async () => {
    const { findings } = await foresee(words('canary'));
    expect(findings.map(({ severity }) => severity)).toEqual(['info', 'info', 'info']);
    expect(findings[2]?.message).toMatch(
      /^with this credential rollback would be refused: it may not .* and \d+ more$/,
    );
  });
});
