import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { CommandNotRunnable, type CommandResult, type CommandRunner } from '../process/command.ts';
import { childEnvironment } from '../process/environment.ts';
import { CredentialError } from './credential-error.ts';
import type { Entry } from './kubeconfig-file.ts';
import { clusterInfo } from './plugin-cluster.ts';
import { harmlessWords } from './plugin-words.ts';
import { isSendable } from './token.ts';

/** `exec` of a kubeconfig's user (client.authentication.k8s.io). */
export interface ExecConfig {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: string;
}

/** What a plugin gave. */
export interface ExecCredential {
  readonly token?: string;
  /** PEM. */
  readonly cert?: string;
  /** PEM. */
  readonly key?: string;
  /** Milliseconds since 1970; undefined where it does not say. */
  readonly expiresAt?: number;
}

export interface ExecPlugin {
  /** The credential, from the last call while it is good. @throws CredentialError */
  readonly credential: () => Promise<ExecCredential>;
  /** The server did not take it: the next is asked for anew. */
  readonly forget: () => void;
}

/** What a plugin runs in. */
export interface ExecSurroundings {
  readonly runner: CommandRunner;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The cluster's entry in the kubeconfig, for plugins that ask for it. */
  readonly cluster: Entry;
}

/** A plugin that hangs must not hang the run. */
const DEADLINE_MS = 30_000;
/** A plugin asks a server of its own, which may be away for a moment. */
const TRIES = 3;
/** A credential is not used so close to its end, in milliseconds. */
const MARGIN_MS = 10_000;

/**
 * Runs a kubeconfig's exec plugin as kubectl does. client-node can, too, but without a deadline, without the
 * environment that plugins are promised, with ours that holds the inputs, and it keeps a token that is refused.
 */
export function createExecPlugin(exec: ExecConfig, surroundings: ExecSurroundings): ExecPlugin {
  let known: ExecCredential | undefined;
  let asking: Promise<ExecCredential> | undefined;
  return {
    credential: async () => {
      if (known !== undefined && (known.expiresAt ?? Infinity) - MARGIN_MS > Date.now()) return known;
      // Requests that find it expired at the same time ask once.
      asking ??= ask(exec, surroundings).finally(() => {
        asking = undefined;
      });
      known = await asking;
      return known;
    },
    forget: () => {
      known = undefined;
    },
  };
}

async function ask(exec: ExecConfig, surroundings: ExecSurroundings): Promise<ExecCredential> {
  for (let tries = 1; ; tries++) {
    const result = await start(exec, surroundings);
    const flaw = flawOf(result);
    if (flaw === undefined) return parse(exec, result.stdout);
    if (tries >= TRIES) throw failed(exec, flaw);
    await sleep(tries * 1_000);
  }
}

async function start(exec: ExecConfig, { runner, env, cluster }: ExecSurroundings): Promise<CommandResult> {
  const { command = '', args, env: own } = exec;
  const info = {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true ? { cluster: clusterInfo(cluster) } : {}),
    },
  };
  try {
    return await runner.run({
      file: command,
      args: args ?? [],
      env: {
        ...childEnvironment(env),
        ...Object.fromEntries((own ?? []).map(({ name, value = '' }) => [name, value])),
        KUBERNETES_EXEC_INFO: JSON.stringify(info),
      },
      timeoutMs: DEADLINE_MS,
    });
  } catch (error) {
    if (!(error instanceof CommandNotRunnable)) throw error;
    throw new CredentialError(
      `the kubeconfig gets its credential from the program "${command}": ${error.message}`,
      exec.installHint ??
        `Install "${command}" in a step before this one, so that it is on PATH; a path in the kubeconfig is taken from the workspace.`,
    );
  }
}

function flawOf({ code, signal, timedOut, stderr }: CommandResult): string | undefined {
  if (timedOut) return `did not end within ${DEADLINE_MS / 1000} s`;
  if (code === 0) return undefined;
  const words = harmlessWords(stderr);
  const said =
    stderr.trim() === ''
      ? ', and said nothing'
      : words === ''
        ? '; what it said is not shown, as it may hold a secret'
        : `: ${words}`;
  return `ended with ${signal ?? `exit code ${String(code)}`}${said}`;
}

/** As client-go takes it (exec.go of plugin/pkg/client/auth): the version that was asked for, certificate and key together. */
function parse(exec: ExecConfig, text: string): ExecCredential {
  const answer = answerOf(text);
  const [kind, apiVersion] = [textOf(answer.kind), textOf(answer.apiVersion)];
  const wanted = exec.apiVersion ?? '';
  if (kind === 'ExecCredential' && apiVersion !== wanted) {
    // Its own words are not quoted, whatever they are.
    const answered = /^client\.authentication\.k8s\.io\/v1(?:alpha1|beta1)?$/.test(apiVersion)
      ? apiVersion
      : 'another';
    throw failed(
      exec,
      `is configured to use API version ${wanted}, and returned version ${answered}`,
      `Write the apiVersion that the plugin answers into the kubeconfig, or use a release of it that answers ${wanted}.`,
    );
  }
  const { token, cert, key, expires } = statusOf(answer.status);
  if (kind !== 'ExecCredential' || (token === '' && cert === '' && key === '')) {
    throw failed(exec, 'printed no ExecCredential with a token or a client certificate');
  }
  if ((cert === '') !== (key === '')) throw failed(exec, 'returned only certificate or key, not both');
  if (!isSendable(token)) {
    throw failed(exec, 'printed a token with characters that no header can hold, such as a line break');
  }
  if (!isPair(cert, key))
    throw failed(exec, 'returned a certificate and a key that belong to no pair, or are no PEM');
  const expiresAt = Date.parse(expires);
  return {
    ...(token === '' ? {} : { token }),
    ...(cert === '' ? {} : { cert, key }),
    ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
  };
}

/** Whether they can be shown to a server; else each request would end as if that were away. Node's words may quote them. */
function isPair(cert: string, key: string): boolean {
  if (cert === '') return true;
  try {
    createSecureContext({ cert, key });
    return true;
  } catch {
    return false;
  }
}

/** What an ExecCredential says, as far as it is of the type that it should be: it is whatever the plugin printed. */
function statusOf(status: unknown): Record<'token' | 'cert' | 'key' | 'expires', string> {
  const said = Object(status) as Readonly<Record<string, unknown>>;
  return {
    token: textOf(said.token),
    cert: textOf(said.clientCertificateData),
    key: textOf(said.clientKeyData),
    expires: textOf(said.expirationTimestamp),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

interface ExecAnswer {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly status?: unknown;
}

/** Nothing of what it printed is ever told: it is a secret. */
function answerOf(text: string): ExecAnswer {
  try {
    return (JSON.parse(text) as ExecAnswer | null) ?? {};
  } catch {
    return {};
  }
}

function failed(
  { command = '' }: ExecConfig,
  flaw: string,
  remedy = 'Run it by hand with the same environment. Once it works, run the phase again: it goes on where it stopped.',
): CredentialError {
  return new CredentialError(
    `the kubeconfig gets its credential from the program "${command}", which ${flaw}`,
    remedy,
  );
}
