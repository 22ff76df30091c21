import type { Finding } from '../finding.ts';
import { type ConfigurationText, scalarsOf } from './configuration-text.ts';
import { treeOf } from './leaves.ts';
import { UNREVISIONED } from './names.ts';

/**
 * Keys of an IstioOperator's spec that name the revision. The first outweighs no `--revision`, but stands where there is none,
 * as for the control plane without one; the others outweigh it (`MergeInputs` and `GenerateManifest` in
 * operator/pkg/render/manifest.go). `set` takes none of them.
 */
const KEYS = [['revision'], ['values', 'revision'], ['unvalidatedValues', 'revision']] as const;

/**
 * The spec that, as the last one, makes a configuration one of this revision. Only of keys that it has: istioctl notes each,
 * and an old one does not know all. Undefined where it names no revision.
 *
 * @param user `spec` of the user's files, merged
 */
export function revisionOver(user: unknown, revision: string): object | undefined {
  const value = revision === UNREVISIONED ? '' : revision;
  const over = KEYS.flatMap(([key, below]): object[] => {
    const is = treeOf(user)[key];
    if (below === undefined) return is === undefined ? [] : [{ [key]: value }];
    return treeOf(is)[below] === undefined ? [] : [{ [key]: { [below]: value } }];
  });
  return over.length === 0 ? undefined : (Object.assign({}, ...over) as object);
}

/** Files that name another revision than the one that is installed: it does not count, and who wrote it may not know. */
export function judgeNamedRevision(texts: readonly ConfigurationText[], revision: string): Finding[] {
  const keys: readonly string[] = KEYS.map((path) => ['spec', ...path].join('.'));
  const same = revision === UNREVISIONED ? ['', UNREVISIONED] : [revision];
  return texts
    .flatMap(scalarsOf)
    .filter(({ path, value }) => keys.includes(path) && !same.includes(value))
    .map(({ name, line, path, value }) => ({
      id: 'configuration-names-revision',
      severity: 'warning',
      message: `${name}, line ${String(line)}: ${path} is ${JSON.stringify(value)}, and does not count: ${revision === UNREVISIONED ? 'the control plane is installed without a revision, as it is' : `the control plane is installed as revision ${revision}`}`,
      remedy:
        revision === UNREVISIONED
          ? 'Nothing, if an upgrade in place is meant; take it out of the file. A control plane of a revision of its own is made by strategy: revision.'
          : `Nothing, if it is to be ${revision}; take it out of the file. Another name is given by the input revision.`,
    }));
}
