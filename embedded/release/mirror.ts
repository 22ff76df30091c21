import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { archiveOf } from './archive.ts';
import { programOf } from './program.ts';

/** A mirror of istioctl's releases, on loopback. */
export interface Mirror {
  /** For the input `istioctl-base-url`. Below `/corrupt` are the same archives with checksums of something else. */
  readonly url: string;
  close(): Promise<void>;
}

/** Names of the archives of one release, by platform; `linux` and `osx` until 1.5. The stand-in is the same file for all of them. */
const PLATFORMS = ['linux-amd64', 'linux-arm64', 'linux-armv7', 'osx-amd64', 'osx-arm64', 'linux', 'osx'];

export async function startMirror(versions: readonly string[]): Promise<Mirror> {
  const files = new Map(versions.flatMap(filesOf));
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    if (request.method !== 'GET' || file === undefined) response.writeHead(404).end('not found\n');
    else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(file);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function filesOf(version: string): [path: string, content: Buffer][] {
  const { bytes, sha256 } = archiveOf(programOf(version));
  const wrong = createHash('sha256').update(sha256).digest('hex');
  return PLATFORMS.flatMap((platform) => {
    const name = `istioctl-${version}-${platform}.tar.gz`;
    return [
      ['', sha256],
      ['/corrupt', wrong],
    ].flatMap(([below = '', sum = '']): [string, Buffer][] => [
      [`${below}/${version}/${name}`, bytes],
      [`${below}/${version}/${name}.sha256`, Buffer.from(`${sum} ${name}\n`)],
    ]);
  });
}
