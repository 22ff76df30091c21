import { stringify } from 'yaml';
import { type Client, createClient } from './client.ts';
import { complaint } from './complaint.ts';
import { readConfig } from './config.ts';
import { ACCESS, type FlagName, type Given, duration, readFlags } from './flags.ts';
import { install } from './install.ts';
import { readAccess } from './kubeconfig.ts';
import { precheck } from './precheck.ts';
import { answer } from './print.ts';
import { statusDocuments } from './proxies.ts';
import { Refusal, usage } from './refusal.ts';
import { asksOneRevision, precheckSpeaksJson, statusForm } from './releases.ts';
import { asRendered } from './labels.ts';
import { asPrinted } from './printed.ts';
import { render } from './render.ts';
import { statusTable } from './status-table.ts';
import { listTags, removeTag, setTag } from './tag.ts';
import { uninstall } from './uninstall.ts';

/**
 * What stands in for istioctl on the embedded cluster: the commands that the Action uses, done by requests to the API
 * as istioctl's own are. Called with the version that it is to be, then the command line.
 */
interface Command {
  readonly flags: readonly FlagName[];
  /** Needs a cluster, and is given the way to it. */
  readonly online?: (given: Given, client: Client, version: string) => Promise<void>;
  /** True where that was all. */
  readonly offline?: (given: Given, version: string) => boolean;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  version: {
    flags: [...ACCESS, 'remote', 'output', 'revision', 'istioNamespace'],
    offline: printVersion,
    online: meshVersion,
  },
  'manifest generate': { flags: ['filename', 'set', 'revision'], offline: generate },
  'x precheck': {
    flags: [...ACCESS, 'output', 'istioNamespace'],
    online: (given, client, version) => {
      if (precheckSpeaksJson(version)) mustBe(given, 'output', 'json');
      return precheck(client, version);
    },
  },
  install: {
    flags: [...ACCESS, 'filename', 'set', 'revision', 'readiness-timeout', 'skip-confirmation', 'wait'],
    online: install,
  },
  uninstall: {
    flags: [...ACCESS, 'revision', 'set', 'dry-run', 'skip-confirmation', 'istioNamespace'],
    online: uninstall,
  },
  'tag set': {
    flags: [
      ...ACCESS,
      'revision',
      'overwrite',
      'auto-inject-namespaces',
      'skip-confirmation',
      'istioNamespace',
    ],
    online: setTag,
  },
  'tag list': { flags: [...ACCESS, 'istioNamespace'], online: listTags },
  'tag remove': { flags: [...ACCESS, 'skip-confirmation', 'istioNamespace'], online: removeTag },
  'proxy-status': {
    flags: [...ACCESS, 'revision', 'output', 'verbosity', 'istioNamespace'],
    online: proxyStatus,
  },
};

/** What a command is called in older releases; which of them has which name is in `accepted.ts`. */
const OLDER: Readonly<Record<string, string>> = {
  'manifest apply': 'install',
  'x uninstall': 'uninstall',
  'x revision tag set': 'tag set',
  'x revision tag list': 'tag list',
  'x revision tag remove': 'tag remove',
};

const buildOf = (version: string): object => ({
  version,
  revision: 'embedded',
  golang_version: 'none',
  status: 'Clean',
  tag: version,
});

/** Of itself alone; with a cluster to ask, {@link meshVersion} says the rest. */
function printVersion(given: Given, version: string): boolean {
  mustBe(given, 'output', 'json');
  if (given.text('remote') === undefined) return false;
  mustBe(given, 'remote', 'false');
  answer(JSON.stringify({ clientVersion: buildOf(version) }, null, 2));
  return true;
}

/** What the istiods say of themselves, and of their proxies; one that does not answer is left out. */
async function meshVersion(given: Given, client: Client, version: string): Promise<void> {
  const revision = given.text('revision');
  if (revision === undefined) throw usage('this stand-in asks one revision only: --revision');
  const documents = await statusDocuments(
    client,
    given.text('istioNamespace') ?? 'istio-system',
    revision,
    version,
  );
  const meshVersion = documents.map(({ controlPlane }) => {
    const { Info } = JSON.parse(controlPlane.identifier) as { Info: { version: string } };
    return { Component: 'pilot', Revision: revision, Info };
  });
  const dataPlaneVersion = documents.flatMap(({ resources = [] }) =>
    resources.map(({ node: { id, metadata } }) => ({ ID: id, IstioVersion: metadata.ISTIO_VERSION })),
  );
  const clientVersion = buildOf(version);
  answer(JSON.stringify({ clientVersion, meshVersion, dataPlaneVersion }, null, 2));
}

function generate(given: Given, version: string): boolean {
  const config = readConfig(given.all('filename'), given.all('set'), given.text('revision'), version);
  const { base, pilot, cni, gateways } = render(config, version);
  for (const item of [...base, ...pilot, ...cni, ...gateways])
    answer(`${stringify(asPrinted(asRendered(item), version))}---`);
  return true;
}

async function proxyStatus(given: Given, client: Client, version: string): Promise<void> {
  if (given.text('output') !== undefined) mustBe(given, 'output', 'json');
  if (given.text('verbosity') !== undefined) mustBe(given, 'verbosity', '1');
  const revision = given.text('revision');
  if (revision === undefined && asksOneRevision(version))
    throw usage('this stand-in asks one revision only: --revision');
  const documents = await statusDocuments(
    client,
    given.text('istioNamespace') ?? 'istio-system',
    revision,
    version,
  );
  const form = statusForm(version, { output: given.text('output'), verbosity: given.text('verbosity') });
  if (form !== 'json') statusTable(documents, form, version).forEach(answer);
  // One after the other, without anything in between: it is no single JSON value.
  else for (const document of documents) answer(JSON.stringify(document, null, 4));
}

function mustBe(given: Given, flag: FlagName, value: string): void {
  const is = given.text(flag);
  if (is !== value) throw usage(`this stand-in knows --${flag}=${value} only, not ${is ?? 'its absence'}`);
}

async function main(version: string, args: readonly string[]): Promise<void> {
  const words = args.slice(0, args.findIndex((arg) => arg.startsWith('-')) >>> 0);
  const spelled = [4, 2, 1].map((count) => words.slice(0, count).join(' '));
  const name = spelled.find((name) => COMMANDS[OLDER[name] ?? name] !== undefined);
  const command = COMMANDS[OLDER[name ?? ''] ?? name ?? ''];
  if (name === undefined || command === undefined) {
    throw usage(`unknown command ${JSON.stringify(words.join(' '))} for "istioctl"`);
  }
  const given = readFlags(args.slice(name.split(' ').length), command.flags);
  // What istioctl of this very version does not know, no stand-in for it knows.
  const refused = complaint(Number(version.split('.')[1]), args);
  if (refused !== undefined) throw usage(refused);
  if (command.offline?.(given, version) === true || command.online === undefined) return;
  const access = readAccess(given.text('kubeconfig') ?? process.env.KUBECONFIG, given.text('context'));
  const client = createClient(
    access,
    `istioctl/${version} (embedded stand-in)`,
    duration(given.text('kubeclient-timeout') ?? '15s'),
  );
  try {
    await command.online(given, client, version);
  } finally {
    client.close();
  }
}

const [version = '', ...args] = process.argv.slice(2);
main(version, args).catch((error: unknown) => {
  process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof Refusal ? error.exitCode : 1;
});
