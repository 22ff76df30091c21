import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { flawOfConfiguration } from '../../../src/input/configuration-flaw.ts';
import { readConfigurations } from '../../../src/input/files.ts';
import { Rejection } from '../../../src/input-error.ts';
import { scratch } from '../../support/scratch.ts';

const FIXTURES = new URL('../../fixtures/configurations/', import.meta.url);
const OPERATOR = 'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec:\n  profile: minimal\n';
const flaw = (text: string | Buffer, begins = true): string | undefined =>
  flawOfConfiguration(Buffer.from(text), begins)?.is;

describe('a configuration file that is none (issue 11)', () => {
  test.each<[string, string | Buffer, string]>([
    ['packed', gzipSync(OPERATOR), 'is packed with gzip'],
    ['of PowerShell', Buffer.from(`\uFEFF${OPERATOR}`, 'utf16le'), 'is UTF-16 or no text at all'],
    ['a page of an error', '<!DOCTYPE html>\n<html><body>404</body></html>', 'is a web page'],
    ['the answer of an API', '{"message":"Not Found","status":"404"}', 'has no kind'],
    [
      'not checked out with LFS',
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
      'is a pointer of Git LFS',
    ],
    [
      'merged by half',
      `${OPERATOR}<<<<<<< HEAD\n  hub: a\n=======\n  hub: b\n>>>>>>> main\n`,
      'has a conflict of a merge in line 5',
    ],
    ['encoded', Buffer.from(OPERATOR).toString('base64'), 'is base64'],
    ['indented by a tab', OPERATOR.replace('  profile', '\tprofile'), 'is indented by a tab in line 4'],
    ['of several', `${OPERATOR}---\n${OPERATOR}`, 'holds several IstioOperators'],
    ['behind an empty document', `---\n# ours\n---\n${OPERATOR}`, 'begins with an empty document'],
    ['behind a null', `null\n---\n${OPERATOR}`, 'begins with an empty document'],
    ['a list', '- kind: IstioOperator\n', 'is a list'],
    ['a text', 'minimal\n', 'is a text and no mapping'],
    ['for Helm', 'pilot:\n  autoscaleMin: 2\nglobal: {}\n', "is Helm's values"],
    ['for the Sail operator', 'apiVersion: sailoperator.io/v1\nkind: Istio\nspec: {}\n', 'is of kind Istio'],
    ['encrypted', `${OPERATOR}sops:\n  version: 3.8.1\n`, 'is encrypted with sops'],
    // istioctl takes it without a word, and installs its default profile.
    ['another object', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n', 'is of kind ConfigMap'],
  ])('%s is told as what it is, with what helps', (_, text, is) => {
    const found = flawOfConfiguration(Buffer.from(text), true);
    expect(found?.is).toBe(is);
    expect(found?.remedy).toMatch(/\.$/);
  });

  test.each([
    ['as it should be', OPERATOR],
    ['with a mark and line ends of Windows', `\uFEFF${OPERATOR.replaceAll('\n', '\r\n')}`],
    ['with separators', `---\n# of the platform\n${OPERATOR}---\n`],
    ['with a comment before its separator', `# of the platform\n---\n${OPERATOR}`],
    ['with empty documents behind it', `${OPERATOR}---\n# nothing\n---\nnull\n`],
    ['as JSON', '{"apiVersion":"install.istio.io/v1alpha1","kind":"IstioOperator","spec":{}}'],
    ['empty', '# nothing yet\n'],
    ['with a key twice', `${OPERATOR}  hub: a\n  hub: b\n`],
    ['with a template in it', `${OPERATOR}  hub: {{ .Values.hub }}\n`],
  ])('%s is left to istioctl', (_, text) => {
    expect(flaw(text)).toBeUndefined();
  });

  test('of the corpus only the one of another kind', () => {
    const files = readdirSync(FIXTURES).filter((name) => name.endsWith('.yaml'));
    const flawed = files.filter((name) => flaw(readFileSync(new URL(name, FIXTURES))) !== undefined);
    expect(flawed).toEqual(['38-other-kind.yaml']);
  });

  test('whatever is in it, it is read', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        (bytes) => void flawOfConfiguration(Buffer.from(bytes), true),
      ),
    );
    fc.assert(fc.property(fc.json(), (text) => void flaw(text)));
  });

  test('is named by its path, beside the others', () => {
    const dir = scratch('istio-upgrade-configurations');
    writeFileSync(join(dir, 'good.yaml'), OPERATOR);
    writeFileSync(join(dir, 'values.yaml'), 'pilot: {}\n');
    expect(readConfigurations('good.yaml', dir)).toEqual([join(dir, 'good.yaml')]);
    const refused = (): unknown => readConfigurations('good.yaml\nvalues.yaml', dir);
    expect(refused).toThrow(Rejection);
    expect(refused).toThrow(
      /got "values\.yaml", which is Helm's values; Put them below spec\.values of an IstioOperator\./,
    );
  });
});

test('a phase that goes on takes what the one before took', () => {
  const text = `---\n# ours\n---\n${OPERATOR}`;
  expect(flaw(text)).toBe('begins with an empty document');
  expect(flaw(text, false)).toBeUndefined();
  expect(flaw('pilot: {}', false)).toBe("is Helm's values");
});

test('what else is beside an IstioOperator is for istioctl to say: before 1.24 it takes it', () => {
  expect(flaw(`${OPERATOR}---\nkind: Namespace\n`)).toBeUndefined();
});
