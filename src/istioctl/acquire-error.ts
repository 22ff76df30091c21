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

/** The archive is not the one that its checksum was made for. It was deleted without being opened. */
export class ChecksumMismatch extends AcquireError {
  override readonly name = 'ChecksumMismatch';
  readonly url: string;
  readonly expected: string;
  readonly got: string;

  constructor(url: string, expected: string, got: string) {
    super(
      `the checksum of ${url} is wrong: expected sha256 ${expected}, got ${got}`,
      'Run again; if it stays wrong, somebody or something changes the file on its way: check the mirror and the proxy.',
    );
    this.url = url;
    this.expected = expected;
    this.got = got;
  }
}
