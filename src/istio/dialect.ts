import type { Finding } from '../finding.ts';
import { type Version, isAtLeast } from './version.ts';

/** How istioctl of one version is spoken to, and what has to be expected of it. */
export interface Dialect {
  /** Words of the commands that were renamed. */
  readonly uninstall: readonly string[];
  readonly tag: readonly string[];
  /** Confirms a prompt of `tag set`. In 1.10 and 1.11 `-y` asks, and its absence applies (Istio's istioctl/cmd/tag.go). */
  readonly confirmTag: readonly string[];
  /** `--kubeclient-timeout`, limit of one request to the API server; 15 s where it is not given. */
  readonly requestTimeout: readonly string[];
  /** What makes proxy-status tell the sync state. */
  readonly proxyStatus: readonly string[];
  /** What proxy-status then prints: JSON of each istiod, or a table. */
  readonly proxyStatusFormat: 'json' | 'table';
  /** Whether a tag has a Service beside its webhook (Istio's release note revision-tags-as-svc). */
  readonly tagService: boolean;
}

/** What changed with a minor release: true from it on, until a later row says otherwise. */
type Row = readonly [since: string, changes: Partial<Dialect>];

/** Long enough for a list of a large mesh (10,000 pods: 4 s), short enough for the deadline of the command. */
const REQUEST_TIMEOUT = '60s';

/**
 * Everything in which istioctl's versions differ, oldest first. Sources: Istio's code at its release
 * tags and, for 1.29 and later, recordings of what istioctl did. Nothing else in this Action branches on a version.
 */
const ROWS: readonly Row[] = [
  ['1.11', { tag: ['tag'] }],
  ['1.12', { confirmTag: ['-y'] }],
  ['1.15', { uninstall: ['uninstall'] }],
  // Up to 1.26 the plain table tells the sync state; from 1.27 it counts types, unless it is asked for more.
  ['1.27', { proxyStatus: ['-v', '1'], requestTimeout: ['--kubeclient-timeout', REQUEST_TIMEOUT] }],
  ['1.28', { tagService: true }],
  // `-o json` exists since 1.27, and prints the table until 1.29 (recording 078-proxy-status-json of 1.29.6).
  ['1.30', { proxyStatus: ['-o', 'json'], proxyStatusFormat: 'json' }],
];

/** The spelling of 1.10, which the rows change. */
const OLDEST: Dialect = {
  uninstall: ['x', 'uninstall'],
  tag: ['x', 'revision', 'tag'],
  confirmTag: [],
  requestTimeout: [],
  proxyStatus: [],
  proxyStatusFormat: 'table',
  tagService: false,
};

/**
 * The oldest minor release that the revision strategy works with, as current and as target. From 1.24 on uninstall
 * takes only what istioctl installed, and not a Helm release's objects with it, and prints the list that we read
 * before; the oldest ones even write in a dry run.
 */
export const OLDEST_SUPPORTED = '1.24';

/** How istioctl of a version is spoken to. */
export function dialectOf(version: Version): Dialect {
  const rows = ROWS.filter(([since]) => isAtLeast(version, since));
  return rows.reduce<Dialect>((dialect, [, changes]) => ({ ...dialect, ...changes }), OLDEST);
}

/** An error where the Action does not work with a version. */
export function checkSupported(role: 'current' | 'target', version: Version): Finding[] {
  if (isAtLeast(version, OLDEST_SUPPORTED)) return [];
  return [
    {
      id: 'version-not-supported',
      severity: 'error',
      message: `The ${role} version is Istio ${version.text}; this Action works with ${OLDEST_SUPPORTED} and later.`,
      remedy: `Upgrade to ${OLDEST_SUPPORTED} by hand first, two minor releases at a time at most.`,
    },
  ];
}
