import { istiodName } from '../istio/revision.ts';
import { boundedText } from '../istio/text.ts';
import { cutLogLines, lastWords } from './output.ts';
import type { StatusContent } from './proxy-state.ts';
import { readStatusDocuments } from './proxy-status-json.ts';
import { readStatusTable } from './proxy-status-table.ts';
import type { Printed, Unreadable } from './reading.ts';

export type { ProxyStatus, Sync } from './proxy-state.ts';

/** What the istiods of one revision say about the proxies connected to them. */
export interface ProxyStatusAnswer extends StatusContent {
  readonly readable: true;
}

const REASON_LENGTH = 300;
const UNKNOWN_FORM = 'its answer has a form that is not known';

/** The version with which istioctl itself connects to istiod, `test-1.default` by name (T12). */
const OWN_VERSION = '65536.65536.65536';

/**
 * Reads `proxy-status`. Only exit code 0 with an answer of at least one istiod, or with a table's header, is an
 * answer: no such revision, no right to ask and no connection all end otherwise (recordings 085, 155, 165, 321).
 */
export function readProxyStatus(printed: Printed, format: 'json' | 'table'): ProxyStatusAnswer | Unreadable {
  if (printed.code !== 0) return unreadable(lastWords(printed) || 'it said nothing');
  const text = cutLogLines(printed.stdout);
  if (text.trim() === '') return unreadable('no istiod answered');
  try {
    const answer = format === 'json' ? readStatusDocuments(text) : readStatusTable(text);
    return {
      ...answer,
      readable: true,
      proxies: answer.proxies.filter(({ version }) => version !== OWN_VERSION),
    };
  } catch (error) {
    return unreadable(
      boundedText(error instanceof Error ? error.message : '', REASON_LENGTH) || UNKNOWN_FORM,
    );
  }
}

/**
 * Of an answer about all control planes, the part of one: istiod's pods are named after its Deployment, `istiod` or
 * `istiod-<revision>`, its ReplicaSet and themselves, and only a whole name counts.
 *
 * @param revision undefined where one alone was asked
 */
export function ofRevision(
  answer: ProxyStatusAnswer | Unreadable,
  revision: string | undefined,
): ProxyStatusAnswer | Unreadable {
  if (!answer.readable || revision === undefined) return answer;
  const deployment = istiodName(revision);
  const isOf = (istiod: string): boolean =>
    istiod.startsWith(`${deployment}-`) &&
    /^[a-z0-9]+-[a-z0-9]{5}$/.test(istiod.slice(deployment.length + 1));
  return {
    ...answer,
    proxies: answer.proxies.filter(({ istiod }) => isOf(istiod)),
    istiods: answer.istiods.filter(isOf),
  };
}

function unreadable(reason: string): Unreadable {
  return { readable: false, reason };
}
