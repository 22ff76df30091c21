import type { Dialect } from './dialect.ts';

/** What changed with a minor release: true from it on, until a later row says otherwise. */
export interface DialectRow {
  readonly since: string;
  readonly changes: Partial<Dialect>;
}

/** Long enough for a list of a large mesh (10,000 pods: 4 s), short enough for the deadline of the command. */
const REQUEST_TIMEOUT = '60s';

/** The spelling of 1.4, which the rows change. */
export const OLDEST_DIALECT: Dialect = {
  install: ['manifest', 'apply'],
  revisions: false,
  wait: ['--wait'],
  uninstall: undefined,
  uninstallDryRun: undefined,
  tag: undefined,
  confirmTag: [],
  tagsAnyNamespace: false,
  injectAll: undefined,
  precheck: undefined,
  precheckFormat: 'lines',
  requestTimeout: [],
  actsByFlags: false,
  proxyStatus: [],
  proxyStatusOfOne: false,
  proxyStatusFormat: 'table',
  statusByXds: false,
  tagService: false,
  labelsGateways: false,
  defaultValidator: undefined,
  takesDefault: 'never',
  dropsDefaultFirst: false,
  dryRunWrites: false,
  uninstallTakes: [],
  missingRevisionFails: false,
  asksDefaultAlone: false,
  recordsRevision: false,
  proxyIsToldBy: 'arguments',
  callsKubectl: true,
  appliesOnServer: false,
  operatorObject: 'none',
  telemetryFilters: true,
};

/**
 * Everything in which istioctl's versions differ, oldest first. Sources: Istio's code at its release
 * tags and, for 1.29 and later, recordings of what istioctl did. Nothing else in this Action branches on a version.
 * 1.4 and 1.5 can only be upgraded in place, and are written down from their documents and their charts.
 */
export const DIALECT_ROWS: readonly DialectRow[] = [
  {
    since: '1.6',
    changes: {
      install: ['install'],
      revisions: true,
      recordsRevision: true,
      // The injection template of 1.5 ends with `--discoveryAddress` and its like, that of 1.6 has MESH_CONFIG instead.
      proxyIsToldBy: 'environment',
      callsKubectl: false,
      operatorObject: 'kept',
    },
  },
  {
    since: '1.7',
    // Without a filter by component: also service accounts and roles of the base that the revision relabelled.
    changes: {
      wait: [],
      uninstall: ['x', 'uninstall'],
      uninstallTakes: ['shared objects'],
      proxyStatusOfOne: true,
    },
  },
  // Charts carry the labels by which uninstall finds what is its own.
  {
    since: '1.8',
    changes: {
      uninstallTakes: ['shared objects', 'objects of Helm'],
      labelsGateways: true,
      appliesOnServer: true,
    },
  },
  {
    since: '1.10',
    changes: {
      // Rewritten; until 1.9 it ends with 0 and looks at nothing where Istio is installed.
      precheck: ['x', 'precheck'],
      tag: ['x', 'revision', 'tag'],
      uninstallTakes: ['tags', 'objects of Helm'],
    },
  },
  // Until 1.18 uninstall asks in a dry run, too.
  { since: '1.11', changes: { tag: ['tag'], uninstallDryRun: ['--dry-run', '-y'] } },
  {
    since: '1.12',
    changes: {
      confirmTag: ['-y'],
      tagsAnyNamespace: true,
      injectAll: ['--auto-inject-namespaces'],
      defaultValidator: 'istiod-default-validator',
      takesDefault: 'first',
      dropsDefaultFirst: true,
      // It makes the default tag, or switches the old injector off, in a dry run, too.
      dryRunWrites: true,
    },
  },
  { since: '1.15', changes: { uninstall: ['uninstall'] } },
  {
    since: '1.16',
    changes: {
      missingRevisionFails: true,
      // 1.15.4 and later patches drop it no more, and are treated like those before: then two injectors of one istiod
      // answer until it is ready, which is harmless without native sidecars (1.19), about which its pods could differ.
      dropsDefaultFirst: false,
    },
  },
  // Telemetry is built into istiod.
  { since: '1.18', changes: { telemetryFilters: false } },
  // `tag set` takes the labels off by which uninstall would know the tag's objects.
  { since: '1.19', changes: { uninstallTakes: ['objects of Helm'], uninstallDryRun: ['--dry-run'] } },
  { since: '1.20', changes: { precheck: ['x', 'precheck', '-o', 'json'], precheckFormat: 'json' } },
  // The last patches of 1.19 and 1.20 are harmless, too; a minor release is what this table tells apart.
  { since: '1.21', changes: { dryRunWrites: false, operatorObject: 'taken away' } },
  { since: '1.22', changes: { statusByXds: true } },
  {
    since: '1.24',
    // The first install finds its own webhook, takes itself for the second, and makes no default tag (release note 56004).
    changes: {
      actsByFlags: true,
      uninstallTakes: [],
      takesDefault: 'unrevisioned',
      operatorObject: 'none',
    },
  },
  {
    since: '1.27',
    changes: {
      // Up to 1.26 the plain table tells the sync state; from 1.27 it counts types, unless it is asked for more.
      proxyStatus: ['-v', '1'],
      requestTimeout: ['--kubeclient-timeout', REQUEST_TIMEOUT],
      takesDefault: 'vacant',
    },
  },
  { since: '1.28', changes: { tagService: true, asksDefaultAlone: true } },
  // `-o json` exists since 1.27, and prints the table until 1.29 (recording 078-proxy-status-json of 1.29.6).
  { since: '1.30', changes: { proxyStatus: ['-o', 'json'], proxyStatusFormat: 'json' } },
];
