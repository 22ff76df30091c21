import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../istioctl/main.ts', import.meta.url));

/** For a shell: in single quotes, whatever it holds. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The stand-in for istioctl of a version, as an executable file: it runs this repository's sources with the Node that
 * runs now. It becomes that process, so that signals and exit code are its own.
 */
export function programOf(version: string): string {
  return `#!/bin/sh
# Not istioctl, but what stands in for ${version} on the embedded cluster.
exec ${quoted(process.execPath)} ${quoted(MAIN)} ${version} "$@"
`;
}
