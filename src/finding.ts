/** How much a finding weighs: an error stops a phase, a warning asks for attention, info is for the record. */
export type Severity = 'error' | 'warning' | 'info';

/** What a check or a verification reports. Its id is a kebab-case word that never changes its meaning. */
export interface Finding {
  readonly id: string;
  readonly severity: Severity;
  /** One sentence: what is the case. May hold names from the cluster: escape it where it is shown. */
  readonly message: string;
  /** The object it is about, as `Kind namespace/name` or `Kind name`. */
  readonly object?: string;
  /** What to do about it, one or two sentences or a command. */
  readonly remedy?: string;
}

/** Whether any of the findings stops a phase. */
export function hasError(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}

/** Each object once for each id: the last that was said of it. */
export function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.id} ${finding.object ?? ''}`, finding])).values()];
}
