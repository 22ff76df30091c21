import type { Finding } from '../finding.ts';
import type { NamespaceSelection } from '../inputs.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { clusterIdOf, unexpectedCluster } from '../cluster/identity.ts';
import type { Mesh } from '../istio/mesh.ts';
import { originalsUnreadable } from '../istio/originals.ts';
import { stateOf } from '../istio/state.ts';
import type { UpgradeRecord } from '../record/record.ts';
import type { Report } from '../report/report.ts';
import { permissionsFor, taskOf } from '../phases/permissions.ts';
import { missingPermissions, permissionMissing } from './permissions.ts';
import { GONE, type Resolution, resolveUpgrade } from './resolve.ts';
import type { Session } from './session.ts';
import { Refused } from './step.ts';

/** What was read before anything is decided. */
export interface Prepared {
  readonly kubernetes: string;
  readonly mesh: Mesh;
  readonly record: UpgradeRecord | undefined;
  readonly resolution: Resolution;
}

/**
 * Reads everything a phase decides from, and what it is about. Writes nothing.
 *
 * @throws Refused when permissions are missing or namespaces do not exist
 */
export async function prepare(session: Session, report: Report): Promise<Prepared> {
  const { inputs, reader, deps } = session;
  const kubernetes = await reader.version();
  if (report.cluster !== undefined) report.cluster.kubernetes = kubernetes;
  deps.log.info(`the server is Kubernetes ${kubernetes}`);
  const missing = await missingPermissions(reader, permissionsFor(taskOf(inputs), inputs.istioNamespace));
  if (missing.length > 0) {
    const remedy = 'Grant it (docs/permissions.md has the role of each phase). Nothing was touched.';
    throw new Refused(missing.map((permission) => permissionMissing(permission, remedy)));
  }
  const id = await clusterIdOf(reader);
  deps.log.info(
    `the cluster's uid (of its namespace kube-system, for the input expect-cluster) is ${id ?? 'not known'}`,
  );
  const elsewhere = unexpectedCluster(inputs.expectCluster, id);
  if (elsewhere.length > 0) throw new Refused(elsewhere);
  const [mesh, record] = await Promise.all([session.mesh.now(), session.record.now()]);
  // What a namespace was before is known to nobody then: to go on would be to forget it for good.
  const unreadable = mesh.namespaces.flatMap(({ name, unreadableOriginals: text }) =>
    text === undefined ? [] : [originalsUnreadable(name, text)],
  );
  if (unreadable.length > 0) throw new Refused(unreadable);
  const chosen = await chosenNamespaces(reader, inputs.canaryNamespaces, mesh);
  const resolution = resolveUpgrade(inputs, mesh, record, chosen);
  if (resolution.kind === 'upgrade') {
    const { from, to, attempt } = resolution.upgrade;
    if (from !== GONE) report.from = from;
    report.to = to;
    // A precheck begins no attempt.
    if (inputs.phase !== 'precheck') report.attempt = attempt;
    report.state = stateOf(mesh, record, { from, to });
  }
  return { kubernetes, mesh, record, resolution };
}

/** The canary's namespaces: all those named, and those of the mesh that a selector matches. */
async function chosenNamespaces(
  cluster: Cluster,
  { names, selectors }: NamespaceSelection,
  mesh: Mesh,
): Promise<string[]> {
  const byName = new Map(mesh.namespaces.map((namespace) => [namespace.name, namespace]));
  const findings: Finding[] = [];
  const chosen = new Set<string>();
  for (const name of names) {
    const namespace = byName.get(name);
    if (namespace === undefined) {
      findings.push({
        id: 'namespace-not-found',
        severity: 'error',
        object: `Namespace ${name}`,
        message: 'it does not exist in this cluster',
        remedy: 'Correct the input canary-namespaces, or the context.',
      });
    } else if (namespace.choice === 'none') {
      findings.push({
        id: 'namespace-not-in-mesh',
        severity: 'error',
        object: `Namespace ${name}`,
        message: 'it has neither istio-injection=enabled nor istio.io/rev: there is no label to move',
        remedy: 'Choose a namespace that is in the mesh by its label.',
      });
    } else chosen.add(name);
  }
  for (const labelSelector of selectors) {
    for await (const { metadata } of cluster.list('Namespace', { labelSelector })) {
      if (byName.get(metadata.name)?.choice !== 'none') chosen.add(metadata.name);
    }
  }
  if (findings.length === 0 && chosen.size === 0 && names.length + selectors.length > 0) {
    findings.push({
      id: 'no-namespace-selected',
      severity: 'error',
      message: `no namespace of the mesh matches ${selectors.join(' or ')}`,
      remedy: 'Correct the input canary-namespaces.',
    });
  }
  if (findings.length > 0) throw new Refused(findings);
  return [...chosen].sort();
}
