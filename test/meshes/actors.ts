import type { ActorAct } from './acts.ts';
import { RECORD } from './features.ts';
import { type World, objectsOf } from './world.ts';
import { type Manifest, namespace, workload } from './workloads.ts';

const ISTIO = 'istio-system';
const ORIGINALS = 'istio-upgrade/original-labels';
const CHOICE = ['istio.io/rev', 'istio-injection'] as const;

/**
 * Somebody acts. What is not there (any more) is left alone: in a shrunken story an act may have lost its object.
 *
 * @returns whether something was done
 */
export async function happen(act: ActorAct, world: World): Promise<boolean> {
  const { cluster } = world;
  switch (act.actor) {
    case 'label':
      if (cluster.get('Namespace', act.namespace) === undefined) return false;
      cluster.patch('Namespace', act.namespace, undefined, {
        metadata: { labels: { [act.key]: act.value } },
      });
      return true;
    case 'create-namespace':
      if (cluster.get('Namespace', act.namespace) !== undefined) return false;
      cluster.create(namespace(act.namespace, act.labels));
      cluster.create(workload(act.namespace, 'newcomer'));
      return true;
    case 'scale':
      return patched(world, act.object, { spec: { replicas: act.to } });
    case 'drain':
      for (const { metadata } of cluster.list('Pod', act.namespace))
        cluster.remove('Pod', metadata.name, act.namespace);
      return true;
    case 'delete': {
      const found = world.find(act.object);
      if (found === undefined) return false;
      cluster.remove(found.kind, found.name, found.namespace);
      return true;
    }
    case 'hang':
      if (!isStanding(act.namespace, world)) return false;
      cluster.create(heldObject(act.namespace));
      cluster.remove('Namespace', act.namespace);
      return true;
    case 'mark':
      return patched(world, act.object, { metadata: { annotations: act.annotations } });
    case 'create': {
      const { namespace: home } = act.manifest.metadata;
      if (home !== undefined && !isStanding(home, world)) return false;
      cluster.create(act.manifest);
      return true;
    }
    case 'record':
      return recordActs(act.with, world);
    case 'annotate':
      if (cluster.get('Namespace', act.namespace) === undefined) return false;
      cluster.patch('Namespace', act.namespace, undefined, {
        metadata: { annotations: { [ORIGINALS]: act.originals } },
      });
      return true;
    case 'lease':
      return leaseActs(act.does, world);
    case 'istioctl':
      // Whoever it is, he may be told no.
      return world.istioctl(act.version, act.args).then(
        () => true,
        () => false,
      );
    case 'git':
      return gitActs(act.namespace, world);
    case 'break':
      return patched(world, act.object, template({ 'testbed/ready': 'never' }));
    case 'heal':
      return patched(
        world,
        act.object,
        template({
          'testbed/ready': null,
          'testbed/pull': null,
          'testbed/proxy': null,
          'testbed/only-revision': null,
        }),
      );
    case 'undo':
    case 'restart':
      return patched(world, act.object, template(restarted(act.actor)));
    case 'hold':
    case 'release':
      return patched(world, act.object, { spec: held(act.object, act.actor === 'hold') });
  }
}

/** In a namespace that is being deleted nothing can be made any more. */
function isStanding(name: string, { cluster }: World): boolean {
  const found = cluster.get('Namespace', name);
  return found !== undefined && found.metadata.deletionTimestamp === undefined;
}

/** `undo` takes away what the last restart has set. */
export function restarted(actor: 'undo' | 'restart'): Readonly<Record<string, string | null>> {
  return { 'kubectl.kubernetes.io/restartedAt': actor === 'undo' ? null : new Date().toISOString() };
}

export function heldObject(home: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'held', namespace: home, finalizers: ['example.com/held'] },
  };
}

/** A Deployment is paused; what else there is waits until its pods are deleted. */
export function held(ref: string, holds: boolean): object {
  if (ref.startsWith('Deployment ')) return { paused: holds };
  return { updateStrategy: holds ? { type: 'OnDelete', rollingUpdate: null } : { type: 'RollingUpdate' } };
}

function template(annotations: object): object {
  return { spec: { template: { metadata: { annotations } } } };
}

function patched(world: World, ref: string, patch: object): boolean {
  const found = world.find(ref);
  if (found === undefined) return false;
  world.cluster.patch(found.kind, found.name, found.namespace, patch);
  return true;
}

function recordActs(
  change: Readonly<Record<string, unknown>> | null | 'swapped',
  { cluster }: World,
): boolean {
  const held = cluster.get('ConfigMap', RECORD, ISTIO);
  if (held === undefined) return false;
  if (change === null) {
    cluster.remove('ConfigMap', RECORD, ISTIO);
    return true;
  }
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(held.data?.record ?? '') as Record<string, unknown>;
  } catch {
    return false;
  }
  const changed = change === 'swapped' ? { from: record.to, to: record.from } : change;
  const data = { record: JSON.stringify({ ...record, ...changed }) };
  cluster.patch('ConfigMap', RECORD, ISTIO, { data });
  return true;
}

function leaseActs(does: 'steal' | 'hold' | 'free' | 'year', world: World): boolean {
  const { cluster } = world;
  world.holder.end();
  if (cluster.get('Lease', RECORD, ISTIO) === undefined) return false;
  if (does === 'hold') {
    world.holder.begin();
    return true;
  }
  const spec = {
    steal: { holderIdentity: 'somebody/else', renewTime: new Date().toISOString().replace('Z', '000Z') },
    free: { holderIdentity: null },
    year: { leaseDurationSeconds: 31_536_000 },
  }[does];
  cluster.patch('Lease', RECORD, ISTIO, { spec });
  return true;
}

function gitActs(name: string, world: World): boolean {
  const wanted = objectsOf(world.mesh).find(
    ({ kind, metadata }) => kind === 'Namespace' && metadata.name === name,
  );
  if (wanted === undefined || world.cluster.get('Namespace', name) === undefined) return false;
  const labels = Object.fromEntries(CHOICE.map((key) => [key, wanted.metadata.labels?.[key] ?? null]));
  world.cluster.patch('Namespace', name, undefined, { metadata: { labels } });
  return true;
}
