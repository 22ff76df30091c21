/** One request, as it ended. */
export interface AuditEntry {
  readonly method: string;
  /** Path and parameters as they came. */
  readonly path: string;
  readonly user: string;
  readonly userAgent: string;
  readonly code: number;
  /** It asked to change something for good, whatever came of it: no dry run, no review, no question to istiod. */
  readonly persisting: boolean;
  /** It changed something. */
  readonly persisted: boolean;
}

/** All requests of users, in the order in which they ended; a watch ends when it is closed. */
export class Audit {
  readonly #entries: AuditEntry[] = [];

  /** Where the list ends now. */
  mark(): number {
    return this.#entries.length;
  }

  /** The requests since a mark. */
  since(mark: number): readonly AuditEntry[] {
    return this.#entries.slice(mark);
  }

  /** The requests since a mark that asked to change something for good. */
  persisting(mark: number): readonly AuditEntry[] {
    return this.since(mark).filter(({ persisting }) => persisting);
  }

  /** What was asked for and is not known here (501): if not empty, the cluster is too small for what it is used for. */
  unknown(): readonly AuditEntry[] {
    return this.#entries.filter(({ code }) => code === 501);
  }

  add(entry: AuditEntry): void {
    this.#entries.push(entry);
  }
}
