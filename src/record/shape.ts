import { UNREVISIONED } from '../istio/names.ts';
import type { UpgradeRecord } from './record.ts';

/** A field's rule: whether a value is what this Action writes there. */
type Rule = (value: unknown) => boolean;

const INTENTS: readonly unknown[] = ['canary', 'promote', 'remove', 'rollback'];
/** A URL, or who ran it: shown to people, so it may not be a page of text. */
const TEXT_LENGTH = 2_000;
/** So many objects at most: a control plane has some twenty, and of broken workloads 500 are kept. */
const LIST_LENGTH = 1_000;
/** `Kind name` or `Kind namespace/name`. */
const OBJECT = /^[A-Za-z]{1,63} ([a-z0-9.-]{1,253}\/)?[A-Za-z0-9.:-]{1,253}$/;

/** The name of a namespace. */
const NAMESPACE = /^[a-z0-9-]{1,63}$/;
/** A key of a setting, as findings name it. */
const SETTING = /^\P{Cc}{1,400}$/u;
const UID = /^[A-Za-z0-9-]{1,64}$/;

/** Whether a record can hold a setting by its key: one that can't be read again would be no record any more. */
export function canHoldSetting(key: string): boolean {
  return SETTING.test(key);
}

const text: Rule = (value) => typeof value === 'string' && value.length <= TEXT_LENGTH;
const matching =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const optional =
  (rule: Rule): Rule =>
  (value) =>
    value === undefined || rule(value);
const object =
  (rules: Readonly<Record<string, Rule>>): Rule =>
  (value) => {
    const fields = fieldsOf(value);
    return fields !== undefined && Object.entries(rules).every(([name, rule]) => rule(fields.get(name)));
  };
const listOf =
  (pattern: RegExp): Rule =>
  (value) =>
    Array.isArray(value) && value.length <= LIST_LENGTH && value.every(matching(pattern));

const DIGEST = matching(/^[0-9a-f]{16}$/);

/** The value of a label, which a revision is; the side that was gone already has a name that no object can have. */
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const revision: Rule = (value) => value === UNREVISIONED || value === '(gone)' || matching(LABEL)(value);
const mapOf =
  (key: RegExp, rule: Rule): Rule =>
  (value) => {
    const fields = fieldsOf(value);
    return (
      fields !== undefined &&
      fields.size <= LIST_LENGTH &&
      [...fields].every(([name, one]) => key.test(name) && rule(one))
    );
  };
const tags = mapOf(LABEL, (before) => before === null || revision(before));
const digests = mapOf(SETTING, DIGEST);
const release = object({ revision, version: matching(/^(\d+\.\d+\.\d+[-.0-9A-Za-z]{0,40})?$/) });
const proof = optional(object({ source: text, sha256: matching(/^[0-9a-f]{64}$/) }));
const time = matching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

/**
 * All that a record must be. It goes into paths, URLs and arguments of istioctl, and anybody with the right to write
 * ConfigMaps in the Istio namespace may have written it.
 */
const RECORD = object({
  schemaVersion: (value) => value === 1,
  attempt: matching(/^[A-Za-z0-9-]{1,64}$/),
  from: release,
  to: release,
  istioctl: object({ from: proof, to: proof }),
  troubled: optional(listOf(OBJECT)),
  unsynced: optional(listOf(OBJECT)),
  unconnected: optional(listOf(OBJECT)),
  tags: optional(tags),
  canary: optional(listOf(NAMESPACE)),
  configuration: optional(matching(/^[0-9a-f]{64}$/)),
  gateways: optional(matching(/^[0-9a-f]{64}$/)),
  rolling: optional(listOf(OBJECT)),
  givenUp: optional(listOf(SETTING)),
  had: optional(digests),
  stood: optional(listOf(UID)),
  installed: optional(DIGEST),
  intent: (value) => INTENTS.includes(value),
  promotedAt: optional(time),
  removing: optional(listOf(OBJECT)),
  begunAt: optional(time),
  endedAt: optional(time),
  run: text,
  writtenAt: time,
});

/** Whether a parsed text is a record of this Action, in every field. */
export function isRecord(value: unknown): value is UpgradeRecord {
  return RECORD(value);
}

function fieldsOf(value: unknown): Map<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value))
    : undefined;
}
