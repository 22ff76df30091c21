import type { Rule } from './gate/fault.ts';

/** One way in which the network can be bad, and what is promised of a phase that meets it. */
export interface BadNetwork {
  readonly id: string;
  /** As the list of faults survived says it. */
  readonly title: string;
  readonly rules: readonly Rule[];
  /** The phase ends in success; or in an error, after which the same phase again ends in success. */
  readonly ending: 'succeeds' | 'stops and resumes';
  /** Ids of the errors with which it may stop. */
  readonly stops?: readonly string[];
}

/** The Action's own requests; istioctl's are `istioctl/…` and so on. */
const OURS = '^istio-upgrade';
const ISTIOCTL = '^istioctl';

/** Where a phase's own work begins: the first change of a namespace or workload. */
const WORK = { methods: ['PATCH'], path: '/(namespaces/[^/?]+|deployments/[^/]+)\\?', userAgent: OURS };

export const BAD_NETWORKS: readonly BadNetwork[] = [
  {
    id: 'latency',
    title: 'every request, also those of istioctl, takes 100 ms longer',
    rules: [{ fault: { kind: 'latency', ms: 100 } }],
    ending: 'succeeds',
  },
  {
    id: 'overloaded',
    title: '429 with `Retry-After` for one request in ten, also writes and istioctl’s',
    rules: [{ chance: 0.1, fault: { kind: 'answer', status: 429, headers: { 'retry-after': '1' } } }],
    ending: 'succeeds',
  },
  {
    id: 'server-errors',
    title: '500 or 503 for one in seven of the Action’s requests, before they are carried out',
    rules: [
      { match: { userAgent: OURS }, chance: 0.07, fault: { kind: 'answer', status: 500 } },
      { match: { userAgent: OURS }, chance: 0.07, fault: { kind: 'answer', status: 503 } },
    ],
    ending: 'succeeds',
  },
  {
    id: 'resets',
    title: 'one in ten of the Action’s requests is reset, before it is sent or in the middle of the answer',
    rules: [
      { match: { userAgent: OURS }, chance: 0.05, fault: { kind: 'reset', when: 'before' } },
      { match: { userAgent: OURS }, chance: 0.05, fault: { kind: 'reset', when: 'middle' } },
    ],
    ending: 'succeeds',
  },
  {
    id: 'lost-answers',
    title: 'every second write of the Action is carried out, and its answer lost',
    rules: [
      { match: { userAgent: OURS, persisting: true }, chance: 0.5, fault: { kind: 'reset', when: 'after' } },
    ],
    ending: 'succeeds',
  },
  {
    id: 'bad-watches',
    title:
      'watches are cut after half a second, are told that their version has expired (410), or refused (503)',
    rules: [
      { match: { watch: true, userAgent: OURS }, chance: 0.3, fault: { kind: 'expire' } },
      { match: { watch: true, userAgent: OURS }, chance: 0.3, fault: { kind: 'answer', status: 503 } },
      { match: { watch: true, userAgent: OURS }, fault: { kind: 'cut', afterMs: 500 } },
    ],
    ending: 'succeeds',
  },
  {
    id: 'away',
    title:
      'the API server is away for 40 s, longer than the lock lasts, when the first namespace or workload is to be changed',
    rules: [{ match: WORK, times: 1, fault: { kind: 'away', ms: 40_000 } }],
    ending: 'succeeds',
  },
  {
    id: 'istioctl-cut',
    title: 'each write of istioctl is reset, so that it gives up',
    rules: [{ match: { userAgent: ISTIOCTL, persisting: true }, fault: { kind: 'reset', when: 'before' } }],
    ending: 'stops and resumes',
    stops: [
      'control-plane-not-ready',
      'install-failed',
      'default-not-moved',
      'uninstall-incomplete',
      'uninstall-list-not-seen',
    ],
  },
];

/** A fault and a phase that met it, as it ended. */
export interface Survived {
  readonly fault: string;
  readonly phase: string;
  readonly ending: string;
  /** So many requests met the fault. */
  readonly met: number;
}

/** The list of faults survived, for docs/reliability.md. */
export function faultsTable(survived: readonly Survived[]): string {
  const phases = [...new Set(survived.map(({ phase }) => phase))];
  const faults = [...new Set(survived.map(({ fault }) => fault))];
  const cell = (fault: string, phase: string): string => {
    const found = survived.find((item) => item.fault === fault && item.phase === phase);
    return found === undefined ? '' : `${found.ending} (${String(found.met)})`;
  };
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '## Faults survived',
    '',
    'Each phase of the built Action, with real istioctl, on a testbed behind a gate that makes the network bad (`test/support/gate`). In a cell: how the phase ended, and how many requests met the fault. No write of the Action was carried out twice in any of them: compared by method, path and content, whatever version of the object it builds on. After each rollback the cluster was as before, object by object. Where a phase stopped, the same phase again, without the fault, ended in success.',
    '',
    '<!-- prettier-ignore -->',
    row(['The network', ...phases]),
    row(['---', ...phases.map(() => '---')]),
    ...faults.map((fault) => row([fault, ...phases.map((phase) => cell(fault, phase))])),
    '',
    'Made anew by `npm run test:network`; a part of it runs with every `npm test`.',
    '',
  ].join('\n');
}
