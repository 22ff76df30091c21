import { type DocumentOptions, type ParseOptions, type SchemaOptions, parse } from 'yaml';

/** Shorter ones would turn half of the log into stars, and protect nothing. */
const SHORTEST = 4;

/** Settings of credential plugins that are no secrets, and whose values are words a log is full of. */
const HARMLESS_ENV =
  /^(AWS_PROFILE|AWS_(DEFAULT_)?REGION|AWS_STS_REGIONAL_ENDPOINTS|USE_GKE_GCLOUD_AUTH_PLUGIN|PATH|HOME)$/;

/** Values of such settings that are none whatever their name, and that outputs are made of. */
const HARMLESS_VALUE = /^(true|false|default|none|null)$/i;

/** A flag of a credential plugin that gives a secret; a path or a URL behind it is none. */
const SECRET_FLAG = /^--?(?=[\w-]{0,200}(?:secret|password|token))[\w-]{1,200}(?:=(?<value>[\s\S]*))?$/i;

/** Keys of a user whose values are secrets, raw. `client-key-data` also is one decoded. */
const SECRET_KEYS = ['token', 'password', 'client-key-data'] as const;

/**
 * The secrets in a kubeconfig, longest first: its leaves, never the whole. The runner masks a secret of many lines
 * line by line, so `kind: Config` would be starred in every log. Text that is no kubeconfig has none.
 *
 * @param kubeconfig its content, decoded
 */
export function secretsOf(kubeconfig: string): string[] {
  const found = readings(kubeconfig).flatMap(secretsIn);
  const long = found.map((secret) => secret.trim()).filter((secret) => secret.length >= SHORTEST);
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}

function secretsIn(file: unknown): string[] {
  const users = items(file, 'users').map((entry) => field(entry, 'user'));
  const clusters = items(file, 'clusters').map((entry) => field(entry, 'cluster'));
  const inUrls = clusters.flatMap((cluster) =>
    ['proxy-url', 'server'].flatMap((key) => urlPassword(field(cluster, key))),
  );
  return [...users.flatMap(secretsOfUser), ...inUrls];
}

/** A secret that turned up while the run lasted, as it is masked: a private key by its lines. */
export function linesToMask(secret: string): string[] {
  const lines = secret.includes('-----BEGIN') ? secret.split(/\r?\n/) : [secret];
  return lines.filter((line) => line.length >= SHORTEST && !line.startsWith('-----'));
}

function secretsOfUser(user: unknown): string[] {
  const provider = field(field(user, 'auth-provider'), 'config');
  return [
    ...SECRET_KEYS.flatMap((key) => strings(field(user, key))),
    ...strings(field(user, 'client-key-data')).flatMap(keyLines),
    ...strings(field(user, 'token')).map(base64),
    ...basicAuth(user),
    ...items(field(user, 'exec'), 'env').flatMap(envValue),
    ...argValues(items(field(user, 'exec'), 'args').flatMap(strings)),
    ...(isMapping(provider) ? Object.values(provider).flatMap(providerValue) : []),
  ];
}

/** The lines of a private key. Its first and last are the same in every key. */
function keyLines(data: string): string[] {
  return Buffer.from(data, 'base64')
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('-----'));
}

/** What goes over the wire as `Authorization: Basic`. */
function basicAuth(user: unknown): string[] {
  const [name] = strings(field(user, 'username'));
  return strings(field(user, 'password')).map((password) => base64(`${name ?? ''}:${password}`));
}

function envValue(entry: unknown): string[] {
  const [name = ''] = strings(field(entry, 'name'));
  if (HARMLESS_ENV.test(name)) return [];
  return strings(field(entry, 'value')).filter((value) => !HARMLESS_VALUE.test(value));
}

/** What a plugin is given as `--client-secret VALUE` or `--client-secret=VALUE`. */
function argValues(args: readonly string[]): string[] {
  return args.flatMap((arg, at) => {
    const match = SECRET_FLAG.exec(arg);
    if (match === null) return [];
    const value = match.groups?.value ?? args[at + 1] ?? '';
    return /^-|^[~.]?\/|^https?:/.test(value) ? [] : [value];
  });
}

/** Tokens and secrets of the old auth providers; URLs and dates beside them are none. */
function providerValue(value: unknown): string[] {
  return strings(value).filter((text) => text.length >= 16 && !/^https?:|^\d{4}-\d\d-\d\dT|\s/.test(text));
}

function urlPassword(url: unknown): string[] {
  const [text = ''] = strings(url);
  const password = URL.canParse(text) ? new URL(text).password : '';
  return [password, decoded(password)];
}

/** A percent sign that begins no escape stands for itself. */
function decoded(text: string): string {
  return decodeURIComponent(text.replace(/%(?![0-9a-fA-F]{2})/g, '%25'));
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/**
 * A text as those may see it who read it: every scalar as it is written (a token that looks like a number keeps its
 * zeros), and as what YAML 1.2 and 1.1 make of it, with merges (`<<`) and `!!binary` resolved.
 */
function readings(text: string): unknown[] {
  const ways: (ParseOptions & DocumentOptions & SchemaOptions)[] = [
    { schema: 'failsafe' },
    {},
    { schema: 'yaml-1.1', merge: true },
  ];
  return ways.flatMap((way) => {
    try {
      return [parse(text, { ...way, logLevel: 'silent' }) as unknown];
    } catch {
      return [];
    }
  });
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function field(value: unknown, key: string): unknown {
  return isMapping(value) ? value[key] : undefined;
}

function items(value: unknown, key: string): unknown[] {
  const found = field(value, key);
  return Array.isArray(found) ? found : [];
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)];
  if (!(value instanceof Uint8Array)) return [];
  const bytes = Buffer.from(value);
  return [bytes.toString('utf8'), bytes.toString('base64')];
}
