import { type Dialect, OLDEST_SUPPORTED, type Words, dialectOf } from '../src/istio/dialect.ts';
import { hopRuleOf } from '../src/istio/hop-rules.ts';
import { type Version, isAtLeast, parseVersion } from '../src/istio/version.ts';

/** The oldest minor release 1.x that the table of versions knows, and the newest that is told of. */
const FIRST = 4;
const LAST = 32;

/** Rows of docs/istioctl-versions.md: minor releases that are spoken to alike are one. */
export function dialectRows(): string[][] {
  const minors = Array.from({ length: LAST - FIRST + 1 }, (_, at) => FIRST + at);
  const runs: { from: number; to: number; cells: readonly string[] }[] = [];
  for (const minor of minors) {
    const cells = cellsOf(minor);
    const last = runs.at(-1);
    if (last?.cells.join() === cells.join()) last.to = minor;
    else runs.push({ from: minor, to: minor, cells });
  }
  return runs.map(({ from, to, cells }) => [
    from === to ? `1.${String(from)}` : `1.${String(from)} – 1.${String(to)}`,
    ...cells,
  ]);
}

export const DIALECT_COLUMNS = [
  'istioctl',
  'works with',
  'precheck',
  'install',
  'uninstall',
  'tag',
  'proxy-status',
  'a canary may go up',
  'beware',
] as const;

function cellsOf(minor: number): string[] {
  const version = parseVersion(`1.${String(minor)}.0`);
  const dialect = dialectOf(version);
  const { canary } = hopRuleOf(version);
  return [
    supported(version),
    spelled(dialect.precheck, 'own checks alone'),
    code([...dialect.install, ...dialect.wait]),
    uninstall(dialect),
    dialect.tag === undefined
      ? 'none: labels go to the revision'
      : code([...dialect.tag, ...dialect.confirmTag]),
    status(dialect),
    canary === 0 ? 'no revisions' : String(canary),
    hazards(dialect).join('; '),
  ];
}

function supported(version: Version): string {
  if (isAtLeast(version, OLDEST_SUPPORTED.revision)) return '✅';
  return isAtLeast(version, OLDEST_SUPPORTED['in-place']) ? 'in place' : '–';
}

function uninstall({ uninstall: words, uninstallDryRun }: Dialect): string {
  if (words === undefined) return 'by name: there is no uninstall';
  return uninstallDryRun === undefined ? `by name, not by ${code(words)}: it has no dry run` : code(words);
}

function status({ proxyStatus, proxyStatusOfOne, proxyStatusFormat, statusByXds }: Dialect): string {
  if (!proxyStatusOfOne) return 'a table of all revisions, told apart by the names of istiod’s pods';
  const flags = proxyStatus.length === 0 ? '' : `${code(proxyStatus)}, `;
  return `${flags}${proxyStatusFormat === 'json' ? 'JSON' : 'a table'}${statusByXds ? ', by XDS' : ''}`;
}

const TAKES_DEFAULT: Readonly<Record<Dialect['takesDefault'], string>> = {
  never: '',
  first: 'the first install, and one without a revision, takes the default',
  unrevisioned: 'an install without a revision takes the default',
  vacant: 'a default that nobody has is taken by the next install',
};

function hazards(dialect: Dialect): string[] {
  return [
    TAKES_DEFAULT[dialect.takesDefault],
    dialect.dropsDefaultFirst
      ? 'an install without a revision deletes the default tag first, and makes it again at its end (until 1.15.3)'
      : '',
    dialect.dryRunWrites ? '`install --dry-run` writes' : '',
    dialect.uninstallTakes.length === 0 ? '' : `uninstall also takes ${dialect.uninstallTakes.join(' and ')}`,
    dialect.uninstall === undefined || dialect.missingRevisionFails
      ? ''
      : 'uninstall of what is not there ends with 0',
    dialect.callsKubectl ? 'install calls `kubectl`' : '',
    dialect.asksDefaultAlone ? 'without `--revision` a query is of the default alone' : '',
  ].filter((text) => text !== '');
}

function spelled(words: Words, otherwise: string): string {
  return words === undefined ? otherwise : code(words);
}

function code(words: readonly string[]): string {
  return `\`${words.join(' ')}\``;
}
