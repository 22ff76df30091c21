import type { Finding } from '../finding.ts';
import { boundedText } from './text.ts';
import { ANNOTATION_ORIGINAL_LABELS, LABEL_INJECTION, LABEL_REVISION } from './names.ts';

/** The two labels by which a namespace chooses its control plane: what is moved, remembered and put back. */
export const CHOICE_LABELS = [LABEL_INJECTION, LABEL_REVISION] as const;

/** Those labels as they were before this Action; null for one that was absent. */
export type Originals = Readonly<Record<string, string | null>>;

/** What Kubernetes takes as the value of a label. */
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
const SHOWN = 60;

/**
 * Reads the annotation. Only the two labels may be in it, with values that a label can have: whoever may annotate a
 * namespace must not be able to have any other label set by us.
 *
 * @returns undefined where it is anything else
 */
export function parseOriginals(text: string): Originals | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value);
    const known = entries.every(
      ([key, label]) =>
        CHOICE_LABELS.some((name) => name === key) &&
        (label === null || (typeof label === 'string' && LABEL_VALUE.test(label))),
    );
    return known && entries.length > 0 ? Object.fromEntries(entries) : undefined;
  } catch {
    return undefined;
  }
}

/** Told in every phase: what it stands for can't be put back, and it stops nobody else (M37). */
export function originalsUnreadable(namespace: string, text: string): Finding {
  const shown = JSON.stringify(boundedText(text, SHOWN));
  return {
    id: 'original-labels-unreadable',
    severity: 'warning',
    object: `Namespace ${namespace}`,
    message: `its annotation ${ANNOTATION_ORIGINAL_LABELS} holds ${String(text.length)} characters that this Action did not write: ${shown}`,
    remedy: `Set ${LABEL_REVISION} and ${LABEL_INJECTION} of the namespace by hand to what they were before the upgrade (leave them if it never moved), take the annotation away with \`kubectl annotate namespace ${namespace} ${ANNOTATION_ORIGINAL_LABELS}-\`.`,
  };
}
