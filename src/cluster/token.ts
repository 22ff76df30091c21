/** Whether a token can stand in a header: Node refuses a line break there in words that help nobody, as Go does. */
export function isSendable(token: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(token);
}
