/**
 * What istioctl of each minor release 1.x accepts: its commands and their flags, from Istio's code at the release tags and,
 * from 1.30 on, from `--help`. Written down apart from the Action's own table, which it is to judge. A flag of which it is
 * not known since when it is there counts from when it was seen: what is not surely accepted is refused.
 */
export interface AcceptedCommand {
  readonly spellings: readonly Spelling[];
  /** How many names it takes before its flags. Default none. */
  readonly names?: number;
  readonly flags: Readonly<Record<string, AcceptedFlag>>;
}

/** First and last minor release; without a last one it is still there. */
export type Span = readonly [since: number, last?: number];

export interface Spelling {
  readonly words: string;
  readonly span: Span;
}

export interface AcceptedFlag {
  readonly span: Span;
  readonly short?: string;
  /** Takes a value. */
  readonly value: boolean;
}

const text = (since: number, short?: string, last?: number): AcceptedFlag => flag(true, since, short, last);
const yes = (since: number, short?: string, last?: number): AcceptedFlag => flag(false, since, short, last);

function flag(value: boolean, since: number, short?: string, last?: number): AcceptedFlag {
  return {
    value,
    span: last === undefined ? [since] : [since, last],
    ...(short === undefined ? {} : { short }),
  };
}

const spelled = (words: string, since: number, last?: number): Spelling => ({
  words,
  span: last === undefined ? [since] : [since, last],
});

/** Of every command. */
export const GLOBAL: Readonly<Record<string, AcceptedFlag>> = {
  kubeconfig: text(4, 'c'),
  context: text(4),
  istioNamespace: text(4, 'i'),
  namespace: text(4, 'n'),
  as: text(24),
  'as-uid': text(24),
  'as-group': text(24),
  'kubeclient-timeout': text(27),
  vklog: text(30),
};

const CONFIGURATION = { filename: text(4, 'f'), set: text(4, 's'), force: yes(4) };

const APPLY = {
  ...CONFIGURATION,
  'skip-confirmation': yes(4, 'y'),
  'readiness-timeout': text(4),
  'dry-run': yes(4),
  wait: yes(4, 'w', 6),
  manifests: text(7, 'd'),
  verify: yes(9),
};

/** The commands that the Action uses or may come to use. */
export const ACCEPTED: readonly AcceptedCommand[] = [
  {
    spellings: [spelled('version', 4)],
    flags: { remote: yes(4), short: yes(4, 's'), output: text(4, 'o'), revision: text(6) },
  },
  {
    spellings: [spelled('x precheck', 6)],
    flags: {
      filename: text(6, 'f', 9),
      revision: text(6),
      'skip-controlplane': yes(10),
      output: text(20, 'o'),
      'output-threshold': text(20),
      'from-version': text(21, 'f'),
    },
  },
  {
    spellings: [
      spelled('install', 6),
      spelled('apply', 9),
      spelled('manifest apply', 4, 6),
      spelled('manifest install', 7),
    ],
    flags: { ...APPLY, revision: text(6, 'r') },
  },
  {
    spellings: [spelled('x upgrade', 4, 7), spelled('upgrade', 5)],
    flags: {
      ...APPLY,
      'skip-confirmation': yes(5, 'y'),
      skipConfirmation: yes(4, 'y', 4),
      set: text(6, 's'),
      'readiness-timeout': text(6),
      'dry-run': yes(6),
      versionsURI: text(4, 'u', 6),
      revision: text(20, 'r'),
    },
  },
  {
    spellings: [spelled('x uninstall', 7, 18), spelled('uninstall', 15)],
    flags: {
      ...CONFIGURATION,
      revision: text(7, 'r'),
      purge: yes(7),
      'skip-confirmation': yes(7, 'y'),
      manifests: text(7, 'd'),
      verbose: yes(7, 'v'),
      'dry-run': yes(11),
    },
  },
  {
    spellings: [spelled('x revision tag set', 10, 19), spelled('tag set', 11)],
    names: 1,
    flags: {
      revision: text(10, 'r'),
      overwrite: yes(10),
      'skip-confirmation': yes(10, 'y'),
      manifests: text(10, 'd'),
      'webhook-name': text(10),
      'auto-inject-namespaces': yes(12),
    },
  },
  {
    spellings: [spelled('x revision tag list', 10, 19), spelled('tag list', 11)],
    flags: { output: text(20, 'o') },
  },
  {
    spellings: [spelled('x revision tag remove', 10, 19), spelled('tag remove', 11)],
    names: 1,
    flags: { 'skip-confirmation': yes(10, 'y') },
  },
  {
    spellings: [spelled('proxy-status', 4)],
    names: 1,
    flags: {
      revision: text(7),
      output: text(27, 'o'),
      verbosity: text(27, 'v'),
      file: text(7),
      'xds-address': text(22),
      'xds-label': text(22),
      'xds-port': text(22),
      'cert-dir': text(22),
      authority: text(22),
      insecure: yes(22),
      plaintext: yes(22),
      timeout: text(22),
      'proxy-admin-port': text(28),
    },
  },
  {
    spellings: [spelled('manifest generate', 4)],
    flags: {
      ...CONFIGURATION,
      revision: text(6, 'r'),
      manifests: text(7, 'd'),
      'cluster-specific': yes(16),
      output: text(4, 'o'),
      'dry-run': yes(30),
    },
  },
];
