import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'semver';

/**
 * `node scripts/release-notes.ts VERSION` prints the changelog's section of that version; it fails where the version, the
 * one in package.json and the changelog do not agree.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * The section of a version.
 *
 * @throws Error that says what does not agree
 */
export function releaseNotes(version: string, packageVersion: string, changelog: string): string {
  // It becomes a tag: nothing but three numbers, so that vX has a meaning.
  if (parse(version)?.version !== version || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${JSON.stringify(version)} is not a version such as 1.2.3`);
  }
  if (version !== packageVersion) throw new Error(`package.json says ${packageVersion}, not ${version}`);
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  if (section === undefined) throw new Error(`CHANGELOG.md has no section [${version}]`);
  const notes = section.slice(section.indexOf('\n') + 1).trim();
  if (notes === '') throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return `${notes}\n`;
}

if (import.meta.main) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  process.stdout.write(releaseNotes(process.argv[2] ?? '', version, changelog));
}
