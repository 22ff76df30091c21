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

const WEIGHT: Readonly<Record<Severity, number>> = { error: 2, warning: 1, info: 0 };

/**
 * The same thing once, with its gravest severity: what a check has warned of, a step may find again as what it fails of. Only
 * what has an object and says the same of it is the same.
 */
export function toldOnce(findings: readonly Finding[]): Finding[] {
  const gravest = new Map<string, Finding>();
  for (const finding of findings) {
    const known = gravest.get(sayingOf(finding));
    if (known === undefined || WEIGHT[finding.severity] > WEIGHT[known.severity])
      gravest.set(sayingOf(finding), finding);
  }
  return findings.filter(
    (finding) => finding.object === undefined || gravest.get(sayingOf(finding)) === finding,
  );
}

function sayingOf({ id, object = '', message }: Finding): string {
  return JSON.stringify([id, object, message]);
}
