import { createHash } from 'node:crypto';

/** A request with its whole body. */
export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
}

/** What is sent and persists nothing (promise 1): access reviews, token requests, port-forwards. */
const HARMLESS = [
  /^\/apis\/(authorization|authentication)\.k8s\.io\//,
  /\/serviceaccounts\/[^/]+\/token$/,
  /\/pods\/[^/]+\/portforward$/,
];

/** Whether a request asks to change something for good, whatever will come of it. */
export function isPersisting({ method, path, body }: Asked): boolean {
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(method)) return false;
  const { pathname, searchParams } = new URL(path, 'https://server');
  if (HARMLESS.some((pattern) => pattern.test(pathname))) return false;
  return searchParams.get('dryRun') !== 'All' && !rehearses(body);
}

/** Options of a deletion are in its body. */
function rehearses(body: string): boolean {
  const { dryRun } = parse(body) as { dryRun?: unknown };
  return Array.isArray(dryRun) && dryRun.includes('All');
}

/**
 * Whether a request only renews the Action's Lease. It is told by what it changes: a patch of that Lease which sets
 * `spec.renewTime` and nothing else; its metadata hold but the version it builds on. Taking and giving up the Lease
 * set more, and count as writes.
 */
export function isHeartbeat({ method, path, body }: Asked): boolean {
  if (method !== 'PATCH' || !/\/leases\/istio-upgrade(\?|$)/.test(path)) return false;
  const { spec = {}, metadata = {} } = parse(body) as { spec?: object; metadata?: object };
  return (
    Object.keys(spec).join() === 'renewTime' &&
    Object.keys(metadata).every((key) => key === 'resourceVersion')
  );
}

/** The same for two requests that ask for the same thing, whatever version of the object they build on. */
export function digestOf({ method, path, body }: Asked): string {
  const object = parse(body);
  const stable = JSON.stringify(object, (key, value: unknown) =>
    key === 'resourceVersion' ? undefined : value,
  );
  const what = Object.keys(object).length === 0 ? body : stable;
  return createHash('sha256')
    .update(JSON.stringify([method, path, what]))
    .digest('hex')
    .slice(0, 12);
}

function parse(body: string): object {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {}; // YAML of a server-side apply, or protobuf
  }
}
