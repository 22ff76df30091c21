import {
  type ProxyStatus,
  type StatusContent,
  type TypeState,
  describeStates,
  splitProxyId,
  syncOf,
} from './proxy-state.ts';

/** Columns that are no type of configuration; all others are, and their cells are states. */
const NAMED = ['NAME', 'CLUSTER', 'ISTIOD', 'VERSION', 'SUBSCRIBED TYPES'];
const REQUIRED = ['NAME', 'ISTIOD', 'VERSION'];
/** Blanks that surely stand between two columns: istioctl pads by five, and a cell of two words holds one. */
const GAP = 2;
/** What 1.6 and older call istiod. */
const PILOT = 'PILOT';

interface Column {
  readonly title: string;
  readonly from: number;
  readonly to: number | undefined;
}

/**
 * Reads the table of 1.29 and older, with or without `-v 1` (recordings 049, 075 and 081 of 1.29.6). Columns are
 * found by their position, as cells hold blanks and may be empty. A header without rows is an answer: no proxies.
 * A table that is cut short is none: what is missing at the end of a row could be its worst cell.
 */
export function readStatusTable(text: string): StatusContent {
  if (!text.endsWith('\n')) throw new Error('the table is cut short');
  const [header = '', ...rows] = text.split('\n').filter((line) => line.trim() !== '');
  const columns = columnsOf(header);
  const titles = columns.map(({ title }) => title);
  if (!REQUIRED.every((title) => titles.includes(title))) throw new Error('it printed no table of proxies');
  if (new Set(titles).size < titles.length) throw new Error('the table has two columns of one name');
  const proxies = rows.map((row) => toProxy(row, columns));
  return { proxies, istiods: [...new Set(proxies.map(({ istiod }) => istiod))] };
}

function columnsOf(header: string): Column[] {
  const starts = [...header.matchAll(/\S+(?: \S+)*/g)];
  return starts.map(({ 0: title, index }, at) => ({
    title: title === PILOT ? 'ISTIOD' : title,
    from: index,
    to: starts[at + 1]?.index,
  }));
}

function toProxy(row: string, columns: readonly Column[]): ProxyStatus {
  const cells = new Map(columns.map((column) => [column.title, cellOf(row, column)]));
  const cell = (title: string): string => cells.get(title) ?? '';
  // Every cell but the last one is padded, also an empty one.
  if (row.length < Math.max(...columns.map(({ from }) => from)))
    throw new Error('a row of the table is cut short');
  if (cell('ISTIOD') === '') throw new Error('a row of the table does not say which istiod it is from');
  const types = columns.filter(({ title }) => !NAMED.includes(title));
  const states = types.map(({ title }): TypeState => ({ type: title, state: stateOf(cell(title)) }));
  return {
    ...podNamed(cell('NAME')),
    // Up to 1.21 an asterisk marks Envoy's version where Istio's is not known.
    version: cell('VERSION').endsWith('*') ? '' : cell('VERSION'),
    istiod: cell('ISTIOD'),
    sync: syncOf(states),
    detail: describeStates(states) || cell('SUBSCRIBED TYPES'),
  };
}

/** A table whose first cell is no pod is none that we know. */
function podNamed(cell: string): { name: string; namespace: string } {
  const pod = splitProxyId(cell);
  if (pod === undefined) throw new Error('a row of the table names no pod and namespace');
  return pod;
}

/** The text between two columns' beginnings; a text that runs across a beginning is no table of ours. */
function cellOf(row: string, { title, from, to }: Column): string {
  const inLine = from === 0 || row.slice(Math.max(0, from - GAP), from).trim() === '';
  if (!inLine) throw new Error(`the column ${title} of the table is not where its title is`);
  return row.slice(from, to).trim();
}

/** `SYNCED (3m)` is SYNCED, `STALE (Never Acknowledged)` is STALE, `NOT SENT` is NOT_SENT. */
function stateOf(cell: string): string {
  const at = cell.endsWith(')') ? cell.indexOf('(') : -1;
  return (at < 0 ? cell : cell.slice(0, at).trimEnd()).replaceAll(' ', '_');
}
