import type { Finding } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import { changedSince } from '../istioctl/tripwire.ts';
import type { UpgradeRecord } from '../record/record.ts';
import type { Upgrade } from '../decide/upgrade.ts';
import type { Context } from '../steps/context.ts';

/** What is wrong with the two istioctl by the sums that an earlier phase of the same upgrade recorded (issue 12). */
export function replacedSince(
  record: UpgradeRecord | undefined,
  { to, from }: Context['istioctl'],
  upgrade: Upgrade,
  inputs: Pick<Inputs, 'istioctlSha256' | 'previousIstioctlSha256'>,
): Finding[] {
  // Where the old control plane is gone, there is one istioctl for both.
  const [now, before] = [to.proof, from === to ? undefined : from.proof];
  const isOfThis = record?.to.version === upgrade.to.version && record.from.version === upgrade.from.version;
  if (!isOfThis) return [];
  const findings = [
    changedSince(
      record.istioctl.to,
      now,
      { version: upgrade.to.version, input: 'istioctl-sha256' },
      inputs.istioctlSha256 !== undefined,
    ),
    before &&
      changedSince(
        record.istioctl.from,
        before,
        { version: upgrade.from.version, input: 'previous-istioctl-sha256' },
        inputs.previousIstioctlSha256 !== undefined,
      ),
  ];
  return findings.filter((finding) => finding !== undefined);
}
