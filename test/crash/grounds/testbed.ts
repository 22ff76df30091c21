import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterObject, IGNORED_KINDS } from '../../support/normalise.ts';
import { down, inside, testbed, up } from '../../support/testbed.ts';
import type { Ground } from '../ground.ts';

/** A testbed: real Kubernetes, istioctl and istiod. */
export class TestbedGround implements Ground {
  readonly cluster: string;
  readonly env = {};
  #place: Readonly<Record<string, string>> = {};
  #kinds = '';
  #up: Promise<unknown> | undefined;

  constructor(cluster: string) {
    this.cluster = cluster;
  }

  async open(revision: string | undefined, objects: readonly object[]): Promise<void> {
    this.#up = up(this.cluster, [...(revision === undefined ? [] : ['--revision', revision]), '--no-shop']);
    await this.#up;
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    const made = await this.#must(['kubectl', 'apply', '-o', 'name', '-f', '-'], JSON.stringify(list));
    const deployments = made.split('\n').filter((name) => name.startsWith('deployment.'));
    if (deployments.length > 0) {
      await this.#must([
        ...['kubectl', 'wait', 'deployments', '--all', '-A'],
        ...['--for=condition=Available', '--timeout=120s'],
      ]);
    }
    const script = 'JSON.stringify(process.env)';
    this.#place = JSON.parse(await this.#must([process.execPath, '-p', script])) as Record<string, string>;
    this.#kinds = await this.#known();
  }

  kubeconfig(): string {
    return readFileSync(join(this.#variable('TESTBED_DIR'), 'admin.kubeconfig'), 'utf8');
  }

  mirror(): string {
    return this.#variable('TESTBED_MIRROR');
  }

  async everything(): Promise<readonly ClusterObject[]> {
    const text = await this.#must(['kubectl', 'get', this.#kinds, '-A', '-o', 'json']);
    return (JSON.parse(text) as { items: ClusterObject[] }).items;
  }

  async save(copy: string): Promise<void> {
    await testbed('save', '--name', this.cluster, copy);
  }

  async restore(copy: string): Promise<void> {
    await testbed('restore', '--name', this.cluster, copy);
  }

  async freeLock(): Promise<void> {
    const lease = ['lease', 'istio-upgrade', '-n', 'istio-system'];
    const found = await this.#must(['kubectl', 'get', ...lease, '--ignore-not-found', '-o', 'name']);
    if (found === '') return;
    const patch = JSON.stringify({ spec: { holderIdentity: null } });
    await this.#must(['kubectl', 'patch', ...lease, '--type=merge', '-p', patch]);
  }

  async close(): Promise<void> {
    // What is still coming up could not be taken away whole.
    await this.#up?.catch(() => undefined);
    await down(this.cluster);
  }

  /** The kinds that are looked at. */
  async #known(): Promise<string> {
    const kinds = (await this.#must(['kubectl', 'api-resources', '--verbs=list', '-o', 'name'])).trim();
    const looked = kinds.split('\n').filter((kind) => !(kind in IGNORED_KINDS));
    return [...looked, 'pods', 'leases.coordination.k8s.io'].join(',');
  }

  async #must(argv: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await inside(this.cluster, argv, input);
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${String(code)}: ${stderr}`);
    return stdout;
  }

  #variable(name: string): string {
    const value = this.#place[name];
    if (value === undefined) throw new Error(`${name} is not known: the cluster is not up`);
    return value;
  }
}
