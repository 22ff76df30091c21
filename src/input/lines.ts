/** The lines of an input that say something: trimmed, without blank lines and `#` comments. */
export function lines(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Names that stand with commas between, on one line or on several. */
export function namesIn(given: readonly string[]): string[] {
  return given
    .flatMap((line) => line.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
