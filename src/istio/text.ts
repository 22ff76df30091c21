import { hideShapes } from '../redact.ts';

/**
 * Texts that others write on the cluster, bounded and of their type as soon as they are read: what is no label value is no
 * revision, and no text is longer than what somebody would read (issue 12).
 */

/** By the API's rule of label values; the API server has no such rule for what an annotation holds. */
const LABEL_VALUE = /^[a-zA-Z0-9](?:[-\w.]{0,61}[a-zA-Z0-9])?$/;
/** Istio's injection status names containers and volumes; it takes some hundred bytes. */
const STATUS_LENGTH = 16 * 1024;
/** Of a message of the cluster. */
const MESSAGE_LENGTH = 2000;

/** The text where it is a label's value and not empty: what names a revision or a tag. */
export function labelValue(text: unknown): string | undefined {
  return typeof text === 'string' && text.length <= 63 && LABEL_VALUE.test(text) ? text : undefined;
}

/**
 * The texts of a map such as labels; nothing where it is no map. Kubernetes sees to the types of its own kinds, but of a
 * Rollout whoever may write one has the say (issue 12).
 */
export function textsOf(map: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(Object(map) as object).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

/** The revision in `sidecar.istio.io/status`; undefined where it is not Istio's, or says none. Never throws. */
export function statusRevision(status: unknown): string | undefined {
  if (typeof status !== 'string' || status.length > STATUS_LENGTH) return undefined;
  try {
    const said = JSON.parse(status) as unknown;
    return typeof said === 'object' && said !== null && Object.hasOwn(said, 'revision')
      ? labelValue((said as { revision: unknown }).revision)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A message of the cluster, such as why a pod waits; empty where it is no text. What has the shape of a secret is taken
 * out before it is cut, and it is cut between two words: half a secret would be found by nobody any more.
 */
export function boundedText(text: unknown, max = MESSAGE_LENGTH): string {
  if (typeof text !== 'string') return '';
  const whole = hideShapes(text).toWellFormed();
  if (whole.length <= max) return whole;
  const cut = whole.slice(0, max + 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), 0))}…`;
}
