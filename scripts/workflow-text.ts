import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A workflow, or an action.yml, as it stands in a file of its own or in a document. */
export interface WorkflowText {
  /** From the top of the repository; for a workflow in a document with `#` and its number, counted from 1. */
  readonly path: string;
  readonly text: string;
}

/** Something that is wrong with one. */
export interface Problem {
  readonly path: string;
  /** From 1, in the text. */
  readonly line: number;
  readonly message: string;
  /** Who says so. */
  readonly by: string;
}

const FILES = ['examples/*.yml', '.github/workflows/*.yml', 'action.yml'];
const DOCUMENTS = ['*.md', 'docs/*.md', 'examples/*.md', 'testbed/*.md'];

/** All that this repository has or tells people to paste. */
export function workflowTexts(): WorkflowText[] {
  const files = globSync(FILES, { cwd: ROOT }).sort();
  const documents = globSync(DOCUMENTS, { cwd: ROOT }).sort();
  return [
    ...files.map((path) => ({ path, text: read(path) })),
    ...documents.flatMap((path) => pasted(path, read(path))),
  ];
}

/** The workflows in a document: its blocks of YAML that have jobs. One that shows jobs alone is made whole. */
export function pasted(path: string, markdown: string): WorkflowText[] {
  const blocks = [...markdown.matchAll(/^( *)```ya?ml\n(.*?)^\1```$/gms)];
  return blocks
    .map(([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
    .filter((text) => /^jobs:/m.test(text))
    .map((text, index) => ({
      path: `${path}#${index + 1}`,
      text: /^on:/m.test(text) ? text : `on: workflow_dispatch\n${text}`,
    }));
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
