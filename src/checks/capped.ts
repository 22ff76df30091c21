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
