import { parseWorkflowCommand } from '../scripts/workflow-command.ts';

const write = (line: string): void => void process.stdout.write(`${line}\n`);

/** A paragraph of the demo itself. */
export function say(text: string): void {
  write(text);
}

export function heading(text: string): void {
  write(`\n━━ ${text} ${'━'.repeat(Math.max(0, 92 - text.length))}`);
}

/**
 * Tells a run by its own log, as it comes: the title of each step and, at its end, what came of it; what it waits for
 * and what is wrong at once.
 */
export function narrator(): (line: string) => void {
  let title: string | undefined;
  let last = '';
  return (line) => {
    const command = parseWorkflowCommand(line);
    if (command === undefined) {
      last = line;
      if (/^waiting|^the lock/.test(line)) write(`     … ${line}`);
      return;
    }
    if (command.name === 'group') title = command.message;
    if (command.name === 'endgroup' && title !== undefined) {
      write(`  ▸ ${title}${last === '' ? '' : `\n      ${last}`}`);
      title = undefined;
      last = '';
    }
    if (command.name === 'error') write(`  ✗ ${command.properties.title ?? ''}: ${command.message}`);
    if (command.name === 'warning') write(`  ! ${command.properties.title ?? ''}: ${command.message}`);
  };
}
