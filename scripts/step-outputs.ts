import { parse } from 'yaml';
import { readActionMetadata } from './action-metadata.ts';
import type { Problem, WorkflowText } from './workflow-text.ts';

interface Job {
  readonly steps?: readonly { readonly id?: string; readonly uses?: string }[];
}

/**
 * Outputs of this Action that a workflow reads and that action.yml does not have. GitHub gives an empty text for these,
 * and neither the language service nor actionlint knows better.
 */
export function stepOutputs({ path, text }: WorkflowText): Problem[] {
  const known = readActionMetadata().outputs;
  const { jobs = {} } = parse(text) as { jobs?: Readonly<Record<string, Job>> };
  const ours = Object.values(jobs)
    .flatMap(({ steps = [] }) => steps)
    .filter(({ uses }) => uses === './' || uses?.startsWith('OWNER/istio-upgrade@') === true)
    .flatMap(({ id }) => id ?? []);
  return text.split('\n').flatMap((content, index) =>
    [...content.matchAll(/\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g)]
      .filter(([, id = '', output = '']) => ours.includes(id) && !Object.hasOwn(known, output))
      .map(([, , output = '']) => ({
        path,
        line: index + 1,
        message: `no such output: ${output}`,
        by: 'action.yml',
      })),
  );
}
