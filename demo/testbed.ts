import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterObject, IGNORED_KINDS } from '../test/support/normalise.ts';
import { AuditLog, persisting } from '../test/support/testbed-audit.ts';
import { down, inside, launcher, up } from '../test/support/testbed.ts';
import type { DemoCluster, StartDemoCluster } from './cluster.ts';
import type { DemoObject } from './shop.ts';

let clusters = 0;

/** A cluster of the testbed: real Kubernetes API, istioctl and istiod. */
export const startTestbedDemo: StartDemoCluster = async ({ version, revision }, objects) => {
  const name = `demo-${String(++clusters)}-p${String(process.pid)}`;
  try {
    await up(name, ['--version', version, '--revision', revision, '--no-shop']);
    return await connect(name, objects);
  } catch (error) {
    await down(name);
    throw error;
  }
};

async function connect(name: string, objects: readonly DemoObject[]): Promise<DemoCluster> {
  const run = async (argv: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await inside(name, argv, input);
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${String(code)}: ${stderr}`);
    return stdout;
  };
  const kubectl = (...args: readonly string[]): Promise<string> => run(['kubectl', ...args]);
  const list = async (...args: readonly string[]): Promise<ClusterObject[]> =>
    (JSON.parse(await kubectl('get', ...args, '-A', '-o', 'json')) as { items: ClusterObject[] }).items;
  const place = JSON.parse(await run([process.execPath, '-p', 'JSON.stringify(process.env)'])) as Record<
    string,
    string
  >;
  await run(
    ['kubectl', 'create', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  );
  await Promise.all(
    objects
      .filter(({ kind }) => kind !== 'Namespace')
      .map(({ kind, metadata }) => rolledOut(kind, metadata.name, metadata.namespace ?? '')),
  );
  const all = (await kubectl('api-resources', '--verbs=list', '-o', 'name')).trim().split('\n');
  const kinds = all.filter((kind) => !(kind in IGNORED_KINDS)).join(',');
  const audit = new AuditLog(place.TESTBED_AUDIT_LOG ?? '');
  const dir = place.TESTBED_DIR ?? '';

  function rolledOut(kind: string, name: string, namespace: string): Promise<string> {
    return kubectl('rollout', 'status', `${kind}/${name}`, '-n', namespace, '--timeout=120s');
  }

  return {
    title: `the testbed's cluster ${name} (real Kubernetes API, istioctl and istiod; testbed/README.md)`,
    run: { launcher: launcher(name), env: { RUNNER_TOOL_CACHE: join(dir, 'tool-cache') } },
    kubeconfig: readFileSync(join(dir, 'admin.kubeconfig'), 'utf8'),
    mirror: place.TESTBED_MIRROR ?? '',
    objects: () => list(kinds),
    pods: () => list('pods'),
    annotate: async (namespace, deployment, annotations) => {
      const patch = JSON.stringify({ spec: { template: { metadata: { annotations } } } });
      await kubectl('patch', 'deployment', deployment, '-n', namespace, '-p', patch);
      await rolledOut('deployment', deployment, namespace);
    },
    writes: { mark: () => audit.mark(), since: (mark) => persisting(audit.since(mark)) },
    close: () => down(name),
  };
}
