import { readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { Rejection } from '../input-error.ts';
import { decodeKubeconfig } from './kubeconfig.ts';

/** A kubeconfig, and where it is from. */
export interface FoundKubeconfig {
  /** Content, as `decodeKubeconfig` gives it; relative paths in it are made absolute. A secret. */
  readonly text: string;
  /** In words for the log; undefined where it was given as the input. */
  readonly from: string | undefined;
}

/**
 * The input where it is left out: its default in action.yml, as the runner gives a default only for what the step does not
 * name (actions/runner, ActionRunner.cs). A secret that is not there is named, and empty: it must lead to no other cluster.
 */
export const LEFT_OUT = '$KUBECONFIG';

/** Where files are looked for. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * The kubeconfig of a run (K08): the input; where that is left out what an earlier step has left, found as kubectl finds it:
 * all files of `$KUBECONFIG`, else `~/.kube/config`. Several are merged: who comes first wins, relative paths start at
 * their own file, and a file that is not there is passed over (clientcmd's loader.go).
 *
 * @throws Rejection which holds nothing of the content
 */
export function kubeconfigOf(input: string, surroundings: Surroundings): FoundKubeconfig {
  if (input !== LEFT_OUT) return { text: decodeKubeconfig(input), from: undefined };
  const { paths, name } = placesIn(surroundings);
  const files = paths.flatMap((path) => {
    const text = contentOf(path);
    return text === undefined ? [] : [{ path, text }];
  });
  if (files.length === 0) throw nothingFound(name, paths);
  const from = `${name} (${files.map(({ path }) => path).join(', ')})`;
  const [only] = files;
  const text = JSON.stringify(merged(files.map((file) => mappingOf(file))));
  try {
    return { text: decodeKubeconfig(text), from };
  } catch (error) {
    if (!(error instanceof Rejection) || only === undefined) throw error;
    throw new Rejection(
      `nothing, and ${from} is no kubeconfig: ${error.got.replace(/^.*?, /, '')}`,
      error.allowed,
    );
  }
}

/** The same for masking, before anything is checked: empty where there is none that can be read. */
export function kubeconfigTextOrNone(input: string, surroundings: Surroundings): string {
  try {
    return kubeconfigOf(input, surroundings).text;
  } catch {
    return '';
  }
}

function placesIn({ env, cwd }: Surroundings): { readonly name: string; readonly paths: readonly string[] } {
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) {
    return { name: '$KUBECONFIG', paths: [...new Set(listed.map((path) => resolve(cwd, path)))] };
  }
  const home = env.HOME ?? '';
  return { name: '~/.kube/config', paths: home === '' ? [] : [join(home, '.kube', 'config')] };
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Rejection(`nothing, and ${path} can't be read (${code})`, 'give it to the user of this step.');
  }
}

function nothingFound(name: string, paths: readonly string[]): Rejection {
  const where = name === '$KUBECONFIG' ? `$KUBECONFIG names ${paths.join(', ')}` : name;
  return new Rejection(
    `nothing, and there is no file either (${where})`,
    `give the content of a kubeconfig, plain or base64, or run a step before this one that logs in and leaves $KUBECONFIG.`,
  );
}

type Mapping = Readonly<Record<string, unknown>>;

function mappingOf({ path, text }: { readonly path: string; readonly text: string }): Mapping {
  let value: unknown;
  try {
    value = parse(text.replace(/^\uFEFF/, ''), { logLevel: 'silent', version: '1.1' });
  } catch {
    // The parser's own words quote the file.
    value = 0;
  }
  // An empty file is none, to kubectl.
  if (value === null || value === undefined) return {};
  if (isMapping(value) && isKubeconfig(value)) return fromItsDirectory(value, path);
  throw new Rejection(
    `nothing, and ${path} is no kubeconfig`,
    'repair the file, or take it out of $KUBECONFIG.',
  );
}

/** Lists where lists belong, and one of them at least. */
function isKubeconfig(value: Mapping): boolean {
  const lists = LISTS.map((key) => value[key] ?? undefined).filter((list) => list !== undefined);
  return lists.length > 0 && lists.every((list) => Array.isArray(list));
}

const LISTS = ['clusters', 'users', 'contexts'] as const;
const FILES = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/** Paths in a file start where the file lies. */
function fromItsDirectory(file: Mapping, path: string): Mapping {
  const directory = dirname(path);
  const entry = (value: unknown): unknown => {
    if (!isMapping(value)) return value;
    const { exec } = value;
    return {
      ...value,
      ...Object.fromEntries(FILES.flatMap((key) => absolute(value, key, directory))),
      ...(isMapping(exec) && typeof exec.command === 'string' && exec.command.includes('/')
        ? { exec: { ...exec, command: resolve(directory, exec.command) } }
        : {}),
    };
  };
  const located = (item: unknown, key: string): unknown =>
    isMapping(item) ? { ...item, [key]: entry(item[key]) } : item;
  const list = (name: string, key: string): Mapping =>
    Array.isArray(file[name]) ? { [name]: file[name].map((item) => located(item, key)) } : {};
  return { ...file, ...list('clusters', 'cluster'), ...list('users', 'user') };
}

function absolute(entry: Mapping, key: string, directory: string): [string, string][] {
  const path = entry[key];
  return typeof path === 'string' && path !== '' ? [[key, resolve(directory, path)]] : [];
}

/** The first to name something wins, and so does the first current context. A name that is twice in one file stays twice. */
function merged(files: readonly Mapping[]): Mapping {
  const lists = LISTS.map((key) => {
    const seen = new Set<unknown>();
    const items = files.flatMap((file) => {
      const own = Array.isArray(file[key]) ? (file[key] as readonly unknown[]) : [];
      const fresh = own.filter((item) => !seen.has(nameOf(item)));
      own.forEach((item) => seen.add(nameOf(item)));
      return fresh;
    });
    return [key, items] as const;
  });
  const current = files
    .map((file) => file['current-context'])
    .find((name) => name !== undefined && name !== '');
  return {
    apiVersion: 'v1',
    // One that is something else is for the reader to refuse.
    kind: files.map(({ kind }) => kind).find((kind) => kind !== undefined && kind !== 'Config') ?? 'Config',
    ...Object.fromEntries(lists),
    ...(current === undefined ? {} : { 'current-context': current }),
  };
}

function nameOf(item: unknown): unknown {
  return isMapping(item) ? item.name : item;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
