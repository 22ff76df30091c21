/** istioctl could not be had, or is not what it should be. It was not used. */
export class AcquireError extends Error {
  override readonly name: string = 'AcquireError';
  /** What the user can do. */
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** The archive, or the program given, is not the one that its checksum was made for. It was neither opened nor run. */
export class ChecksumMismatch extends AcquireError {
  override readonly name = 'ChecksumMismatch';
  readonly url: string;
  readonly expected: string;
  readonly got: string;

  /** @param source who says what it should be */
  constructor(url: string, expected: string, got: string, source: string) {
    super(
      `the checksum of ${url} is wrong: expected sha256 ${expected} (${source}), got ${got}`,
      'Run again; if it stays wrong, somebody or something changes the file on its way: check the mirror and the proxy, and the sha256 if you gave one.',
    );
    this.url = url;
    this.expected = expected;
    this.got = got;
  }
}
