import { text } from 'node:stream/consumers';
import { actionlint } from './actionlint.ts';
import { languageService } from './language-service.ts';
import { stepOutputs } from './step-outputs.ts';
import { type Problem, type WorkflowText, workflowTexts } from './workflow-text.ts';

/**
 * `npm run check-workflows`: looks at every workflow here, in files and in documents, with GitHub's language service and
 * actionlint. With `--json` it takes an array of `{path, text}` on stdin instead, and prints the problems as JSON.
 */
async function problemsOf(workflow: WorkflowText): Promise<Problem[]> {
  const found = await languageService(workflow);
  // actionlint knows workflows only.
  return workflow.path.endsWith('action.yml')
    ? found
    : [...found, ...stepOutputs(workflow), ...(await actionlint(workflow))];
}

const json = process.argv.includes('--json');
const workflows = json ? (JSON.parse(await text(process.stdin)) as WorkflowText[]) : workflowTexts();
const problems: Problem[] = [];
for (const workflow of workflows) problems.push(...(await problemsOf(workflow)));
if (json) process.stdout.write(JSON.stringify(problems));
else {
  for (const { path, line, message, by } of problems) {
    process.stdout.write(`${path}:${line}: ${message} (${by})\n`);
  }
  process.stdout.write(`${workflows.length} looked at, ${problems.length} problems\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
