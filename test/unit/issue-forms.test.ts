import { describe, expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { OUTCOMES, PHASES } from '../../src/outcome.ts';

const ROOT = new URL('../../.github/ISSUE_TEMPLATE/', import.meta.url);

interface Field {
  readonly type: string;
  readonly id?: string;
  readonly attributes: { readonly label?: string; readonly value?: string; readonly options?: unknown[] };
}

const read = (name: string): unknown => parse(readFileSync(new URL(name, ROOT), 'utf8'));
const FORMS = globSync('*.yml', { cwd: ROOT }).filter((name) => name !== 'config.yml');

/** GitHub shows a form that breaks one of its rules as plain text, and says so to nobody. */
describe.each(FORMS)('the form %s', (name) => {
  const form = read(name) as { name: string; description: string; body: Field[] };
  const fields = form.body.filter(({ type }) => type !== 'markdown');

  test('has a name, a description, and something to fill in', () => {
    expect([form.name, form.description]).toEqual([expect.any(String), expect.any(String)]);
    expect(fields.length).toBeGreaterThan(0);
  });

  test('has fields of known types, each with a label, and with an id of its own', () => {
    expect(
      fields.filter(({ type }) => !['input', 'textarea', 'dropdown', 'checkboxes'].includes(type)),
    ).toEqual([]);
    expect(fields.filter(({ attributes }) => (attributes.label ?? '') === '')).toEqual([]);
    const ids = fields.map(({ id = '' }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z][\w-]*$/.test(id))).toEqual([]);
  });

  test('offers texts, each once, and not the word that GitHub keeps for itself', () => {
    for (const { attributes } of fields.filter(({ type }) => type === 'dropdown')) {
      const { options = [] } = attributes;
      expect(options.length).toBeGreaterThan(1);
      expect(options.filter((option) => typeof option !== 'string' || /^none$/i.test(option))).toEqual([]);
      expect(new Set(options).size).toBe(options.length);
    }
  });
});

test('the form for a bug offers all phases and outcomes', () => {
  const { body } = read('bug.yml') as { body: Field[] };
  const options = (id: string): unknown[] => body.find((field) => field.id === id)?.attributes.options ?? [];
  expect(options('phase')).toEqual(expect.arrayContaining([...PHASES]));
  expect(options('outcome')).toEqual(expect.arrayContaining([...OUTCOMES]));
});

test('whoever is in trouble is led elsewhere first', () => {
  const { contact_links: links } = read('config.yml') as { contact_links: { url: string }[] };
  expect(links.map(({ url }) => url.replace(/^.*\/istio-upgrade\//, ''))).toEqual([
    'blob/main/docs/rollback.md',
    'blob/main/docs/findings.md',
    'security/advisories/new',
  ]);
});
