import type { Pod } from './objects.ts';
import { readPod } from './pod-wire.ts';
import { fields } from './wire.ts';

/** Kubernetes' own form beside JSON. */
const PACKED = 'application/vnd.kubernetes.protobuf';

/** What an answer may be where pods are listed: whoever in between does not know the short form gives JSON. */
export const PACKED_OR_JSON = `${PACKED}, application/json`;

/** Every answer in that form begins so. */
const MAGIC = Buffer.from('k8s\0');

/** Whether an answer is in the short form. */
export function isPacked(contentType: string | undefined): boolean {
  return contentType?.startsWith(PACKED) === true;
}

/**
 * Reads an answer in Kubernetes' protobuf form: a list of pods, as its JSON would be but for the fields that nobody here
 * reads, or the Status by which a request is refused. The server makes it in less than half the time of JSON, of a third
 * of the length, and what is not needed (managed fields, volumes, probes) is passed over here unread.
 *
 * @throws Error where it is something else
 */
export function unpackAnswer(bytes: Buffer): object {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('not in Kubernetes’ protobuf form');
  let kind = '';
  // Where there is none, the answer was cut short: an empty list has one, too, of its metadata.
  let [from, to] = [-1, -1];
  fields(bytes, MAGIC.length, bytes.length, (field, _, start, end) => {
    if (field === 1) kind = readKind(bytes, start, end);
    if (field === 2) [from, to] = [start, end];
  });
  if (from < 0) throw new Error('the answer is cut short');
  if (kind === 'PodList') return readPods(bytes, from, to);
  if (kind === 'Status') return readStatus(bytes, from, to);
  throw new Error(`a ${kind} was not asked for`);
}

function readKind(bytes: Buffer, from: number, to: number): string {
  let kind = '';
  fields(bytes, from, to, (field, _, start, end) => {
    if (field === 2) kind = bytes.toString('utf8', start, end);
  });
  return kind;
}

function readPods(bytes: Buffer, from: number, to: number): object {
  const items: Pod[] = [];
  const metadata: { resourceVersion?: string; continue?: string } = {};
  fields(bytes, from, to, (field, _, start, end) => {
    if (field === 2) items.push(readPod(bytes, start, end));
    if (field !== 1) return;
    fields(bytes, start, end, (part, __, first, last) => {
      if (part === 2) metadata.resourceVersion = bytes.toString('utf8', first, last);
      if (part === 3) metadata.continue = bytes.toString('utf8', first, last);
    });
  });
  return { kind: 'PodList', metadata, items };
}

function readStatus(bytes: Buffer, from: number, to: number): object {
  const status: { message?: string; reason?: string } = {};
  fields(bytes, from, to, (field, _, start, end) => {
    if (field === 3) status.message = bytes.toString('utf8', start, end);
    if (field === 4) status.reason = bytes.toString('utf8', start, end);
  });
  return { kind: 'Status', ...status };
}
