/** A line for people who read on, such as progress. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A line of the answer. */
export function answer(line: string): void {
  process.stdout.write(`${line}\n`);
}
