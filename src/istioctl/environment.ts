import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment } from '../process/environment.ts';

/**
 * The environment for istioctl, without settings of the machine's own: where `ISTIOCONFIG` names no file it reads
 * `~/.istioctl/config.yaml`, where `xds-address` may lead `proxy-status` to another mesh (Istio's istioctl/cmd/root.go). An
 * empty file it takes, and at one that is not there it ends: seen of 1.30.3, 1.31.0 and 1.32.0.
 *
 * @param tempDir of this run; the file stays in it
 */
export async function istioctlEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  tempDir: string,
): Promise<Record<string, string>> {
  const settings = join(tempDir, 'istioctl-settings.yaml');
  await mkdir(tempDir, { recursive: true });
  // Made once: later calls add nothing to it, also where the disk is full.
  await writeFile(settings, '', { flag: 'a', mode: 0o600 });
  return { ...childEnvironment(env), ISTIOCONFIG: settings };
}
