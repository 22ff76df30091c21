import type { ClusterObject } from '../support/normalise.ts';
import type { SuiteCluster } from './cluster.ts';
import { connectedTo } from './connected.ts';
import { livingPods } from './facts.ts';
import { faultAnnotations } from './fault.ts';
import type { HeldLock } from './held-lock.ts';
import { type Command, commandIn, requestOf } from './remedy-command.ts';
import type { Objects } from './objects.ts';
import { untilQuiet, untilRolledOut } from './rollout.ts';
import { until } from './until.ts';
import type { Event, FindingId, Ref } from './scenario.ts';

/** What events need to know of the play that they are part of. */
export interface Stage {
  readonly cluster: SuiteCluster;
  readonly objects: Objects;
  /** Objects that were taken, as they were. */
  readonly taken: Map<Ref, ClusterObject>;
  /** Annotations that a workload was given by a fault. */
  readonly faults: Map<Ref, readonly string[]>;
  readonly lock: HeldLock;
  /** Remedy of an error of the last run. */
  readonly remedy: (id: FindingId) => string | undefined;
}

/** The release whose istioctl people have at hand before an upgrade. */
const AT_HAND = '1.30.3';

/** Does it, and waits until the cluster shows it. */
export async function happen(event: Event, stage: Stage): Promise<void> {
  const { objects } = stage;
  if ('create' in event) {
    await objects.create(event.create);
    if (event.create.kind === 'CustomResourceDefinition') await untilServed(objects, event.create);
    if (event.makes !== undefined) return untilRolledOut(objects, event.makes);
    return makesPods(event.create) ? untilQuiet(objects) : undefined;
  }
  if ('delete' in event) {
    await objects.remove(event.delete);
    if (event.delete.startsWith('Namespace ') && event.hangs !== true) await untilGone(objects, event.delete);
    return hadPods(event.delete) ? untilQuiet(objects) : undefined;
  }
  if ('patch' in event) {
    await objects.patch(event.patch, event.with);
    if (event.until === 'rolled-out') await untilRolledOut(objects, event.patch);
    else if (makesPods(event.with)) await untilQuiet(objects);
    return;
  }
  if ('scale' in event) {
    await objects.patch(event.scale, { spec: { replicas: event.to } });
    return untilRolledOut(objects, event.scale);
  }
  if ('take' in event) return take(event.take, stage);
  if ('giveBack' in event) return giveBack(event.giveBack, stage);
  if ('istioctl' in event) return istioctl(event.istioctl, stage, event.version);
  if ('obey' in event) return obey(event, stage);
  if ('lock' in event) return event.lock === 'held' ? stage.lock.take() : stage.lock.free();
  if ('fault' in event) return fail(event, stage);
  if ('quiet' in event) return untilQuiet(objects);
  if ('connected' in event) return untilConnected(event.connected, stage);
  return heal(event.heal, stage);
}

/** An istiod that comes back is found by its proxies one by one, each when it tries again. */
function untilConnected(revision: string, { cluster, objects }: Stage): Promise<void> {
  return until(`all proxies of ${revision} to be connected`, async () => {
    const there = await connectedTo(cluster, revision);
    const pods = (await livingPods(objects)).filter((pod) => pod.revision === revision);
    const missing = pods.find(({ namespace, name }) => !(`${namespace}/${name}` in there));
    return missing === undefined ? undefined : `${missing.namespace}/${missing.name} is not`;
  });
}

/** A definition is served a moment after it was taken. */
async function untilServed({ api }: Objects, { spec }: ClusterObject): Promise<void> {
  const { group, names, versions } = spec as {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string }[];
  };
  const path = `/apis/${group}/${versions[0]?.name ?? ''}/${names.plural}`;
  await until(`${path} to be served`, async () => {
    const { status } = await api({ method: 'GET', path });
    return status === 200 ? undefined : `the server says ${String(status)}`;
  });
}

/** Whether pods come or go with it: what they look like before all have come is chance, and not to be compared. */
function makesPods(object: object): boolean {
  const { kind, spec } = object as { readonly kind?: string; readonly spec?: object };
  return kind === 'Pod' || (spec !== undefined && 'template' in spec);
}

function hadPods(ref: Ref): boolean {
  return /^(Pod|Deployment|StatefulSet|DaemonSet|Namespace) /.test(ref);
}

/** A namespace goes once all that is in it has gone. */
function untilGone(objects: Objects, ref: Ref): Promise<void> {
  return until(`${ref} to be gone`, async () =>
    (await objects.get(ref)) === undefined ? undefined : 'it is still there',
  );
}

async function take(ref: Ref, { objects, taken }: Stage): Promise<void> {
  const object = await objects.get(ref);
  if (object === undefined) throw new Error(`${ref} is not there, so it cannot be taken`);
  taken.set(ref, object);
  await objects.remove(ref);
}

async function giveBack(ref: Ref, { objects, taken }: Stage): Promise<void> {
  const object = taken.get(ref);
  if (object === undefined) throw new Error(`${ref} was not taken`);
  await objects.remove(ref);
  await objects.create(asNew(object));
}

/** What its maker once gave; the server fills in the rest anew. */
function asNew(object: ClusterObject): ClusterObject {
  const { name, namespace, labels, annotations } = object.metadata;
  const metadata = given({ name, namespace, labels, annotations });
  return given({ ...object, status: undefined, metadata }) as unknown as ClusterObject;
}

function given(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

async function istioctl(args: readonly string[], { cluster }: Stage, version = AT_HAND): Promise<void> {
  const { code, stderr } = await cluster.istioctl(version, args);
  if (code !== 0) throw new Error(`istioctl ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
}

async function obey({ obey: id, fill = {} }: Extract<Event, { obey: unknown }>, stage: Stage): Promise<void> {
  const command: Command | undefined = commandIn(stage.remedy(id) ?? '', fill);
  if (command === undefined)
    throw new Error(`the remedy of ${id} has no command: ${stage.remedy(id) ?? 'none'}`);
  if (command.program === 'istioctl') return istioctl(command.args, stage);
  const request = requestOf(command.args);
  return 'remove' in request
    ? stage.objects.remove(request.remove)
    : stage.objects.patch(request.patch, request.with);
}

async function fail(
  { fault, workload, revision }: Extract<Event, { fault: unknown }>,
  { objects, faults }: Stage,
): Promise<void> {
  const annotations = faultAnnotations(fault, revision);
  faults.set(workload, Object.keys(annotations));
  await annotate(objects, workload, annotations);
}

async function heal(workload: Ref, { objects, faults }: Stage): Promise<void> {
  const names = faults.get(workload) ?? [];
  await annotate(objects, workload, Object.fromEntries(names.map((name) => [name, null])));
  faults.delete(workload);
}

async function annotate(
  objects: Objects,
  workload: Ref,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> {
  await objects.patch(workload, { spec: { template: { metadata: { annotations } } } });
  await untilRolledOut(objects, workload);
}
