import type { Facts } from '../decide/facts.ts';
import type { Finding } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import { deriveRevision } from '../istio/revision.ts';
import { compareVersions, tryParseVersion } from '../istio/version.ts';
import { newestOf } from '../istioctl/newest.ts';
import { offersOf } from '../istioctl/offers.ts';
import { Refused } from '../steps/step.ts';
import type { Session } from './session.ts';

/**
 * A version as people write it becomes the newest that the release place offers of it (issue 11).
 *
 * @throws Refused where it offers none; AcquireError where it does not say
 */
export async function withWholeVersion({ inputs, deps }: Session, facts: Facts): Promise<Facts> {
  const { wanted } = inputs;
  if (wanted === undefined) return facts;
  const versions = facts.mesh.planes.flatMap(({ version = '' }) => tryParseVersion(version) ?? []);
  const from = versions.sort(compareVersions).at(-1);
  const newest =
    from === undefined && wanted.kind === 'latest'
      ? undefined
      : await newestOf(wanted, {
          baseUrl: inputs.istioctlBaseUrl,
          from: from ?? { major: 1, minor: 0 },
          platform: process.platform,
          arch: process.arch,
          offers: offersOf(deps),
        });
  if (newest === undefined) {
    throw new Refused([
      {
        id: 'version-not-offered',
        severity: 'error',
        message:
          from === undefined && wanted.kind === 'latest'
            ? `which version is the next can't be told: no control plane in namespace ${inputs.istioNamespace} tells its own`
            : `${inputs.istioctlBaseUrl} offers no version that fits the input version`,
        remedy: 'Give a whole version such as 1.31.0, or correct the input istioctl-base-url.',
      },
    ]);
  }
  deps.log.info(`the newest version that fits is ${newest.text}`);
  const revision = inputs.revision ?? deriveRevision(newest);
  return { ...facts, inputs: { ...facts.inputs, version: newest.text, revision } };
}

/** The other phases want to know exactly which version, and refuse what this precheck was given (promise 14). */
export function notWhole({ wanted }: Pick<Inputs, 'wanted'>, version: string): Finding[] {
  if (wanted === undefined) return [];
  return [
    {
      id: 'version-not-whole',
      severity: 'warning',
      message: `the input version does not say exactly which version: now it is ${version}, which is the newest that fits`,
      remedy: `Give the other phases version: ${version}, or output to-version of this precheck.`,
    },
  ];
}
