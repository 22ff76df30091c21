import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Printed } from '../../../src/istioctl/reading.ts';

const ROOT = join(import.meta.dirname, '../../fixtures/istioctl');

/** What istioctl of a version printed, by the recording's number or name; see the fixtures' README. */
export function recording(version: '1.29.6' | '1.30.3' | '1.31.0', start: string): Printed {
  const name = readdirSync(join(ROOT, version)).find((dir) => dir.startsWith(start));
  if (name === undefined) throw new Error(`there is no recording ${version}/${start}`);
  const file = (part: string): string => readFileSync(join(ROOT, version, name, part), 'utf8');
  const rc = file('rc').trim();
  return { code: /^\d+$/.test(rc) ? Number(rc) : null, stdout: file('stdout'), stderr: file('stderr') };
}

/** Something that istioctl never printed. */
export function printed(part: Partial<Printed>): Printed {
  return { code: 0, stdout: '', stderr: '', ...part };
}
