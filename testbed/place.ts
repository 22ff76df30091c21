import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** The folder of this module: sources of the testbed. */
export const sources = import.meta.dirname;

/** Built binaries, kept outside the checkout so that a fresh clone starts warm. */
export function cacheDir(): string {
  const base = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return process.env.ISTIO_UPGRADE_TESTBED_CACHE ?? join(base, 'istio-upgrade-testbed');
}

/** The running clusters' files. Gone after `down`, so a temporary folder is the right place. */
export function stateRoot(): string {
  return process.env.ISTIO_UPGRADE_TESTBED_STATE ?? join(tmpdir(), `istio-upgrade-testbed-${userInfo().uid}`);
}

/** Paths of one cluster. */
export interface Place {
  readonly dir: string;
  readonly bin: string;
  readonly pki: string;
  readonly logs: string;
  readonly mirror: string;
  readonly state: string;
  readonly audit: string;
  readonly lock: string;
  kubeconfig(user: string): string;
}

/** Where the cluster of that name keeps its files. */
export function placeOf(name: string): Place {
  const dir = join(stateRoot(), name);
  return {
    dir,
    bin: join(dir, 'bin'),
    pki: join(dir, 'pki'),
    logs: join(dir, 'logs'),
    mirror: join(dir, 'mirror'),
    state: join(dir, 'state.json'),
    audit: join(dir, 'audit.log'),
    lock: join(stateRoot(), `${name}.lock`),
    kubeconfig: (user) => join(dir, `${user}.kubeconfig`),
  };
}
