/** An object as YAML or the API server gives it. */
export interface AnyObject {
  readonly kind?: unknown;
  readonly data?: unknown;
  readonly spec?: unknown;
}

/**
 * A digest of what an object holds, the same for a rendered object and for the live one that it became: of a ConfigMap
 * its data, of a Deployment what its containers run, a line for each field ({@link differingFields}). Labels, status, replicas and all that the server fills in do not
 * count, so that only another configuration makes another digest (M14). It holds no secret.
 *
 * Undefined for what is not compared: other kinds, and the ConfigMap `values`, in which istioctl notes what it found
 * out about the cluster.
 */
export function contentOf(
  object: AnyObject & { readonly metadata?: { readonly name?: unknown } },
): string | undefined {
  if (object.kind === 'ConfigMap') {
    const name = object.metadata?.name;
    return typeof name === 'string' && /^values(-|$)/.test(name) ? undefined : digest(asRecord(object.data));
  }
  if (object.kind !== 'Deployment') return undefined;
  const pod = asRecord(asRecord(asRecord(object.spec).template).spec);
  return [...asList(pod.initContainers), ...asList(pod.containers)]
    .flatMap(fieldsOf)
    .map(([field, value]) => `${digest(value)} ${field}`)
    .sort()
    .join('\n');
}

/** The fields of two Deployments' contents that are not the same in both; none where one of them is not known. */
export function differingFields(one: string | undefined, other: string | undefined): string[] {
  if (one === undefined || other === undefined) return [];
  const [left, right] = [one.split('\n'), other.split('\n')];
  const differing = [
    ...left.filter((line) => !right.includes(line)),
    ...right.filter((line) => !left.includes(line)),
  ];
  return [...new Set(differing.map((line) => line.slice(line.indexOf(' ') + 1)))].sort();
}

/** The fields of a container by their names; variables by their own, in any order. */
function fieldsOf(value: unknown): [field: string, value: unknown][] {
  const { name, image, command, args, env, envFrom, resources } = asRecord(value);
  const fields: [string, unknown][] = [
    ['image', text(image)],
    ['command', asList(command)],
    ['args', asList(args)],
    ['envFrom', asList(envFrom)],
    ...asList(env).map((entry): [string, unknown] => [
      `env ${text(asRecord(entry).name)}`,
      variableOf(entry),
    ]),
    ...quantities(resources),
  ];
  return fields.map(([field, is]) => [`${text(name)}: ${field}`, is]);
}

/** A variable with neither value nor source is the empty text; `apiVersion: v1` of a field is a default. */
function variableOf(entry: unknown): unknown {
  const { name, value, valueFrom } = asRecord(entry);
  if (valueFrom === undefined) return [name, text(value)];
  const sources = Object.entries(asRecord(valueFrom)).map(([kind, source]) => {
    const { apiVersion, divisor, ...rest } = asRecord(source);
    return [
      kind,
      rest,
      apiVersion === 'v1' ? undefined : apiVersion,
      divisor === undefined || text(divisor) === '0' ? undefined : quantity(divisor),
    ];
  });
  return [name, sources];
}

/** The server makes requests of limits where there are none, and writes quantities in its own way. */
function quantities(resources: unknown): [field: string, amount: string][] {
  const { limits, requests } = asRecord(resources);
  const [most, least] = [asRecord(limits), asRecord(requests)];
  const named = (of: string, amounts: Record<string, unknown>): [string, string][] =>
    Object.entries(amounts).map(([name, amount]) => [`resources.${of}.${name}`, quantity(amount)]);
  return [...named('limits', most), ...named('requests', { ...most, ...least })];
}

const SCALES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** `500m` and `0.5` are the same amount, as are `2Gi` and `2048Mi`. */
export function quantity(value: unknown): string {
  const written = text(value);
  const [, number = '', suffix = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(written) ?? [];
  const scale = SCALES[suffix];
  const amount = Number(number) * (scale ?? Number.NaN);
  return number === '' || Number.isNaN(amount) ? written : String(Number(amount.toPrecision(12)));
}

/** FNV-1a over the canonical text, from two beginnings: it tells contents apart and can't be read backwards. */
export function digest(value: unknown): string {
  const canonical = JSON.stringify(sorted(value));
  return [0x811c9dc5, 0x9747b28c].map((seed) => fnv(canonical, seed).toString(16).padStart(8, '0')).join('');
}

function fnv(words: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < words.length; at += 1) hash = Math.imul(hash ^ words.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, below]) => [key, sorted(below)]);
}

/** A value as it is written; none is the empty text. */
export function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Nothing where it is no list. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
