import { parse } from 'yaml';
import { type Flaw, KubeconfigError, refuseFlawed } from './kubeconfig-error.ts';

/** A cluster's or a user's entry, each field of the kind that client-go wants, none of them null. */
export type Entry = Readonly<Record<string, unknown>>;

interface Named {
  readonly name?: string;
}

/** A kubeconfig as it is written (clientcmd.k8s.io, v1), before a context of it is chosen. */
export interface KubeconfigFile {
  readonly clusters?: readonly (Named & { readonly cluster?: Entry })[];
  readonly users?: readonly (Named & { readonly user?: Entry })[];
  readonly contexts?: readonly (Named & { readonly context?: KubeconfigContext })[];
  readonly 'current-context'?: string;
}

export interface KubeconfigContext {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** A kind of field: a Go type by its name, a struct by its fields, a list of one kind. */
type Kind = 'string' | 'bool' | '[]uint8' | '[]string' | 'map[string]string' | 'map[string][]string' | Struct;
interface Struct {
  readonly name: string;
  readonly fields: Readonly<Record<string, Kind | readonly [Kind]>>;
}

/** What others have left in a kubeconfig; minikube does. */
const EXTENSIONS: readonly [Struct] = [{ name: 'NamedExtension', fields: { name: 'string' } }];

const EXEC: Struct = {
  name: 'ExecConfig',
  fields: {
    command: 'string',
    args: '[]string',
    env: [{ name: 'ExecEnvVar', fields: { name: 'string', value: 'string' } }],
    apiVersion: 'string',
    installHint: 'string',
    provideClusterInfo: 'bool',
    interactiveMode: 'string',
  },
};

const USER: Struct = {
  name: 'AuthInfo',
  fields: {
    'client-certificate': 'string',
    'client-certificate-data': '[]uint8',
    'client-key': 'string',
    'client-key-data': '[]uint8',
    token: 'string',
    tokenFile: 'string',
    as: 'string',
    'as-uid': 'string',
    'as-groups': '[]string',
    'as-user-extra': 'map[string][]string',
    username: 'string',
    password: 'string',
    'auth-provider': { name: 'AuthProviderConfig', fields: { name: 'string', config: 'map[string]string' } },
    exec: EXEC,
    extensions: EXTENSIONS,
  },
};

const CLUSTER: Struct = {
  name: 'Cluster',
  fields: {
    server: 'string',
    'tls-server-name': 'string',
    'insecure-skip-tls-verify': 'bool',
    'certificate-authority': 'string',
    'certificate-authority-data': '[]uint8',
    'proxy-url': 'string',
    'disable-compression': 'bool',
    extensions: EXTENSIONS,
  },
};

const CONTEXT: Struct = {
  name: 'Context',
  fields: { cluster: 'string', user: 'string', namespace: 'string', extensions: EXTENSIONS },
};

/** client-go's types of a kubeconfig (tools/clientcmd/api/v1/types.go). */
const CONFIG: Struct = {
  name: 'Config',
  fields: {
    kind: 'string',
    apiVersion: 'string',
    clusters: [{ name: 'NamedCluster', fields: { name: 'string', cluster: CLUSTER } }],
    users: [{ name: 'NamedAuthInfo', fields: { name: 'string', user: USER } }],
    contexts: [{ name: 'NamedContext', fields: { name: 'string', context: CONTEXT } }],
    'current-context': 'string',
    preferences: { name: 'Preferences', fields: { colors: 'bool', extensions: EXTENSIONS } },
    extensions: EXTENSIONS,
  },
};

/**
 * Parses a kubeconfig with the eyes of client-go, which decodes all of it before it chooses: a number for a token, a
 * list that is none, a name that is there twice are refused wherever they are.
 *
 * @param text YAML or JSON, decoded
 * @throws KubeconfigError
 */
export function parseKubeconfig(text: string): KubeconfigFile {
  let file: unknown;
  try {
    // client-go's YAML is 1.1: `yes` is a truth, and `<<` merges.
    file = parse(text, { logLevel: 'silent', version: '1.1' });
  } catch {
    file = undefined;
  }
  if (!isMapping(file) || !('clusters' in file)) {
    throw new KubeconfigError(
      'the input kubeconfig is not a kubeconfig: it should be YAML (or its base64) with clusters, users and contexts',
    );
  }
  refuseFlawed([...kindFlaws(file), ...flawsOf(file, CONFIG, '')]);
  const parsed: KubeconfigFile = zeroForNull(file, CONFIG);
  refuseFlawed([
    ...twice('clusters', parsed.clusters),
    ...twice('users', parsed.users),
    ...twice('contexts', parsed.contexts),
  ]);
  return parsed;
}

/** As Go decodes it: a field that is `null` is not there, and a `null` in a list of structs is an empty one. */
function zeroForNull(value: Entry, { fields }: Struct): Entry {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => {
      if (field === null) return [];
      const kind = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (typeof kind !== 'object') return [[key, field]];
      if ('fields' in kind) return [[key, zeroForNull(field as Entry, kind)]];
      const items = field as readonly (Entry | null)[];
      return [[key, items.map((item) => zeroForNull(item ?? {}, kind[0] as Struct))]];
    }),
  );
}

function kindFlaws({ kind, apiVersion }: Entry): Flaw[] {
  const own = (value: unknown, wanted: string): boolean =>
    value === undefined || value === null || value === '' || value === wanted;
  if (own(kind, 'Config') && own(apiVersion, 'v1')) return [];
  const words = `no kind "${textOf(kind) || 'Config'}" is registered for version "${textOf(apiVersion) || 'v1'}"`;
  return [{ field: 'kind and apiVersion', words, remedy: 'A kubeconfig has kind Config and apiVersion v1.' }];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Standard base64 as Go reads it: padded, with line breaks at most. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function flawsOf(value: unknown, { name, fields }: Struct, path: string): Flaw[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) return [mismatch(value, path, name, `v1.${name}`)];
  return Object.entries(fields).flatMap(([key, kind]) => {
    const field: unknown = Object.hasOwn(value, key) ? (value as Entry)[key] : undefined;
    const at = path === '' ? key : `${path}.${key}`;
    if (field === undefined || field === null) return [];
    if (typeof kind === 'object' && 'fields' in kind) return flawsOf(field, kind, at);
    if (typeof kind === 'object') return listFlaws(field, kind[0] as Struct, at, name);
    return fieldFlaws(field, kind, at, name);
  });
}

function listFlaws(value: unknown, kind: Struct, path: string, name: string): Flaw[] {
  if (!Array.isArray(value)) return [mismatch(value, path, name, `[]v1.${kind.name}`)];
  return value.flatMap((item) => flawsOf(item, kind, path));
}

function fieldFlaws(value: unknown, kind: Exclude<Kind, Struct>, path: string, name: string): Flaw[] {
  if (kind === '[]uint8' && typeof value === 'string') {
    if (BASE64.test(value.replace(/[\r\n]/g, ''))) return [];
    return [
      {
        field: path,
        words: 'illegal base64 data',
        remedy: 'It holds a certificate or key as base64 on one line.',
      },
    ];
  }
  if (fits(value, kind)) return [];
  const lists = kind === 'map[string][]string' && isMapping(value);
  const wrong = lists ? Object.values(value).find((item) => !fits(item, '[]string')) : value;
  return [mismatch(wrong, path, name, lists && !Array.isArray(wrong) ? '[]string' : kind)];
}

function fits(value: unknown, kind: Exclude<Kind, Struct>): boolean {
  const texts = (list: unknown): boolean =>
    list === null || (Array.isArray(list) && list.every((item) => item === null || typeof item === 'string'));
  if (kind === 'bool') return typeof value === 'boolean';
  if (kind === '[]string') return texts(value);
  if (kind === 'map[string][]string') return isMapping(value) && Object.values(value).every(texts);
  if (kind === 'map[string]string') return isMapping(value) && texts(Object.values(value));
  return kind === 'string' && typeof value === 'string';
}

function isMapping(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mismatch(value: unknown, path: string, struct: string, kind: string): Flaw {
  const quoted = kind === 'string' ? { remedy: 'Put the value in quotes.' } : {};
  return {
    field: path,
    words: `cannot unmarshal ${jsonKind(value)} into Go struct field ${struct}.${path} of type ${kind}`,
    ...quoted,
  };
}

/** As Go's JSON calls it. */
function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'object' : typeof value;
}

function twice(key: string, entries: readonly Named[] | undefined): Flaw[] {
  const names = (entries ?? []).map((entry) => entry.name ?? '');
  const again = names.filter((name, at) => names.indexOf(name) !== at);
  return [...new Set(again)].map((name) => ({ field: key, words: `duplicate name "${name}" in list` }));
}
