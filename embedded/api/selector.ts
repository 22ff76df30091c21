import type { KubeObject, LabelSelector, Labels } from '../objects.ts';
import { badRequest, unknown } from './refusal.ts';

/** Whether an object is selected. */
export type Selector = (object: KubeObject) => boolean;

type Requirement = (value: string | undefined) => boolean;

/** One requirement of a `labelSelector` parameter, without blanks at its ends. */
const SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALITY = /^([^\s!=]+)\s*(==|=|!=)\s*([^\s!=()]*)$/;
const KEY = /^(!?)\s*([\w./-]+)$/;

/** The parameter `labelSelector`: equality, sets and existence. An empty one selects all. */
export function labelSelector(text: string): Selector {
  const requirements = split(text).map(parse);
  return ({ metadata: { labels = {} } }) => requirements.every(([key, holds]) => holds(labels[key]));
}

/** Cuts at commas that are not inside of parentheses. */
function split(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function parse(part: string): [key: string, Requirement] {
  const [, setKey, operator, list] = SET.exec(part) ?? [];
  if (setKey !== undefined && list !== undefined) {
    const values = list.split(',').map((value) => value.trim());
    return operator === 'in'
      ? [setKey, (value) => value !== undefined && values.includes(value)]
      : [setKey, (value) => value === undefined || !values.includes(value)];
  }
  const [, key, sign, wanted] = EQUALITY.exec(part) ?? [];
  if (key !== undefined) return [key, (value) => (value === wanted) === (sign !== '!=')];
  const [, not, existing] = KEY.exec(part) ?? [];
  if (existing === undefined) throw badRequest(`unable to parse requirement: ${part}`);
  return [existing, (value) => (value === undefined) === (not === '!')];
}

const FIELDS: Readonly<Record<string, (object: KubeObject) => unknown>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace,
  'status.phase': ({ status }) => (status as { phase?: string } | undefined)?.phase,
};

/** The parameter `fieldSelector`, for the few fields that are asked for. */
export function fieldSelector(text: string): Selector {
  const requirements = split(text).map((part) => {
    const [, field = '', sign, wanted] = EQUALITY.exec(part) ?? [];
    const read = FIELDS[field];
    if (read === undefined) throw unknown(`the field selector "${part}"`);
    return (object: KubeObject) => (read(object) === wanted) === (sign !== '!=');
  });
  return (object) => requirements.every((holds) => holds(object));
}

/** Whether labels satisfy a selector that an object holds, such as a webhook's. */
export function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((expression) => satisfies(expression, labels))
  );
}

function satisfies(
  { key, operator, values = [] }: NonNullable<LabelSelector['matchExpressions']>[number],
  labels: Labels,
): boolean {
  const value = labels[key];
  const operators: Readonly<Record<string, () => boolean>> = {
    In: () => value !== undefined && values.includes(value),
    NotIn: () => value === undefined || !values.includes(value),
    Exists: () => value !== undefined,
    DoesNotExist: () => value === undefined,
  };
  const holds = operators[operator];
  if (holds === undefined) throw badRequest(`"${operator}" is not a valid label selector operator`);
  return holds();
}
