import { randomUUID } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const PREFIX = 'istio-upgrade-';

type Environment = Readonly<Record<string, string | undefined>>;

/** The runner's directory for files of a job. */
function runnerTemp(env: Environment): string {
  return env.RUNNER_TEMP === undefined || env.RUNNER_TEMP === '' ? tmpdir() : env.RUNNER_TEMP;
}

/**
 * Makes the directory for the kubeconfig and the report, open to nobody else.
 *
 * @param save is told the path before anything is written, so that `post` finds it whatever happens
 */
export function createTempDirectory(save: (path: string) => void, env: Environment = process.env): string {
  const path = join(runnerTemp(env), `${PREFIX}${randomUUID()}`);
  save(path);
  mkdirSync(path, { mode: 0o700 });
  return path;
}

/**
 * Deletes what `createTempDirectory` made. One that is gone is fine.
 *
 * @throws when the path is anything else than such a directory: state is a file that other steps could have written
 */
export async function removeTempDirectory(path: string, env: Environment = process.env): Promise<void> {
  const home = realpathSync(runnerTemp(env));
  if (!basename(path).startsWith(PREFIX) || realpathSync(dirname(path)) !== home) {
    throw new Error(
      `${JSON.stringify(path)} is not a directory of this Action below ${home}, so it is left alone`,
    );
  }
  await rm(path, { recursive: true, force: true });
}
