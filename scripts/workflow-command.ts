/** A line that tells the runner something, such as `::group::title` or `::error title=x::text`. */
export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** The command in a line of a job's output; undefined for ordinary text. */
export function parseWorkflowCommand(line: string): WorkflowCommand | undefined {
  const match = /^\s*::([a-z-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/.exec(line);
  if (match === null) return undefined;
  const [, name = '', properties = '', message = ''] = match;
  const pairs = properties
    .split(',')
    .filter((pair) => pair.includes('='))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), decode(pair.slice(pair.indexOf('=') + 1))] as const);
  return { name, properties: Object.fromEntries(pairs), message: decode(message) };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '%0D': '\r',
  '%0A': '\n',
  '%3A': ':',
  '%2C': ',',
  '%25': '%',
};

function decode(text: string): string {
  return text.replace(/%(0D|0A|3A|2C|25)/g, (escape) => ESCAPES[escape] ?? escape);
}

/**
 * The values in a file of the runner (`GITHUB_OUTPUT`, `GITHUB_STATE`), written as `name<<delimiter` and lines up to
 * the delimiter. Of values set twice the last counts.
 *
 * @throws Error on a line that the runner would not take
 */
export function parseFileCommands(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/);
  const values: Record<string, string> = {};
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    if (line === '') continue;
    const heredoc = /^([^=<]+)<<(.+)$/.exec(line);
    if (heredoc === null) {
      const at = line.indexOf('=');
      if (at < 1) throw new Error(`the runner would not take the line ${JSON.stringify(line)}`);
      values[line.slice(0, at)] = line.slice(at + 1);
      continue;
    }
    const [, name = '', delimiter = ''] = heredoc;
    const end = lines.indexOf(delimiter);
    if (end === -1) throw new Error(`the value of ${name} does not end`);
    values[name] = lines
      .splice(0, end + 1)
      .slice(0, end)
      .join('\n');
  }
  return values;
}
