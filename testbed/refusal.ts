/** What the testbed can't or won't do, in one sentence for the user: printed without a stack, exit code 1. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
