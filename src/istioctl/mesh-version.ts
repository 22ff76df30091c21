import { parseJsonDocuments } from './json-documents.ts';
import { cutLogLines, lastWords } from './output.ts';
import type { Printed, Unreadable } from './reading.ts';

/** What the istiods of a revision say of themselves, and of the proxies that are connected to them. */
export interface MeshVersion {
  readonly readable: true;
  /** One for each pod that answered; may be no release, such as a build of one's own. */
  readonly istiods: readonly string[];
  readonly proxies: readonly string[];
}

/** Reads `version -o json --revision …` (recording 154-version-istiod-dead-json: exit code 0 where no istiod answered). */
export function readMeshVersion({ code, stdout, stderr }: Printed): MeshVersion | Unreadable {
  const answer = code === 0 ? answerIn(stdout) : undefined;
  if (answer === undefined) {
    return {
      readable: false,
      reason: lastWords({ stdout, stderr }) || 'it did not say what runs in the mesh',
    };
  }
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const texts = (values: unknown[]): string[] => values.filter((value) => typeof value === 'string');
  return {
    readable: true,
    istiods: texts(list(answer.meshVersion).map((item) => (item as Istiod | null)?.Info?.version)),
    proxies: texts(list(answer.dataPlaneVersion).map((item) => (item as Proxy | null)?.IstioVersion)),
  };
}

interface Istiod {
  readonly Info?: { readonly version?: unknown } | null;
}

interface Proxy {
  readonly IstioVersion?: unknown;
}

interface Versions {
  readonly meshVersion?: unknown;
  readonly dataPlaneVersion?: unknown;
}

function answerIn(stdout: string): Versions | undefined {
  try {
    const [answer] = parseJsonDocuments(cutLogLines(stdout));
    return typeof answer === 'object' && answer !== null && 'clientVersion' in answer
      ? (answer as Versions)
      : undefined;
  } catch {
    return undefined;
  }
}
