import { beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describePermission } from '../../src/steps/permissions.ts';
import type { Phase } from '../../src/outcome.ts';
import { TASKS, type Task, permissionsFor } from '../../src/phases/permissions.ts';
import { type PhaseRequest, NEW, expectEnding, withCluster } from '../support/cluster.ts';
import { type Measured, type Refusal, renderRights } from '../support/rights-document.ts';
import { type Deprived, deprivedUsers, eachPermissionOnce, rolesOf, usageOf } from '../support/rights.ts';
import type { ManyRequest, ManyResult } from '../support/run-many.ts';
import { MORE_ROLE, probeFor } from '../support/probes.ts';
import { persisting } from '../support/testbed-audit.ts';
import { ASKED_IN_VAIN, UNSEEN, whyUnseen } from '../support/unseen-rights.ts';

const RUN_MANY = fileURLToPath(new URL('../support/run-many.ts', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../docs/reliability/permissions.md', import.meta.url));
/** `npm run test:permissions`: every permission of every task, and the document is written. */
const WHOLE = process.env.PERMISSIONS === 'all';

/** In this order, each under the role that is shipped for it; an unrevisioned mesh asks for the most. */
const RUNS: readonly { readonly task: Task; readonly phase: Phase; readonly request: PhaseRequest }[] = [
  { task: 'precheck', phase: 'precheck', request: {} },
  { task: 'canary', phase: 'canary', request: { inputs: { 'canary-namespaces': 'checkout, catalog' } } },
  { task: 'promote', phase: 'promote', request: { inputs: { 'stable-tags': 'made' } } },
  { task: 'rollback', phase: 'rollback', request: {} },
  {
    task: 'canary',
    phase: 'canary',
    request: { inputs: { 'canary-namespaces': 'legacy', 'canary-tag': 'next' } },
  },
  {
    task: 'remove-old',
    phase: 'promote',
    request: { inputs: { 'remove-old': 'true', 'remove-old-after': '0s' } },
  },
];

/** Promise 11: least privilege, against the API server's own RBAC. */
describe('least privilege', () => {
  const cluster = withCluster('rights');
  const all = deprivedUsers();
  const chosen = WHOLE ? all : eachPermissionOnce(all);
  const kubeconfigs = new Map<string, string>();
  const measured = new Map<Task, Measured>(
    TASKS.map((task) => [task, { used: new Map(), refused: new Set() }]),
  );
  let refusals: Refusal[] = [];

  beforeAll(async () => {
    const items = rolesOf(all);
    await cluster.run(
      ['kubectl', 'create', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    );
    for (const task of TASKS) {
      kubeconfigs.set(task, cluster.newUser(task));
      await cluster.kubectl(
        'apply',
        '-f',
        fileURLToPath(new URL(`../../roles/${task}.yaml`, import.meta.url)),
      );
      const role = `istio-upgrade-${task}`;
      await cluster.kubectl('create', 'clusterrolebinding', role, `--clusterrole=${role}`, `--user=${task}`);
      await cluster.kubectl(
        'create',
        'rolebinding',
        role,
        '-n',
        'istio-system',
        `--role=${role}`,
        `--user=${task}`,
      );
    }
    for (const { user } of chosen) kubeconfigs.set(user, cluster.newUser(user));
  }, 120_000);

  const versionFor = (task: Task) => (task === 'precheck' || task === 'canary' ? { version: NEW } : {});

  test('without one permission a phase is refused, names it, and asks nothing more', async () => {
    const requests = chosen.map(({ user, task }): ManyRequest => {
      const phase: Phase = task === 'remove-old' ? 'promote' : task;
      return {
        id: user,
        inputs: {
          phase,
          kubeconfig: kubeconfigs.get(user) ?? '',
          'istioctl-base-url': cluster.mirror,
          'canary-namespaces': 'storefront',
          'remove-old': String(task === 'remove-old'),
          'remove-old-after': '0s',
          ...versionFor(task),
        },
      };
    });
    const mark = cluster.audit.mark();
    const text = await cluster.run([process.execPath, RUN_MANY], JSON.stringify(requests));
    const results = new Map((JSON.parse(text) as ManyResult[]).map((result) => [result.id, result]));
    const events = cluster.audit.since(mark);
    refusals = chosen.map(({ user, task, without }: Deprived): Refusal => {
      const permission = describePermission(without);
      const asked = usageOf(task, user, events);
      return {
        task,
        permission,
        ended: results.get(user)?.outcome ?? 'not run',
        errors: results.get(user)?.errors ?? [],
        asked: [...asked.used.keys(), ...asked.refused, ...asked.beyond],
      };
    });
    expect(refusals).toEqual(
      refusals.map(({ task, permission }) => ({
        task,
        permission,
        ended: 'refused',
        errors: [['permission-missing', `this credential may not ${permission}`]],
        asked: [],
      })),
    );
    expect(persisting(events)).toEqual([]);
  }, 900_000);

  test('precheck tells which phases its credential may not run', async () => {
    const run = await cluster.phase('precheck', { inputs: { kubeconfig: kubeconfigs.get('canary') ?? '' } });
    expectEnding(run, { outcome: 'succeeded' });
    const told = run.report?.findings.filter(({ id }) => id === 'phase-permission-missing') ?? [];
    expect(told.map(({ message }) => /with this credential (.+) would be/.exec(message)?.[1])).toEqual([
      'promote',
      'promote with remove-old',
      'rollback',
    ]);
    expect(told[0]?.message).toContain('update mutatingwebhookconfigurations.admissionregistration.k8s.io');
    expect(run.report?.findings.map(({ id }) => id)).not.toContain('install-permission-missing');
  });

  test.each(RUNS)(
    '$phase succeeds under the role $task',
    async ({ task, phase, request }) => {
      const mark = cluster.audit.mark();
      const run = await cluster.phase(phase, {
        ...request,
        inputs: { ...request.inputs, kubeconfig: kubeconfigs.get(task) ?? '' },
      });
      expectEnding(run, { outcome: phase === 'rollback' ? 'rolled-back' : 'succeeded' });
      // A viewer is told once that it only looks, and not by istioctl what it may not create.
      const told = run.report?.findings.filter(({ id }) => id.endsWith('-permission-missing')) ?? [];
      expect(told.map(({ id }) => id)).toEqual(task === 'precheck' ? ['install-permission-missing'] : []);
      const { used, refused, beyond } = usageOf(task, task, cluster.audit.since(mark));
      // More than a phase needs is in its role only for precheck.
      expect(beyond).toEqual([]);
      const sum = measured.get(task)!;
      for (const [permission, askers] of used) {
        sum.used.set(permission, new Set([...(sum.used.get(permission) ?? []), ...askers]));
      }
      refused.forEach((asked) => sum.refused.add(asked));
    },
    300_000,
  );

  test('every permission was used, or there is a reason why it was not seen', () => {
    const unexplained = TASKS.flatMap((task) =>
      permissionsFor(task, 'istio-system')
        .filter((item) => !measured.get(task)!.used.has(describePermission(item)))
        .filter((item) => whyUnseen(task, item) === undefined)
        .map((item) => `${task}: ${describePermission(item)}`),
    );
    expect(unexplained).toEqual([]);
    // A reason for what was seen after all is none.
    const stale = UNSEEN.flatMap(({ id, tasks, permission }) =>
      tasks
        .filter(
          (task) =>
            !permissionsFor(task, 'istio-system').some(
              (item) =>
                permission.test(describePermission(item)) &&
                !measured.get(task)!.used.has(describePermission(item)),
            ),
        )
        .map((task) => `${id} (${task})`),
    );
    expect(stale).toEqual([]);
  });

  test('what istioctl was refused is what it is known to do without', () => {
    const refused = [...new Set([...measured.values()].flatMap((item) => [...item.refused]))];
    expect(refused.filter((asked) => !ASKED_IN_VAIN.some((item) => item.asked.test(asked)))).toEqual([]);
    expect(ASKED_IN_VAIN.filter(({ asked }) => !refused.some((item) => asked.test(item)))).toEqual([]);
  });

  test('what the log can’t show is asked for by the API server all the same', async () => {
    const probed = all.filter(
      ({ task, without }) =>
        task === 'canary' && ['apply', 'grant'].includes(whyUnseen(task, without)?.id ?? ''),
    );
    expect(probed.length).toBeGreaterThan(10);
    await cluster.kubectl(
      'create',
      'role',
      MORE_ROLE,
      '-n',
      'istio-system',
      '--verb=delete',
      '--resource=endpoints',
    );
    const other = all.find(({ task, without }) => task === 'canary' && without.verb === 'watch')!.user;
    for (const { user, without } of probed) {
      const apply = (as: string) =>
        cluster.run(
          [
            'kubectl',
            '--as',
            as,
            'apply',
            '--server-side',
            '--dry-run=server',
            '--validate=false',
            '-f',
            '-',
          ],
          JSON.stringify(probeFor(without)),
        );
      const text = describePermission(without);
      await expect(apply(user).then(() => `${text} is not asked for`)).rejects.toThrow(
        without.verb === 'create'
          ? `cannot create resource "${without.resource}"`
          : 'is attempting to grant RBAC permissions not currently held',
      );
      await apply(other);
    }
  }, 300_000);

  if (WHOLE) {
    test('the document is written', () => {
      mkdirSync(dirname(DOCUMENT), { recursive: true });
      writeFileSync(DOCUMENT, renderRights(measured, refusals));
    });
  }
});
