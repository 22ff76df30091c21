import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Where the testbed calls Go: an older one may fetch, by the go.mod there, the Go that is needed. */
const MODULE = fileURLToPath(new URL('../testbed/go/istio', import.meta.url));

/** A thing that the testbed cannot do without, and what to say where it is missing. */
interface Need {
  readonly command: string;
  /** What the command has to print; without it, a good exit is enough. */
  readonly output?: RegExp;
  readonly reason: string;
}

/** As root it has a named network namespace, otherwise one within a user namespace; cheapest first. */
const NEEDS: readonly Need[] = [
  {
    command: 'go env GOVERSION',
    output: /^go1\.(2[6-9]|[3-9]\d)/,
    reason: 'it is built with Go 1.26 or later, and there is none on the PATH',
  },
  { command: 'ip -V', reason: 'it needs the command ip (Debian package iproute2)' },
  {
    command: 'unshare --net true || unshare --user --map-root-user --net true',
    reason: 'it needs the right to make a network namespace',
  },
];

/** Why this machine cannot have a testbed; undefined where it can. Builds and starts nothing. */
export function testbedReason(): string | undefined {
  return NEEDS.find((need) => !isMet(need))?.reason;
}

function isMet({ command, output }: Need): boolean {
  const { status, stdout } = spawnSync('/bin/sh', ['-c', command], { cwd: MODULE, encoding: 'utf8' });
  return status === 0 && (output?.test(stdout) ?? true);
}
