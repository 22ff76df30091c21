import type { Phase } from '../outcome.ts';
import { GOAL, REST, type Standing, standing, total, worstFirst } from './data-plane.ts';
import { code } from './escape.ts';
import { foldedTable } from './folded-table.ts';
import { type Column, type Markdown, signed } from './markdown.ts';
import type { NamespaceReport, ReleaseReport, Report } from './report.ts';

const OPEN_ROWS = 20;
/** So few namespaces are all shown at once, also those that need no look. */
const FEW = 10;

/** The data plane by namespace: what needs a look at once, what is at rest folded. */
export function namespacesTable({ namespaces = [], phase, from, to }: Report, budget: number): Markdown {
  const sorted = worstFirst(namespaces, phase);
  const atOnce = namespaces.length <= FEW ? sorted : sorted.filter((item) => needsLook(item, phase));
  const open = atOnce.slice(0, OPEN_ROWS);
  const all = total(namespaces);
  // Who injects whom is what a precheck is read for; later its changes are in the plan.
  const chosen: Column[] = phase === 'precheck' ? [{ title: 'Injected by' }] : [];
  const counts = countsOf(phase, from, to).filter(({ always, count }) => always || count(all) !== '0');
  return foldedTable(
    {
      columns: [{ title: 'Namespace' }, ...chosen, { title: 'Proxies' }, ...counts],
      cells: (item) => [
        item === all ? '**All**' : code(item.namespace),
        ...chosen.map(() => (item.choice === undefined ? '' : code(item.choice))),
        sign(standing(item), phase),
        ...counts.map(({ count }) => count(item)),
      ],
      kind: (item) => sign(standing(item), phase),
    },
    namespaces.length > 1 ? [all, ...open] : open,
    sorted.slice(open.length),
    budget,
  );
}

function needsLook(item: NamespaceReport, phase: Phase): boolean {
  const where = standing(item);
  return where !== REST[phase] && where !== 'no proxies';
}

/** A column of numbers. */
interface Count extends Column {
  /** Shown also where all of it is zero. */
  readonly always: boolean;
  readonly count: (item: NamespaceReport) => Markdown;
}

function countsOf(phase: Phase, from: ReleaseReport | undefined, to: ReleaseReport | undefined): Count[] {
  return [
    { title: `Current${named(from)}`, right: true, always: true, count: ({ current }) => `${current}` },
    { title: `Target${named(to)}`, right: true, always: true, count: ({ target }) => `${target}` },
    { title: 'Elsewhere', right: true, always: false, count: ({ other }) => `${other}` },
    { title: 'Not in sync', right: true, always: true, count: (item) => sync(item, phase) },
  ];
}

function named(side: ReleaseReport | undefined): Markdown {
  return side === undefined ? '' : `<br>${code(side.revision)}`;
}

/** An unknown is not a zero, and nobody is asked about proxies of the other side. */
function sync(item: NamespaceReport, phase: Phase): Markdown {
  if (item[GOAL[phase]] === 0) return '–';
  return item.notInSync === undefined ? 'not seen' : `${item.notInSync}`;
}

function sign(where: Standing, phase: Phase): Markdown {
  switch (where) {
    case 'not in sync':
      return signed('❌', where);
    case 'elsewhere':
      return signed('⚠️', where);
    case 'in part':
      return signed('🔀', where);
    case 'no proxies':
      return signed('⬜', where);
    case 'current':
    case 'target':
      return signed(where === GOAL[phase] ? '✅' : '⬜', `on ${where}`);
  }
}
