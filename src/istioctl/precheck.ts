import type { Finding, Severity } from '../finding.ts';
import { boundedText } from '../istio/text.ts';
import { type Version, minorOf } from '../istio/version.ts';
import { parseJsonDocuments } from './json-documents.ts';
import { cutLogLines, lastWords } from './output.ts';
import { readPrecheckLines } from './precheck-lines.ts';
import type { Printed, Unreadable } from './reading.ts';

/** What `istioctl x precheck` says about the cluster. */
export interface PrecheckAnswer {
  readonly readable: true;
  readonly findings: readonly Finding[];
  /**
   * Permissions that installing needs and this credential lacks (IST0141). A nightly precheck with read-only rights
   * lacks them all and is right to (T19): whether that matters is for the caller to say.
   */
  readonly rights: readonly MissingRight[];
}

/** One IST0141. */
export interface MissingRight {
  /** What may not be created, such as `clusterroles`; empty where the message does not say. */
  readonly resource: string;
  readonly finding: Finding;
}

/** Finding ids of the messages that precheck is known to have (Istio's messages.gen.go). */
const IDS: Readonly<Record<string, string>> = {
  IST0136: 'alpha-annotation-used',
  IST0141: 'install-permission-missing',
  IST0142: 'kubernetes-below-minimum',
  IST0156: 'gateway-api-too-old',
  IST0169: 'configuration-default-changed',
  IST0172: 'gateway-api-not-v1',
};
const OTHER_ID = 'istioctl-precheck';
const RIGHTS = 'install-permission-missing';

/** Istio 1.7 and older wrote `Warn`; anything unknown weighs as much as it can. */
const SEVERITIES: Readonly<Record<string, Severity>> = { Info: 'info', Warning: 'warning', Warn: 'warning' };

/** What a table has of a key; one that every object has, such as `constructor`, it has not. */
function of<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** What is said where istioctl of that version has no precheck that looks at a cluster with Istio in it. */
export function noPrecheck(version: Version): PrecheckAnswer {
  const finding: Finding = {
    id: 'istioctl-has-no-precheck',
    severity: 'info',
    message: `istioctl ${minorOf(version)} has no precheck for a cluster that has Istio; it came with 1.10.`,
    remedy: "Nothing: this Action's own checks stand alone. Read the upgrade notes of that version.",
  };
  return { readable: true, findings: [finding], rights: [] };
}

/** What the log form's precheck says on stderr where it found nothing (Istio's istioctl/cmd/precheck.go, 1.10 to 1.19). */
const ALL_WELL = 'No issues found when checking the cluster';

/**
 * Reads `x precheck`. Nothing on stdout means "no findings" only together with exit code 0: with a threshold,
 * with missing rights and without a cluster it is the silence of a failure (T19; recordings 368, 315, 372).
 */
export function readPrecheck(printed: Printed, format: 'json' | 'lines'): PrecheckAnswer | Unreadable {
  const { code } = printed;
  const stdout = cutLogLines(printed.stdout);
  const text = stdout.trim();
  const messages = format === 'lines' ? readLines(stdout, printed) : text === '' ? [] : readMessages(text);
  if (messages === undefined || (messages.length === 0 && code !== 0)) {
    return { readable: false, reason: lastWords(printed) || 'it said nothing' };
  }
  return {
    readable: true,
    findings: messages.filter(({ id }) => id !== RIGHTS),
    rights: messages
      .filter(({ id }) => id === RIGHTS)
      .map((finding) => ({
        resource: /\bcreate resource ([a-z]+)/.exec(finding.message)?.[1] ?? '',
        finding,
      })),
  };
}

/** Undefined where there is neither a message nor the word that there is none. */
function readLines(stdout: string, { stderr }: Printed): Finding[] | undefined {
  const found = readPrecheckLines(stdout)?.map(toFinding);
  return found?.length === 0 && !cutLogLines(stderr).includes(ALL_WELL) ? undefined : found;
}

/** Undefined where the text has another form. */
function readMessages(text: string): Finding[] | undefined {
  try {
    const [messages, ...more] = parseJsonDocuments(text);
    if (!Array.isArray(messages) || more.length > 0) return undefined;
    return messages.map(toFinding);
  } catch {
    return undefined;
  }
}

function toFinding(message: unknown): Finding {
  if (typeof message !== 'object' || message === null) throw new TypeError('a message is no object');
  const text = (key: string): string | undefined => {
    const value: unknown = Reflect.get(message, key);
    const bounded = boundedText(value);
    return bounded === '' ? undefined : bounded;
  };
  const code = text('code');
  const said = text('message');
  if (code === undefined || said === undefined) throw new TypeError('a message lacks its code or text');
  const origin = text('origin');
  const help = text('documentationUrl');
  return {
    id: of(IDS, code) ?? OTHER_ID,
    severity: of(SEVERITIES, text('level') ?? '') ?? 'error',
    message: `${said} (${code})`,
    ...(origin === undefined ? {} : { object: origin }),
    ...(help === undefined ? {} : { remedy: `See ${help}` }),
  };
}
