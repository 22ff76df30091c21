import type { Finding } from '../finding.ts';
import { type Version, minorOf } from './version.ts';

/** Minor releases of Kubernetes 1.x that a minor release of Istio goes with. */
interface Range {
  /** Below it istioctl's precheck is red (IST0142), though install goes on with a warning. */
  readonly required: number;
  /** The range that Istio is tested with. */
  readonly from: number;
  readonly to: number;
}

/**
 * Sources: `MinK8SVersion` of the last patch; Istio's supported releases; the announcements of 1.29 (2026-02-16), 1.30
 * (2026-05-18) and 1.31 (2026-08-31: "officially supported on Kubernetes versions 1.32 to 1.36"). What had no announcement
 * when it was looked up has no row: its range is told as unknown, and never guessed.
 */
const RANGES: Readonly<Record<string, Range>> = {
  '1.6': { required: 15, from: 15, to: 18 },
  '1.7': { required: 16, from: 16, to: 18 },
  '1.8': { required: 16, from: 16, to: 19 },
  '1.9': { required: 17, from: 17, to: 20 },
  '1.10': { required: 17, from: 18, to: 21 },
  '1.11': { required: 17, from: 18, to: 22 },
  '1.12': { required: 17, from: 19, to: 22 },
  '1.13': { required: 19, from: 20, to: 23 },
  '1.14': { required: 19, from: 21, to: 24 },
  '1.15': { required: 19, from: 22, to: 25 },
  '1.16': { required: 22, from: 22, to: 25 },
  '1.17': { required: 23, from: 23, to: 26 },
  '1.18': { required: 24, from: 24, to: 27 },
  '1.19': { required: 25, from: 25, to: 28 },
  '1.20': { required: 25, from: 25, to: 29 },
  '1.21': { required: 26, from: 26, to: 29 },
  '1.22': { required: 26, from: 27, to: 30 },
  '1.23': { required: 26, from: 27, to: 30 },
  '1.24': { required: 28, from: 28, to: 31 },
  '1.25': { required: 29, from: 29, to: 32 },
  '1.26': { required: 29, from: 29, to: 33 },
  '1.27': { required: 29, from: 29, to: 33 },
  '1.28': { required: 30, from: 30, to: 34 },
  '1.29': { required: 30, from: 31, to: 35 },
  '1.30': { required: 32, from: 32, to: 36 },
  '1.31': { required: 32, from: 32, to: 36 },
};

/** When the table was last held against its source, and what was looked for there and not found. */
export const LOOKED_UP = {
  on: '2026-11-28',
  source: 'https://istio.io/latest/docs/releases/supported-releases/',
  notAnnounced: ['1.32'],
} as const;

/** Minor releases of Istio that the table has a row for. */
export const KNOWN_MINORS: readonly string[] = Object.keys(RANGES);

/**
 * Whether a cluster is new and old enough for a version of Istio.
 *
 * @param kubernetes as the API server tells it, such as `v1.35.4`, `v1.32.3-eks-bcf3d70` or `1.31+`
 */
export function checkKubernetes(istio: Version, kubernetes: string): Finding[] {
  const minor = /^v?1\.(\d+)/.exec(kubernetes)?.[1];
  const range = RANGES[minorOf(istio)];
  if (range === undefined)
    return [
      unknown(
        `Istio ${minorOf(istio)} is not in the table of Kubernetes versions, which is of ${LOOKED_UP.on}.`,
      ),
    ];
  if (minor === undefined) return [unknown(`The Kubernetes version "${kubernetes}" can't be read.`)];
  return compare(istio, Number(minor), range);
}

function compare(istio: Version, minor: number, { required, from, to }: Range): Finding[] {
  const pair = `Istio ${minorOf(istio)} is tested with Kubernetes 1.${from} to 1.${to}, this cluster has 1.${minor}`;
  if (minor < required)
    return [
      {
        id: 'kubernetes-too-old',
        severity: 'error',
        message: `${pair}; it needs 1.${required}.`,
        remedy: `Upgrade Kubernetes to 1.${from} first.`,
      },
    ];
  if (minor < from)
    return [
      {
        id: 'kubernetes-old',
        severity: 'warning',
        message: `${pair}.`,
        remedy: `Upgrade Kubernetes to 1.${from} first.`,
      },
    ];
  if (minor > to)
    return [
      {
        id: 'kubernetes-newer-than-tested',
        severity: 'warning',
        message: `${pair}.`,
        remedy: 'Check the release notes, or choose a newer Istio.',
      },
    ];
  return [];
}

function unknown(message: string): Finding {
  return {
    id: 'kubernetes-range-unknown',
    severity: 'warning',
    message: `${message} Whether they go together was not checked here.`,
    remedy: `See ${LOOKED_UP.source}.`,
  };
}
