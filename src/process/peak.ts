import { readFileSync } from 'node:fs';

/**
 * The most memory that this process had, in KiB. Linux hands what `getrusage` calls the most (`ru_maxrss`) on to whatever
 * is started, so a runner of 400 MB would be the least that is ever told; `VmHWM` begins anew with the program.
 */
export function peakKb(): number {
  try {
    const [, peak] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (peak !== undefined) return Number(peak);
  } catch {
    // Not on Linux.
  }
  return process.resourceUsage().maxRSS;
}
