import type { Finding } from '../finding.ts';

/** So many objects of one kind of finding are named; the rest is counted. */
const NAMED = 10;

/** The first of findings of one kind, and how many there are beside. */
export function capped(findings: readonly Finding[], named = NAMED): Finding[] {
  const [first] = findings;
  if (first === undefined || findings.length <= named) return [...findings];
  return [
    ...findings.slice(0, named),
    {
      id: first.id,
      severity: first.severity,
      message: `and ${String(findings.length - named)} more`,
      ...(first.remedy === undefined ? {} : { remedy: first.remedy }),
    },
  ];
}

/** The same of errors and of warnings, each for itself. */
export function cappedBySeverity(findings: readonly Finding[]): Finding[] {
  return (['error', 'warning'] as const).flatMap((severity) =>
    capped(findings.filter((finding) => finding.severity === severity)),
  );
}
