import type { ActionInputs, ActionMetadata } from '@actions/languageservice/action';
import { registerHooks } from 'node:module';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { readActionMetadata } from './action-metadata.ts';
import { KNOWN_ACTIONS } from './known-actions.ts';
import type { Problem, WorkflowText } from './workflow-text.ts';

// GitHub's language service imports JSON in the way of bundlers, which Node refuses: it wants to be told the type.
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    return specifier.endsWith('.json')
      ? { ...found, importAttributes: { ...found.importAttributes, type: 'json' } }
      : found;
  },
});
const { validate } = await import('@actions/languageservice');

/** Names by which workflows refer to this Action: as others do, and as this repository does. */
const OURS = /\buses: *(['"]?)(?:OWNER\/istio-upgrade@[^'"\s]+|\.\/)\1(?=\s|$)/g;
const AS_OTHERS_DO = 'uses: OWNER/istio-upgrade@COMMIT';

const { inputs, outputs } = readActionMetadata();

/** What the service is to know of an action; undefined where it is to say that there is none. */
function metadataOf(owner: string, name: string): ActionMetadata | undefined {
  if (name === 'istio-upgrade') return { name, description: '', inputs, outputs };
  const known = KNOWN_ACTIONS[`${owner}/${name}`];
  if (known === undefined) return undefined;
  const entries = known.map((input) => [input, { description: '' }]);
  return { name, description: '', inputs: Object.fromEntries(entries) as ActionInputs };
}

/** The service keeps what it parsed by address. */
let checked = 0;

/**
 * What GitHub's own language service finds in a workflow, or in an action.yml: keys, types, expressions, permissions, and
 * inputs that our action.yml does not have or that are missing.
 */
export async function languageService({ path, text }: WorkflowText): Promise<Problem[]> {
  const name = /(^|\/)action\.yml$/.test(path) ? 'action.yml' : '.github/workflows/workflow.yml';
  const document = TextDocument.create(
    `file:///${checked++}/${name}`,
    'yaml',
    1,
    text.replace(OURS, AS_OTHERS_DO),
  );
  const diagnostics = await validate(document, {
    actionsMetadataProvider: {
      fetchActionMetadata: ({ owner, name }) => Promise.resolve(metadataOf(owner, name)),
    },
  });
  return diagnostics.map(({ message, range }) => ({
    path,
    line: range.start.line + 1,
    message: typeof message === 'string' ? message : message.value,
    by: 'languageservice',
  }));
}
