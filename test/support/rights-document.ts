import { describePermission } from '../../src/steps/permissions.ts';
import { TASKS, type Task, permissionsFor } from '../../src/phases/permissions.ts';
import type { Asker } from './rights.ts';
import { ASKED_IN_VAIN, UNSEEN, whyUnseen } from './unseen-rights.ts';

/** What the runs of a task asked for, by permission in words. */
export interface Measured {
  readonly used: Map<string, ReadonlySet<Asker>>;
  readonly refused: Set<string>;
}

/** How a task ended without one of its permissions. */
export interface Refusal {
  readonly task: Task;
  readonly permission: string;
  readonly ended: string;
  readonly errors: readonly (readonly [id: string, message: string])[];
  /** What it asked for beside its own rights. */
  readonly asked: readonly string[];
}

const NOTES = [...new Set(UNSEEN.map(({ id }) => id))];

/** docs/reliability/permissions.md, which becomes a part of docs/reliability.md, from what was measured. */
export function renderRights(measured: ReadonlyMap<Task, Measured>, refusals: readonly Refusal[]): string {
  const rows = new Map(
    TASKS.flatMap((task) => permissionsFor(task, 'istio-system')).map((item) => [
      describePermission(item),
      item,
    ]),
  );
  const table = [...rows].map(([permission, item]) => {
    const cells = TASKS.map((task) => {
      const needed = permissionsFor(task, 'istio-system').some(
        (other) => describePermission(other) === permission,
      );
      const used = [...(measured.get(task)?.used.get(permission) ?? [])].sort();
      return needed ? used.join(', ') || noteOf(task, item) : '';
    });
    return row([`\`${permission}\``, ...cells]);
  });
  const refused = refusals.filter(
    ({ permission, ended, errors, asked }) =>
      ended === 'refused' &&
      errors.length === 1 &&
      errors[0]?.[1].endsWith(permission) === true &&
      asked.length === 0,
  );
  return `<!-- prettier-ignore-start -->

## Permissions

On the testbed, with the API server's own RBAC, a mesh without revision, and a user for each role of \`roles/\`. Written by \`npm run test:permissions\`.

### Without one permission

Of each task's permissions one was taken away at a time, and the phase run: **${String(refused.length)} of ${String(refusals.length)}** runs were \`refused\`, with one finding, which names that verb and resource; by the audit log they had asked for nothing but their own rights.

| Task | Permissions | Refused without, one by one |
| --- | --- | --- |
${TASKS.map((task) => row([task, String(permissionsFor(task, 'istio-system').length), String(refused.filter((item) => item.task === task).length)])).join('\n')}

### With exactly its role

Each task did its work under its role. Who used a permission, by the API server's audit log: the Action itself, or the istioctl that it runs. An empty cell: the task does not have it. A number: it was not seen, for the reason below.

${row(['Permission', ...TASKS])}
${row(['---', ...TASKS.map(() => '---')])}
${table.join('\n')}

${NOTES.map((id, index) => `${String(index + 1)}. ${UNSEEN.find((item) => item.id === id)?.why ?? ''}.`).join('\n')}

### Asked in vain

istioctl asks for these, too, is refused, and does without; they are in no role:

${ASKED_IN_VAIN.map(({ asked, why }) => `- \`${wordsOf(asked)}\`: ${why}`).join('\n')}

<!-- prettier-ignore-end -->
`;
}

function noteOf(task: Task, permission: Parameters<typeof whyUnseen>[1]): string {
  const why = whyUnseen(task, permission);
  return why === undefined ? '**not seen**' : String(NOTES.indexOf(why.id) + 1);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A pattern of fixed words, as these words. */
function wordsOf(pattern: RegExp): string {
  return pattern.source.replace(/[\^$\\]/g, '').replace(/\((.*)\|(.*)\)/, '$1`, `get $2');
}
