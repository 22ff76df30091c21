import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAuthority } from './certificate.ts';
import type { Mutant } from './kubeconfig-mutants.ts';

/** Kubeconfigs as clouds and tools write them, and as people break them: one a file, its title in the first line. */
export interface CorpusFile {
  readonly name: string;
  readonly title: string;
  /** With `%CA%`, `%CERT%` … where certificates, keys and files belong: none of them is in the repository. */
  readonly template: string;
}

/** What is said of a kubeconfig. */
export interface Verdict {
  readonly taken: boolean;
  /** Why it is refused; empty where it is taken. */
  readonly says: string;
}

/** What is recorded of the whole corpus. */
export interface CorpusAnswers {
  /** Of kubectl, whose client-go is the reference. */
  readonly kubectl: string;
  readonly answers: Readonly<Record<string, CorpusAnswer>>;
  /** Kubeconfigs that are edited at random, and whether kubectl takes them. */
  readonly mutants: readonly (Mutant & { readonly taken: boolean })[];
}

export interface CorpusAnswer {
  readonly kubectl: Verdict;
  readonly ours: Verdict;
  /** What kubectl says of the text that istioctl is given, where we take the kubeconfig. */
  readonly narrowed?: Verdict;
}

const CORPUS = fileURLToPath(new URL('../fixtures/kubeconfigs/', import.meta.url));
export const ANSWERS = join(CORPUS, 'answers.json');

export function readCorpus(): CorpusFile[] {
  const files = readdirSync(CORPUS).filter((file) => file.endsWith('.yaml'));
  return files.sort().map((file) => {
    const template = readFileSync(join(CORPUS, file), 'utf8');
    return { name: file.replace(/\.yaml$/, ''), title: /^# (.*)\n/.exec(template)?.[1] ?? '', template };
  });
}

export function readAnswers(): CorpusAnswers {
  return JSON.parse(readFileSync(ANSWERS, 'utf8')) as CorpusAnswers;
}

/** A directory with the files that kubeconfigs of the corpus name, and with plugins that answer at once. */
export interface Stage {
  readonly dir: string;
  /** For PATH. */
  readonly plugins: string;
  /** A template with certificates and paths of this stage. */
  readonly fill: (template: string) => string;
  /** A text without what is another on each machine. */
  readonly clean: (text: string) => string;
}

const DAY_MS = 86_400_000;
const PLUGINS = [
  ...[
    'aws',
    'aws-iam-authenticator',
    'gke-gcloud-auth-plugin',
    'kubelogin',
    'rancher',
    'doctl',
    'oci',
    'tsh',
    'tbot',
  ],
  ...['ack-ram-tool', 'kubectl-gardenlogin', 'pinniped', 'kubectl', 'kops', 'tanzu', 'vcluster'],
];
/** Answers in the version that it is asked in. */
const PLUGIN = `#!/bin/sh
version=v1
case "$KUBERNETES_EXEC_INFO" in *v1beta1*) version=v1beta1;; esac
echo '{"apiVersion":"client.authentication.k8s.io/'$version'","kind":"ExecCredential","status":{"token":"made-up"}}'
`;

/** Makes a stage in an empty directory. */
export function makeStage(dir: string): Stage {
  const authority = createAuthority('corpus-ca');
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const own = authority.issue({ name: 'ops', group: 'system:masters' });
  const other = authority.issue({ name: 'other' });
  const expired = authority.issue({
    name: 'old',
    period: [Date.now() - 9 * DAY_MS, Date.now() - 2 * DAY_MS],
  });
  const plugins = join(dir, 'bin');
  mkdirSync(plugins);
  mkdirSync(join(dir, 'plugins'));
  for (const path of [...PLUGINS.map((name) => join(plugins, name)), join(dir, 'plugins', 'spiffe-token')]) {
    writeFileSync(path, PLUGIN);
    chmodSync(path, 0o755);
  }
  writeFileSync(join(dir, 'ca.pem'), authority.cert);
  writeFileSync(join(dir, 'client.pem'), own.cert);
  writeFileSync(join(dir, 'client.key'), own.key);
  writeFileSync(join(dir, 'token'), 'made-up\n');
  const values: Readonly<Record<string, string>> = {
    CA: base64(authority.cert),
    CA_BUNDLE: base64(`# the old one\n${authority.cert}\nand the new one\n${createAuthority('new-ca').cert}`),
    // Below an indentation of eight.
    CA_FOLDED: (base64(authority.cert).match(/.{1,64}/g) ?? []).join('\n        '),
    CA64: base64(base64(authority.cert)),
    CERT: base64(own.cert),
    KEY: base64(own.key),
    OTHER_KEY: base64(other.key),
    EXPIRED_CERT: base64(expired.cert),
    EXPIRED_KEY: base64(expired.key),
    JWT: jwt(),
    BIN: plugins,
  };
  return {
    dir,
    plugins,
    fill: (template) => template.replace(/%([A-Z0-9_]+)%/g, (whole, name: string) => values[name] ?? whole),
    clean: (text) => text.replaceAll(dir, 'DIR').trim(),
  };
}

/** A token that is good for an hour, to who does not look at its signature. */
function jwt(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return `${part({ alg: 'none' })}.${part({ iss: 'made-up', sub: 'made-up', exp })}.c2ln`;
}
