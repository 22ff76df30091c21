import type { Condition, Container, ContainerStatus, Metadata, OwnerReference, Pod } from './objects.ts';
import { entry, fields } from './wire.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What reads one message that is `bytes[from..to)`. */
type Read<T> = (bytes: Buffer, from: number, to: number) => T;

/**
 * Of a Pod in Kubernetes' protobuf form what {@link Pod} has, as its JSON form would say it: a text that is empty is not
 * there. Field numbers are those of `generated.proto` in k8s.io/api/core/v1 and k8s.io/apimachinery, which never change.
 */
export const readPod: Read<Pod> = (bytes, from, to) => {
  let metadata: Metadata = { name: '' };
  let spec: Pod['spec'] = { containers: [] };
  let status: Pod['status'] = {};
  fields(bytes, from, to, (field, _, start, end) => {
    if (field === 1) metadata = readMetadata(bytes, start, end);
    if (field === 2) spec = readSpec(bytes, start, end);
    if (field === 3) status = readStatus(bytes, start, end);
  });
  return { metadata, spec, status };
};

const readMetadata: Read<Metadata> = (bytes, from, to) => {
  const metadata: Mutable<Metadata> = { name: '' };
  const labels: [string, string][] = [];
  const annotations: [string, string][] = [];
  const owners: OwnerReference[] = [];
  fields(bytes, from, to, (field, value, start, end) => {
    const text = (): string => bytes.toString('utf8', start, end);
    if (field === 1) metadata.name = text();
    else if (field === 3) metadata.namespace = text();
    else if (field === 5) metadata.uid = text();
    else if (field === 6) metadata.resourceVersion = text();
    else if (field === 7 && value !== 0) metadata.generation = value;
    else if (field === 8) metadata.creationTimestamp = readTime(bytes, start, end);
    else if (field === 9) metadata.deletionTimestamp = readTime(bytes, start, end);
    else if (field === 11) labels.push([...entry(bytes, start, end)]);
    else if (field === 12) annotations.push([...entry(bytes, start, end)]);
    else if (field === 13) owners.push(readOwner(bytes, start, end));
  });
  if (labels.length > 0) metadata.labels = Object.fromEntries(labels);
  if (annotations.length > 0) metadata.annotations = Object.fromEntries(annotations);
  if (owners.length > 0) metadata.ownerReferences = owners;
  return metadata;
};

/** RFC 3339 in UTC, to the second, as the server's JSON has it. */
const readTime: Read<string> = (bytes, from, to) => {
  let seconds = 0;
  fields(bytes, from, to, (field, value) => {
    if (field === 1) seconds = value;
  });
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
};

const readOwner: Read<OwnerReference> = (bytes, from, to) => {
  const owner: Mutable<OwnerReference> = { apiVersion: '', kind: '', name: '' };
  fields(bytes, from, to, (field, value, start, end) => {
    if (field === 1) owner.kind = bytes.toString('utf8', start, end);
    if (field === 3) owner.name = bytes.toString('utf8', start, end);
    if (field === 5) owner.apiVersion = bytes.toString('utf8', start, end);
    if (field === 6) owner.controller = value === 1;
  });
  return owner;
};

const readSpec: Read<Pod['spec']> = (bytes, from, to) => {
  const containers: Container[] = [];
  const initContainers: Container[] = [];
  const spec: Mutable<Pod['spec']> = { containers };
  fields(bytes, from, to, (field, value, start, end) => {
    if (field === 2) containers.push(readContainer(bytes, start, end));
    if (field === 10 && end > start) spec.nodeName = bytes.toString('utf8', start, end);
    if (field === 11 && value === 1) spec.hostNetwork = true;
    if (field === 20) initContainers.push(readContainer(bytes, start, end));
  });
  if (initContainers.length > 0) spec.initContainers = initContainers;
  return spec;
};

const readContainer: Read<Container> = (bytes, from, to) => {
  const args: string[] = [];
  const env: { name: string; value?: string }[] = [];
  const container: Mutable<Container> = { name: '' };
  fields(bytes, from, to, (field, _, start, end) => {
    if (field === 1) container.name = bytes.toString('utf8', start, end);
    if (field === 2 && end > start) container.image = bytes.toString('utf8', start, end);
    if (field === 4) args.push(bytes.toString('utf8', start, end));
    if (field === 7) {
      const [name, value] = entry(bytes, start, end);
      env.push({ name, ...(value === '' ? {} : { value }) });
    }
  });
  if (args.length > 0) container.args = args;
  if (env.length > 0) container.env = env;
  return container;
};

const readStatus: Read<NonNullable<Pod['status']>> = (bytes, from, to) => {
  const status: Mutable<NonNullable<Pod['status']>> = {};
  const conditions: Condition[] = [];
  const containers: ContainerStatus[] = [];
  const initContainers: ContainerStatus[] = [];
  fields(bytes, from, to, (field, _, start, end) => {
    if (field === 1 && end > start) status.phase = bytes.toString('utf8', start, end);
    if (field === 2) conditions.push(readCondition(bytes, start, end));
    if (field === 8) containers.push(readContainerStatus(bytes, start, end));
    if (field === 10) initContainers.push(readContainerStatus(bytes, start, end));
  });
  if (conditions.length > 0) status.conditions = conditions;
  if (containers.length > 0) status.containerStatuses = containers;
  if (initContainers.length > 0) status.initContainerStatuses = initContainers;
  return status;
};

const readCondition: Read<Condition> = (bytes, from, to) => {
  const condition: Mutable<Condition> = { type: '', status: '' };
  fields(bytes, from, to, (field, _, start, end) => {
    const text = (): string => bytes.toString('utf8', start, end);
    if (field === 1) condition.type = text();
    if (field === 2) condition.status = text();
    if (field === 5 && end > start) condition.reason = text();
    if (field === 6 && end > start) condition.message = text();
  });
  return condition;
};

const readContainerStatus: Read<ContainerStatus> = (bytes, from, to) => {
  const status: Mutable<ContainerStatus> = { name: '', ready: false };
  fields(bytes, from, to, (field, value, start, end) => {
    if (field === 1) status.name = bytes.toString('utf8', start, end);
    if (field === 2) status.state = readState(bytes, start, end);
    if (field === 4) status.ready = value === 1;
    if (field === 5) status.restartCount = value;
  });
  return status;
};

const readState: Read<NonNullable<ContainerStatus['state']>> = (bytes, from, to) => {
  const state: Mutable<NonNullable<ContainerStatus['state']>> = {};
  fields(bytes, from, to, (field, _, start, end) => {
    if (field === 1) state.waiting = readReason(bytes, start, end, { reason: 1, message: 2 });
    if (field === 3) state.terminated = readReason(bytes, start, end, { reason: 3, exitCode: 1 });
  });
  return state;
};

function readReason(
  bytes: Buffer,
  from: number,
  to: number,
  at: { readonly reason: number; readonly message?: number; readonly exitCode?: number },
): { reason?: string; message?: string; exitCode?: number } {
  const read: { reason?: string; message?: string; exitCode?: number } = {};
  fields(bytes, from, to, (field, value, start, end) => {
    if (field === at.reason && end > start) read.reason = bytes.toString('utf8', start, end);
    if (field === at.message && end > start) read.message = bytes.toString('utf8', start, end);
    // An int32 that is negative comes as 64 bits.
    if (field === at.exitCode) read.exitCode = value > 2 ** 31 ? -1 : value;
  });
  return read;
}
