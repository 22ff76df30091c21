/** Ends the program with a text on stderr, as istioctl's own `Error: …` does. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** 64 for what the command line says wrong, 1 for all else. */
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What the command line asks for and this stand-in does not have. */
export function usage(message: string): Refusal {
  return new Refusal(message, 64);
}
