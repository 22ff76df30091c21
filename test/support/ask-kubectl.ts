import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../testbed/place.ts';
import type { Stage, Verdict } from './kubeconfig-corpus.ts';

/** A port of loopback at which nobody listens (discard): whoever gets so far has taken the kubeconfig. */
const NOBODY = 'http://127.0.0.1:9';
/** Said of a server, a proxy or a plugin that is not there, which is where a good kubeconfig leads. */
const ARRIVED =
  /connection refused|was refused - did you specify|getting credentials: exec: (?:executable .* not found|fork\/exec .*: no such file or directory)/s;

/** The kubectl that the testbed has built, or the one that the environment names; undefined where there is none. */
export function findKubectl(): string | undefined {
  const bin = join(cacheDir(), 'bin');
  const [built] = existsSync(bin) ? readdirSync(bin).filter((name) => name.startsWith('kubectl-')) : [];
  return process.env.KUBECTL ?? (built === undefined ? undefined : join(bin, built));
}

export function versionOf(kubectl: string): string {
  const { stdout } = spawnSync(kubectl, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  return (JSON.parse(stdout) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
}

/**
 * What kubectl says of a kubeconfig. Nothing leaves this machine: servers that are not on loopback are asked for through
 * a proxy that is not there.
 */
export function askKubectl(kubectl: string, stage: Stage, text: string): Verdict {
  const path = join(stage.dir, 'kubeconfig');
  writeFileSync(path, text);
  const { stdout, stderr } = spawnSync(kubectl, ['--kubeconfig', path, 'get', '--raw', '/version'], {
    encoding: 'utf8',
    timeout: 20_000,
    input: '',
    cwd: stage.dir,
    env: { PATH: `${stage.plugins}:/usr/bin:/bin`, HOME: stage.dir, HTTPS_PROXY: NOBODY, HTTP_PROXY: NOBODY },
  });
  const said = `${stdout}\n${stderr}`;
  return ARRIVED.test(said)
    ? { taken: true, says: '' }
    : {
        taken: false,
        says: stage.clean(
          said
            .split('\n')
            .filter((line) => line.trim() !== '')
            .join(' '),
        ),
      };
}
