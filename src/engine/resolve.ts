import { randomBytes } from 'node:crypto';
import type { Inputs } from '../inputs.ts';
import type { Finding } from '../finding.ts';
import { type Mesh, planeOfRevision } from '../istio/mesh.ts';
import { meshNamespaces, movedNamespaces } from '../istio/moves.ts';
import { deriveRevision } from '../istio/revision.ts';
import { remains } from '../istio/state.ts';
import { noWayBack } from '../istio/way-back.ts';
import { parseVersion } from '../istio/version.ts';
import type { Release, UpgradeRecord } from '../record/record.ts';
import type { Upgrade } from './upgrade.ts';

/** A side that can't be told any more: no object has this name, so nothing is found to be done to it. */
export const GONE: Release = { revision: '(gone)', version: '' };

export type Resolution =
  | { readonly kind: 'upgrade'; readonly upgrade: Upgrade }
  /** There is nothing that the phase could be about. */
  | { readonly kind: 'nothing'; readonly because: string }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] };

type Wanted = Pick<Inputs, 'phase' | 'version' | 'revision'>;

/**
 * What the run is about: from inputs, cluster and record, in this order of weight. Works without a record, because it
 * may be lost; what can't be told then is refused with what to give.
 *
 * @param chosen names of the canary namespaces, for precheck and canary
 */
export function resolveUpgrade(
  inputs: Wanted,
  mesh: Mesh,
  record: UpgradeRecord | undefined,
  chosen: readonly string[],
): Resolution {
  const active = record?.endedAt === undefined ? record : undefined;
  const to = targetOf(inputs, mesh, record);
  if (to === undefined) return withoutTarget(inputs, mesh, record);
  if (active !== undefined && active.to.revision !== to.revision && remains(mesh, active.to.revision)) {
    return refused({
      id: 'other-upgrade-under-way',
      severity: 'error',
      message: `an upgrade to ${active.to.version} (revision ${active.to.revision}) is under way, and this run is about ${to.version} (${to.revision})`,
      remedy: `Finish it, or roll it back with version: ${active.to.version}, before the next begins.`,
    });
  }
  const mine = record?.to.revision === to.revision ? record : undefined;
  const from = sourceOf(mesh, mine, to);
  const flaw = flawOf(inputs, mesh, from, to, mine);
  if (flaw !== undefined) return flaw;
  return {
    kind: 'upgrade',
    upgrade: {
      attempt: mine?.endedAt === undefined && mine !== undefined ? mine.attempt : newAttempt(),
      from,
      to,
      namespaces: inputs.phase === 'promote' ? meshNamespaces(mesh).map(({ name }) => name) : chosen,
    },
  };
}

/** The revision that was given or derived; a canary under another name is found by its version. */
function targetOf(
  { version, revision }: Wanted,
  mesh: Mesh,
  record: UpgradeRecord | undefined,
): Release | undefined {
  if (version !== undefined && revision !== undefined) {
    const derived = revision === deriveRevision(parseVersion(version));
    if (derived && record?.to.version === version) return record.to;
    return { version, revision };
  }
  if (revision !== undefined) {
    const is = planeOfRevision(mesh, revision)?.version;
    if (record?.to.revision === revision) return record.to;
    return is === undefined ? undefined : { revision, version: is };
  }
  return record?.to;
}

function withoutTarget({ phase }: Wanted, mesh: Mesh, record: UpgradeRecord | undefined): Resolution {
  if (record === undefined && mesh.planes.length <= 1 && movedNamespaces(mesh).length === 0) {
    if (phase === 'rollback') return { kind: 'nothing', because: 'there is no upgrade to roll back' };
  }
  return refused({
    id: 'target-unknown',
    severity: 'error',
    message: 'the cluster has no record that says which version this upgrade goes to',
    remedy: 'Give the input version (and revision, if the canary got a name of its own).',
  });
}

function sourceOf(mesh: Mesh, record: UpgradeRecord | undefined, to: Release): Release {
  const others = mesh.planes.filter(({ revision }) => revision !== to.revision);
  if (record !== undefined && (record.endedAt === undefined || others.length === 0)) return record.from;
  const [byDefault] = mesh.defaultInjector;
  const plane = others.find(({ revision }) => revision === byDefault) ?? others[0];
  return plane === undefined ? GONE : { revision: plane.revision, version: plane.version ?? '' };
}

function flawOf(
  { phase }: Wanted,
  mesh: Mesh,
  from: Release,
  to: Release,
  record: UpgradeRecord | undefined,
): Resolution | undefined {
  const target = planeOfRevision(mesh, to.revision);
  if (from === GONE && target === undefined) {
    return refused({
      id: 'no-control-plane',
      severity: 'error',
      message: `there is no istiod in namespace ${mesh.istioNamespace}`,
      remedy:
        'Give the input istio-namespace if Istio lives elsewhere. This Action upgrades a mesh, it does not install the first one.',
    });
  }
  if (from !== GONE && from.version === '') {
    return refused({
      id: 'current-version-unknown',
      severity: 'error',
      message: `the image of istiod ${from.revision} does not tell its version (is it pinned by digest?)`,
      remedy: 'Install it with a version tag.',
    });
  }
  if (phase === 'rollback') return rollbackFlaw(mesh, from, to, record);
  if (target?.version !== undefined && target.version !== to.version) {
    return refused({
      id: 'revision-taken',
      severity: 'error',
      message: `revision ${to.revision} is there already, and runs ${target.version} instead of ${to.version}`,
      remedy: 'Give another name with the input revision.',
    });
  }
  if (phase !== 'promote' && target !== undefined && planeOfRevision(mesh, from.revision) === undefined) {
    return {
      kind: 'nothing',
      because: `${to.version} (revision ${to.revision}) is the only control plane already`,
    };
  }
  if (phase === 'promote' && target === undefined) {
    return refused({
      id: 'no-canary',
      severity: 'error',
      message: `there is no control plane of revision ${to.revision} to promote`,
      remedy: 'Run canary first.',
    });
  }
  return undefined;
}

/** After the point of no return there is no way back by rollback: it would mean reinstalling. */
function rollbackFlaw(
  mesh: Mesh,
  from: Release,
  to: Release,
  record: UpgradeRecord | undefined,
): Resolution | undefined {
  const why = noWayBack(mesh, from.revision, record?.removing);
  if (why === undefined) return undefined;
  if (planeOfRevision(mesh, to.revision) === undefined && from !== GONE) return undefined;
  return refused({
    id: 'past-point-of-no-return',
    severity: 'error',
    message: `there is nothing to roll back to${from === GONE ? '' : ` (${from.revision}, ${from.version})`}: ${why}`,
    remedy:
      'To go back, install the old version beside this one by hand and move the namespaces over: docs/rollback.md says how.',
  });
}

function refused(...findings: Finding[]): Resolution {
  return { kind: 'refused', findings };
}

function newAttempt(): string {
  return randomBytes(4).toString('hex');
}
