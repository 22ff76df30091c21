import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { type RunRequest, type RunResult, runAction } from '../../scripts/run-action.ts';
import type { Outcome, Phase, UpgradeState } from '../../src/outcome.ts';
import { stateRoot } from '../../testbed/place.ts';
import { type ClusterObject, IGNORED_KINDS, type Snapshot, normalise } from './normalise.ts';
import { type PodView, podView } from './pods.ts';
import { AuditLog, persisting } from './testbed-audit.ts';
import { down, inside, launcher, removeStrays, up } from './testbed.ts';

export type { PodView };

/** The testbed's two releases, and the target's derived revision. */
export const OLD = '1.30.3';
export const NEW = '1.31.0';
export const TARGET = '1-31-0';

/** Longest for one test: some phases, each some ten seconds, on a busy machine. */
const TEST_MS = 480_000;

/** What a phase is asked to do; `version` and the mirror are given by the cluster. */
export interface PhaseRequest extends Omit<RunRequest, 'inputs' | 'launcher'> {
  readonly inputs?: Readonly<Record<string, string>>;
}

/** A cluster of the testbed, for the tests of one file. */
export interface Cluster {
  /** Of the testbed's. */
  readonly name: string;
  /** Runs the built Action in the cluster's network. */
  phase(phase: Phase, request?: PhaseRequest): Promise<RunResult>;
  /** Runs a command inside that must succeed. */
  run(argv: readonly string[], input?: string): Promise<string>;
  kubectl(...args: readonly string[]): Promise<string>;
  /** What `kubectl get -o json` lists. */
  list(...args: readonly string[]): Promise<ClusterObject[]>;
  /** All objects, as they are. */
  everything(): Promise<ClusterObject[]>;
  /** All objects, normalised. */
  snapshot(): Promise<Snapshot>;
  /** Pods that are not ending. */
  pods(): Promise<PodView[]>;
  /** The proxies that istioctl itself sees connected to a revision: version by `namespace/name`. */
  connected(revision: string): Promise<Record<string, string>>;
  readonly audit: AuditLog;
  /** Content of a kubeconfig. */
  kubeconfig(user: 'admin' | 'viewer'): string;
  /** Content of a kubeconfig for one more user, who has no rights but those that a test grants. */
  newUser(name: string): string;
  /** Where the mirror of istioctl is, inside. */
  readonly mirror: string;
}

/**
 * Brings up a cluster before the tests of a file or block, and takes it away after them, whatever happened.
 *
 * @param args for `testbed up`
 */
export function withCluster(title: string, args: readonly string[] = []): Cluster {
  const name = `sc-${title}-p${String(process.pid)}`;
  const cluster = new TestCluster(name);
  jest.setTimeout(TEST_MS);
  beforeAll(async () => {
    await removeStrays();
    await up(name, args);
    await cluster.learn();
  }, 300_000);
  afterAll(async () => {
    await down(name);
  }, 60_000);
  return cluster;
}

class TestCluster implements Cluster {
  readonly name: string;
  #place: Readonly<Record<string, string>> = {};
  #kinds = '';

  constructor(name: string) {
    this.name = name;
  }

  /** Asks the cluster where its things are, and what kinds of objects there can be. */
  async learn(): Promise<void> {
    const script = 'JSON.stringify(process.env)';
    this.#place = JSON.parse(await this.run([process.execPath, '-p', script])) as Record<string, string>;
    const kinds = (await this.kubectl('api-resources', '--verbs=list', '-o', 'name')).trim().split('\n');
    this.#kinds = kinds.filter((kind) => !(kind in IGNORED_KINDS)).join(',');
  }

  get mirror(): string {
    return this.#known('TESTBED_MIRROR');
  }

  get audit(): AuditLog {
    return new AuditLog(this.#known('TESTBED_AUDIT_LOG'));
  }

  kubeconfig(user: 'admin' | 'viewer'): string {
    return readFileSync(join(this.#known('TESTBED_DIR'), `${user}.kubeconfig`), 'utf8');
  }

  newUser(name: string): string {
    const directory = this.#known('TESTBED_DIR');
    const pki = join(directory, 'pki');
    execFileSync(join(directory, 'bin', 'testbed-pki'), ['client', '-dir', pki, '-name', name]);
    const data = (file: string): string => readFileSync(join(pki, file)).toString('base64');
    const config = parse(this.kubeconfig('admin')) as { contexts: { context: { user: string } }[] };
    config.contexts[0]!.context.user = name;
    const user = {
      'client-certificate-data': data(`${name}.crt`),
      'client-key-data': data(`${name}.key`),
    };
    return stringify({ ...config, users: [{ name, user }] });
  }

  phase(phase: Phase, { inputs = {}, ...request }: PhaseRequest = {}): Promise<RunResult> {
    const dist = process.env.ACTION_DIST;
    return runAction({
      ...(dist === undefined ? {} : { dist }),
      ...request,
      inputs: {
        phase,
        kubeconfig: this.kubeconfig('admin'),
        'istioctl-base-url': this.mirror,
        // Less than a test has: what hangs is told by the Action itself.
        timeout: '3m',
        ...(phase === 'precheck' || phase === 'canary' ? { version: NEW } : {}),
        ...inputs,
      },
      // The launcher finds the cluster also where a test gives the run a temporary folder of its own.
      env: { ISTIO_UPGRADE_TESTBED_STATE: stateRoot(), ...request.env },
      launcher: launcher(this.name),
    });
  }

  async run(argv: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await inside(this.name, argv, input);
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${String(code)}: ${stderr}`);
    return stdout;
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return this.run(['kubectl', ...args]);
  }

  async list(...args: readonly string[]): Promise<ClusterObject[]> {
    const text = await this.kubectl('get', ...args, '--ignore-not-found', '-o', 'json');
    return text === '' ? [] : (JSON.parse(text) as { items: ClusterObject[] }).items;
  }

  everything(): Promise<ClusterObject[]> {
    return this.list(this.#kinds, '-A');
  }

  async snapshot(): Promise<Snapshot> {
    return normalise(await this.everything());
  }

  async pods(): Promise<PodView[]> {
    const pods = await this.list('pods', '-A');
    return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(podView);
  }

  async connected(revision: string): Promise<Record<string, string>> {
    const text = await this.run([`istioctl-${NEW}`, 'proxy-status', '--revision', revision]);
    const [header = '', ...rows] = text.trim().split('\n');
    const column = header.split(/\s{2,}/).indexOf('VERSION');
    const cells = rows.map((row) => row.split(/\s{2,}/));
    // NAME is `pod.namespace`; neither has a dot.
    return Object.fromEntries(
      cells.map((row) => [row[0]!.split('.').reverse().join('/'), row[column] ?? '']),
    );
  }

  #known(variable: string): string {
    const value = this.#place[variable];
    if (value === undefined) throw new Error(`${variable} is not known: the cluster is not up`);
    return value;
  }
}

/** What a run is expected to end as. */
export interface Ending {
  readonly outcome: Outcome;
  readonly state?: UpgradeState | '';
  /** Ids of its findings that are errors, without doubles. */
  readonly errors?: readonly string[];
}

/** Fails with what the Action itself says when the run ended otherwise than expected. */
export function expectEnding(run: RunResult, { outcome, state, errors = [] }: Ending): void {
  const says = {
    outcome: run.outputs.outcome,
    exitCode: run.exitCode,
    errors: [...new Set(errorsOf(run).map(({ id }) => id))],
    ...(state === undefined ? {} : { state: run.outputs.state }),
  };
  const wanted = {
    outcome,
    exitCode: ['succeeded', 'no-changes', 'rolled-back'].includes(outcome) ? 0 : 1,
    errors,
    ...(state === undefined ? {} : { state }),
  };
  try {
    expect(says).toEqual(wanted);
    expect(run.post.exitCode).toBe(0);
    expect(run.leftovers).toEqual([]);
    expect(run.summary).toContain(outcome);
  } catch (error) {
    if (error instanceof Error) error.message += `\n\nThe Action says:\n${run.summary}\n${run.stderr}`;
    throw error;
  }
}

/** The findings of a run that are errors. */
export function errorsOf(
  run: RunResult,
): { id: string; message: string; object?: string; remedy?: string }[] {
  const all = JSON.parse(run.outputs.findings ?? '[]') as { id: string; severity: string; message: string }[];
  return all.filter(({ severity }) => severity === 'error');
}

/** Runs something, and expects that the cluster was asked to persist nothing meanwhile, by the Action or istioctl. */
export async function expectNothingPersisted<T>(cluster: Cluster, work: () => Promise<T>): Promise<T> {
  const mark = cluster.audit.mark();
  const result = await work();
  const events = cluster.audit.since(mark);
  expect(persisting(events)).toEqual([]);
  return result;
}

/** Expects the whole data plane to be on one release: by the pods, by their proxies' images, and by istiod's account. */
export async function expectAllOn(
  cluster: Cluster,
  { revision, version }: { readonly revision: string; readonly version: string },
): Promise<void> {
  const pods = (await cluster.pods()).filter((pod) => pod.proxy !== undefined);
  expect(pods.length).toBeGreaterThan(0);
  expect(new Set(pods.map((pod) => pod.revision))).toEqual(new Set([revision]));
  expect(new Set(pods.map(({ proxy }) => proxy))).toEqual(new Set([`docker.io/istio/proxyv2:${version}`]));
  expect(await cluster.connected(revision)).toEqual(
    Object.fromEntries(pods.map(({ namespace, name }) => [`${namespace}/${name}`, version])),
  );
}

/** Does something while the cluster has lost the record, and gives it back. */
export async function withoutRecord<T>(cluster: Cluster, work: () => Promise<T>): Promise<T> {
  const [record] = (await cluster.list('configmap', '-n', 'istio-system')).filter(
    ({ metadata }) => metadata.name === 'istio-upgrade',
  );
  expect(record).toBeDefined();
  await cluster.kubectl('delete', 'configmap', 'istio-upgrade', '-n', 'istio-system');
  try {
    return await work();
  } finally {
    const { data } = record as { data?: unknown };
    const copy = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio-upgrade' }, data };
    await cluster.run(['kubectl', 'create', '-n', 'istio-system', '-f', '-'], JSON.stringify(copy));
  }
}

/** Runs a finished phase again, with its record and without: there is nothing to do, and nothing is persisted. */
export async function expectNoChanges(
  cluster: Cluster,
  phase: Phase,
  state: UpgradeState,
  request: PhaseRequest = {},
): Promise<void> {
  const again = await expectNothingPersisted(cluster, () => cluster.phase(phase, request));
  expectEnding(again, { outcome: 'no-changes', state });
  await withoutRecord(cluster, async () => {
    const inputs = { version: NEW, ...request.inputs };
    const lost = await expectNothingPersisted(cluster, () => cluster.phase(phase, { ...request, inputs }));
    expectEnding(lost, { outcome: 'no-changes' });
  });
}
