import { fit } from './budget.ts';
import { block, forMarkdown, oneLine } from './escape.ts';
import { type Markdown, details, more, paragraphs } from './markdown.ts';
import type { Report, StepReport, StepStatus } from './report.ts';

/** What the title of a step and the tags around its changes take, at most. */
const TITLE_BYTES = 1000;

/** Steps that changed nothing yet: what they list is what they would have done. */
const UNTOUCHED: readonly StepStatus[] = ['pending', 'skipped', 'not-run'];

/** What each step changed, or would change, folded by step. */
export function changesList({ steps, dryRun }: Report, budget: number): Markdown {
  const changing = steps.filter(
    ({ changes, status }) => changes.length > 0 && (dryRun || !UNTOUCHED.includes(status)),
  );
  if (changing.length === 0) return dryRun ? 'Nothing: all is as this phase would leave it.' : '';
  const share = Math.floor(budget / changing.length);
  const { shown, left } = fit(changing, budget, (step) => changesOfStep(step, share, dryRun));
  return paragraphs(...shown, more(left));
}

function changesOfStep({ title, status, changes }: StepReport, budget: number, dryRun: boolean): Markdown {
  const { shown, left } = fit(changes, budget - TITLE_BYTES, (change) => oneLine(change, 500));
  const part = dryRun || status === 'succeeded' ? '' : ', not all of it done';
  return details(
    `${forMarkdown(title, 100)} (${changes.length}${part})`,
    paragraphs(shown.length === 0 ? '' : block(shown), more(left)),
  );
}
