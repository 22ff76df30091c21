import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type AuditEvent, AuditLog } from '../test/support/testbed-audit.ts';
import { down, inside, launcher, up } from '../test/support/testbed.ts';
import { measureScale, performancePage } from './bench-scale.ts';
import { type Plain, plainScript } from './bench-plain.ts';
import { type Starts, leastAndMedian, measureStarts } from './bench-start.ts';
import { runAction } from './run-action.ts';

const USAGE = `Measures the Action on the testbed, against the same upgrade by a plain script of kubectl and istioctl.

  npm run bench -- [--starts N] [--namespaces N --workloads N --replicas N]
  npm run bench -- --scale [--rounds N] [--page FILE] [--pods N]

Prints the time from process start to the first API request (least and median of N starts, and CPU), the size of dist,
and per phase wall time and API requests. The numbers are of this machine and of what else it does: compare the ratios,
which are the Action's time by the script's.

--scale measures on meshes of 1,000 and 10,000 pods (or on that of --pods alone) precheck, canary, a canary that finds
nothing to do, on the smaller one promote, and how soon a cancelled run has ended, against what a user would run instead, and
writes the page docs/performance.md (or --page).
`;

const DIST = process.env.ACTION_DIST ?? fileURLToPath(new URL('../dist', import.meta.url));
const MESH: Plain = { old: '1-30-3', target: '1-31-0', version: '1.31.0', previous: '1.30.3' };
const CANARY = ['storefront', 'checkout'];

/** One cluster of the bench. */
interface Bed {
  readonly name: string;
  readonly dir: string;
  readonly mirror: string;
  readonly audit: AuditLog;
}

/** What one phase took. */
interface Measured {
  readonly seconds: number;
  readonly own: number;
  readonly others: number;
}

const PHASES = [
  { title: 'precheck', phase: 'precheck', plain: 'precheck', inputs: {} },
  { title: 'canary', phase: 'canary', plain: 'canary', inputs: {} },
  { title: 'canary again', phase: 'canary', plain: undefined, inputs: {} },
  { title: 'rollback', phase: 'rollback', plain: 'rollback', inputs: {} },
  { title: 'second canary', phase: 'canary', plain: 'canary', inputs: {} },
  { title: 'promote', phase: 'promote', plain: 'promote', inputs: {} },
  {
    title: 'promote, remove-old',
    phase: 'promote',
    plain: 'remove',
    inputs: { 'remove-old': 'true', 'remove-old-after': '0s' },
  },
] as const;

async function withBed<T>(
  title: string,
  size: readonly string[],
  work: (bed: Bed) => Promise<T>,
): Promise<T> {
  const name = `bench-${title}-${String(process.pid)}`;
  process.stderr.write(`bench: starting a cluster for ${title}\n`);
  try {
    await up(name, ['--revision', MESH.old, ...size]);
    const env = await inside(name, [process.execPath, '-p', 'JSON.stringify(process.env)']);
    const {
      TESTBED_DIR = '',
      TESTBED_MIRROR = '',
      TESTBED_AUDIT_LOG = '',
    } = JSON.parse(env.stdout) as Record<string, string>;
    return await work({
      name,
      dir: TESTBED_DIR,
      mirror: TESTBED_MIRROR,
      audit: new AuditLog(TESTBED_AUDIT_LOG),
    });
  } finally {
    await down(name);
  }
}

async function measured(bed: Bed, work: () => Promise<void>): Promise<Measured> {
  const mark = bed.audit.mark();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const requests = new Map(bed.audit.since(mark).map((event) => [event.auditID, event]));
  const isOwn = ({ userAgent }: AuditEvent): boolean => userAgent?.startsWith('istio-upgrade') === true;
  const own = [...requests.values()].filter(isOwn).length;
  return { seconds, own, others: requests.size - own };
}

async function runPhase(bed: Bed, { title, phase, inputs }: (typeof PHASES)[number]): Promise<void> {
  const { exitCode, outputs, summary } = await runAction({
    inputs: {
      phase,
      kubeconfig: readFileSync(join(bed.dir, 'admin.kubeconfig'), 'utf8'),
      'istioctl-base-url': bed.mirror,
      ...(phase === 'precheck' || phase === 'canary' ? { version: MESH.version } : {}),
      ...(phase === 'precheck' || phase === 'canary' ? { 'canary-namespaces': CANARY.join() } : {}),
      ...inputs,
    },
    launcher: launcher(bed.name),
    dist: DIST,
  });
  if (exitCode !== 0) throw new Error(`${title} ended as ${outputs.outcome ?? 'unknown'}:\n${summary}`);
}

/** Namespaces of the mesh by what their labels say; the canary's among them or not. */
async function meshNamespaces(bed: Bed): Promise<string[]> {
  const { stdout } = await inside(bed.name, [
    'kubectl',
    'get',
    'namespaces',
    '-l',
    'app.kubernetes.io/part-of in (shop, load)',
    '-o',
    'name',
  ]);
  const names = stdout.trim().split('\n');
  return names.map((name) => name.replace('namespace/', '')).filter((name) => name !== 'outside');
}

async function runPlain(bed: Bed, phase: Parameters<typeof plainScript>[0]): Promise<void> {
  const all = await meshNamespaces(bed);
  const rest = all.filter((name) => !CANARY.includes(name));
  const script = plainScript(phase, MESH, phase === 'promote' ? rest : CANARY);
  const { code, stderr } = await inside(bed.name, ['bash', '-c', script]);
  if (code !== 0) throw new Error(`the plain ${phase} ended with ${String(code)}: ${stderr}`);
}

function distSize(): number {
  const files = readdirSync(DIST, { recursive: true }).map((name) => statSync(join(DIST, String(name))));
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0) / 1e6;
}

async function measureAction(bed: Bed): Promise<Measured[]> {
  const rows: Measured[] = [];
  for (const phase of PHASES) rows.push(await measured(bed, () => runPhase(bed, phase)));
  return rows;
}

async function measurePlain(bed: Bed): Promise<(Measured | undefined)[]> {
  const rows: (Measured | undefined)[] = [];
  for (const { plain } of PHASES) {
    rows.push(plain === undefined ? undefined : await measured(bed, () => runPlain(bed, plain)));
  }
  return rows;
}

function phases(action: readonly Measured[], plain: readonly (Measured | undefined)[]): string {
  const seconds = (row: Measured | undefined): string => (row === undefined ? '' : row.seconds.toFixed(1));
  const rows = PHASES.map(({ title }, index) => {
    const [own, script] = [action[index], plain[index]];
    const ratio = own === undefined || script === undefined ? '' : (own.seconds / script.seconds).toFixed(2);
    return [title, seconds(own), own?.own, own?.others, seconds(script), script?.others, ratio].map(
      (cell) => cell?.toString() ?? '',
    );
  });
  return table([
    ['phase', 'Action s', 'its requests', "istioctl's", 'script s', 'its requests', 'ratio'],
    ...rows,
  ]);
}

/** Each program's time to its first request; the ratio is the Action's least by that program's. */
function beginnings(all: readonly Starts[]): string {
  const rows = all.map(({ what, starts }) => ({
    what,
    wall: leastAndMedian(starts.map(({ wall }) => wall)),
    cpu: leastAndMedian(starts.map(({ cpu }) => cpu)),
  }));
  const action = rows[0]?.wall.least ?? Number.NaN;
  return table([
    ['start to first request', 'least ms', 'median ms', 'least CPU ms', 'ratio'],
    ...rows.map(({ what, wall, cpu }) => [
      what,
      ...[wall.least, wall.median, cpu.least].map((value) => (Number.isNaN(value) ? '' : value.toFixed(0))),
      (action / wall.least).toFixed(2),
    ]),
  ]);
}

/** Columns, the first to the left and the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ')).join('\n');
}

/** The meshes of the page: canary moves 1,000 pods on the large one, 250 on the small one. */
const SCALES = [
  { namespaces: 20, workloads: 10, replicas: 5, canary: 5, promotes: true },
  { namespaces: 100, workloads: 20, replicas: 5, canary: 10, promotes: false },
] as const;

/** Meshes of some sizes, one after the other; the page is written from them. */
async function scaled(how: { rounds: number; page: string; pods: number | undefined }): Promise<void> {
  const { rounds, page } = how;
  const measured = [];
  for (const { namespaces, workloads, replicas, ...rest } of SCALES) {
    const pods = namespaces * workloads * replicas;
    if (pods !== (how.pods ?? pods)) continue;
    const size = Object.entries({ namespaces, workloads, replicas }).flatMap(([name, value]) => [
      `--${name}`,
      String(value),
    ]);
    const measurement = await withBed(`${String(pods)}-pods`, size, ({ name, dir, mirror }) =>
      measureScale({ ...rest, namespaces, name, dir, mirror, dist: DIST, version: MESH.version, rounds }),
    );
    measured.push({ pods, workloads: namespaces * workloads, ...measurement });
  }
  if (measured.length === 0) throw new Error(`no mesh of the page has ${String(how.pods)} pods`);
  const text = performancePage(measured, new Date().toISOString().slice(0, 10));
  writeFileSync(page, text);
  process.stdout.write(text);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      starts: { type: 'string', default: '15' },
      namespaces: { type: 'string' },
      workloads: { type: 'string' },
      replicas: { type: 'string' },
      scale: { type: 'boolean' },
      rounds: { type: 'string', default: '3' },
      pods: { type: 'string' },
      page: { type: 'string', default: 'docs/performance.md' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  const size = (['namespaces', 'workloads', 'replicas'] as const).flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, values[name]],
  );
  if (values.scale === true) {
    await scaled({
      rounds: Number(values.rounds),
      page: values.page,
      pods: values.pods === undefined ? undefined : Number(values.pods),
    });
    return;
  }
  const { starts, action } = await withBed('action', size, async (bed) => {
    const how = { dir: bed.dir, dist: DIST, version: MESH.version, starts: Number(values.starts) };
    const starts = await measureStarts(how);
    process.stderr.write('bench: the starts are measured; now the phases\n');
    return { starts, action: await measureAction(bed) };
  });
  const plain = await withBed('script', size, measurePlain);
  process.stdout.write(`${beginnings(starts)}\n\ndist: ${distSize().toFixed(2)} MB\n\n`);
  process.stdout.write(`${phases(action, plain)}\n`);
}

await main();
