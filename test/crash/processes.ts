import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process, told from a later one with the same id by its start time. */
interface Process {
  readonly pid: number;
  readonly startTime: string;
}

function statOf(pid: number): { parent: number; startTime: string; ended: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), startTime: fields[19] ?? '', ended: fields[0] === 'Z' };
  } catch {
    return undefined;
  }
}

/** All that a process has started, directly or not. */
export function descendantsOf(pid: number): Process[] {
  const all = readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .flatMap((id) => {
      const stat = statOf(id);
      return stat === undefined || stat.ended ? [] : [{ pid: id, ...stat }];
    });
  const childrenOf = (parent: number): typeof all =>
    all.filter((item) => item.parent === parent).flatMap((item) => [item, ...childrenOf(item.pid)]);
  return childrenOf(pid).map(({ pid: id, startTime }) => ({ pid: id, startTime }));
}

function isAlive({ pid, startTime }: Process): boolean {
  const stat = statOf(pid);
  return stat !== undefined && !stat.ended && stat.startTime === startTime;
}

/** Ends processes at once. */
export function killAll(processes: readonly Process[]): void {
  for (const process_ of processes) if (isAlive(process_)) process.kill(process_.pid, 'SIGKILL');
}

/** Waits until processes have ended by themselves. @returns the milliseconds that took, undefined: they have not */
export async function untilEnded(
  processes: readonly Process[],
  timeoutMs: number,
): Promise<number | undefined> {
  const startedAt = Date.now();
  while (processes.some(isAlive)) {
    if (Date.now() - startedAt > timeoutMs) return undefined;
    await sleep(100);
  }
  return Date.now() - startedAt;
}
