import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { createAuthority } from '../certificate.ts';
import { launcher } from '../testbed.ts';
import type { Rule } from './fault.ts';
import type { Answered, Arrival, Command, Event, Held, Setup, When } from './message.ts';

export type { Fault, Rule } from './fault.ts';
export type { Answered, Arrival, Held, When } from './message.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

/** Without what belongs to each command: its id. */
type Order = Command extends infer C ? (C extends Command ? Omit<C, 'id'> : never) : never;

/**
 * A server that stands in front of a cluster's API server as if it were it: it counts what would persist and can stop
 * everything at one such request.
 */
export interface Gate {
  /** Leads to the cluster through the gate. The server sees the user of the kubeconfig that the gate was given. */
  readonly kubeconfig: string;
  /**
   * Shuts the gate at persisting request `at` (counted from 1 since the start or the last reset): `before` it is
   * forwarded, or `after` the server has answered it, with the answer withheld. Nothing at all is forwarded from then
   * on, neither requests nor answers nor streams; whoever asks waits.
   */
  arm(hold: { readonly at: number; readonly when: When }): Promise<void>;
  /** Fulfilled when the gate that was last armed has shut, and what it had forwarded before is settled. */
  readonly held: Promise<Held>;
  /** Breaks all connections, counts from 0 and forwards again; what was armed is no more. */
  reset(): Promise<void>;
  /** The persisting requests since the last reset in order of arrival; status 0 where there is no answer (yet). */
  requests(): Promise<readonly Answered[]>;
  /** How many renewals of the Action's Lease there were since the last reset. They are not among the requests. */
  heartbeats(): Promise<number>;
  /**
   * Puts faults in the way, instead of those before; none: the way is good again.
   *
   * @param seed for rules with a chance
   */
  befall(rules: readonly Rule[], seed?: number): Promise<void>;
  /** The requests that met a fault since the last `befall`, with the index of the rule. */
  faults(): Promise<readonly Met[]>;
  /** Takes only this bearer token from now on: the one in the kubeconfig has expired. */
  accept(token: string): Promise<void>;
  /** A new token, which is not taken yet, and the kubeconfig with it. */
  renewed(): { readonly token: string; readonly kubeconfig: string };
  close(): Promise<void>;
}

/** A request that met a fault. */
export interface Met {
  readonly rule: number;
  readonly method: string;
  readonly path: string;
  readonly userAgent: string;
}

/**
 * Starts a gate.
 *
 * @param cluster name of the testbed cluster in whose network it runs; undefined: in this machine's
 * @param kubeconfig with one context, whose credentials (a client certificate or a token) are in it
 * @param host address inside to listen on
 */
export async function startGate(
  cluster: string | undefined,
  kubeconfig: string,
  host = '127.0.0.1',
): Promise<Gate> {
  const authority = createAuthority('gate-ca');
  const token = newToken();
  const file = parse(kubeconfig) as KubeconfigFile;
  const setup: Setup = {
    ...farEnd(file),
    tls: authority.issue({ name: 'gate', hosts: ['127.0.0.1', host, 'gate.test'] }),
    token,
    host,
  };
  const gate = new GateProcess(cluster === undefined ? [] : launcher(cluster));
  const port = await gate.start(setup);
  const kubeconfigWith = (bearer: string): string =>
    stringify({
      ...file,
      clusters: [
        {
          name: file.clusters[0]!.name,
          cluster: {
            server: `https://${host}:${port}`,
            'certificate-authority-data': Buffer.from(authority.cert).toString('base64'),
          },
        },
      ],
      users: [{ name: file.users[0]!.name, user: { token: bearer } }],
    });
  return Object.assign(gate, {
    kubeconfig: kubeconfigWith(token),
    renewed: () => {
      const next = newToken();
      return { token: next, kubeconfig: kubeconfigWith(next) };
    },
  });
}

function newToken(): string {
  return randomBytes(24).toString('hex');
}

interface KubeconfigFile {
  readonly clusters: readonly {
    readonly name: string;
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly {
    readonly name: string;
    readonly user: {
      readonly token?: string;
      readonly 'client-certificate-data'?: string;
      readonly 'client-key-data'?: string;
    };
  }[];
}

function farEnd(file: KubeconfigFile): Pick<Setup, 'server' | 'ca' | 'user'> {
  const { cluster } = file.clusters[0]!;
  const { user } = file.users[0]!;
  const decode = (data: string): string => Buffer.from(data, 'base64').toString();
  const [cert, key] = [user['client-certificate-data'], user['client-key-data']];
  return {
    server: cluster.server,
    ca: decode(cluster['certificate-authority-data']),
    user: {
      ...(user.token === undefined ? {} : { token: user.token }),
      ...(cert === undefined || key === undefined ? {} : { cert: decode(cert), key: decode(key) }),
    },
  };
}

/** The gate's process, spoken to in lines. */
class GateProcess implements Omit<Gate, 'kubeconfig' | 'renewed'> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<undefined>>();
  readonly #listening = Promise.withResolvers<number>();
  #held!: PromiseWithResolvers<Held>;
  #requests = new Map<number, Answered>();
  #heartbeats = 0;
  readonly #met: Met[] = [];
  #lastId = 0;

  constructor(prefix: readonly string[]) {
    this.#renewHeld();
    const [command, ...args] = [...prefix, process.execPath, MAIN];
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS'));
    this.#child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin?.on('error', () => undefined); // told by its end
    createInterface(this.#child.stdout!).on('line', (line) => this.#hear(JSON.parse(line) as Event));
    this.#child.once('error', (error) => this.#fail(error));
    this.#child.once('exit', (code) => this.#fail(new Error(`the gate ended with ${String(code)}`)));
  }

  start(setup: Setup): Promise<number> {
    this.#say(setup);
    return this.#listening.promise;
  }

  async arm(hold: { readonly at: number; readonly when: When }): Promise<void> {
    this.#renewHeld();
    await this.#order({ do: 'arm', ...hold });
  }

  get held(): Promise<Held> {
    return this.#held.promise;
  }

  async reset(): Promise<void> {
    await this.#order({ do: 'reset' });
  }

  async requests(): Promise<readonly Answered[]> {
    await this.#order({ do: 'ping' });
    return [...this.#requests.values()];
  }

  async heartbeats(): Promise<number> {
    await this.#order({ do: 'ping' });
    return this.#heartbeats;
  }

  async befall(rules: readonly Rule[], seed = 1): Promise<void> {
    await this.#order({ do: 'fault', rules, seed });
  }

  async faults(): Promise<readonly Met[]> {
    await this.#order({ do: 'ping' });
    return [...this.#met];
  }

  async accept(token: string): Promise<void> {
    await this.#order({ do: 'accept', token });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin?.end();
    await ended;
  }

  #order(order: Order): Promise<undefined> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<undefined>();
    this.#waiting.set(id, answer);
    this.#say({ id, ...order });
    return answer.promise;
  }

  #say(message: object): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  #hear(event: Event): void {
    if ('listening' in event) this.#listening.resolve(event.listening);
    else if ('done' in event) this.#waiting.get(event.done)?.resolve(undefined);
    else if ('failed' in event) this.#waiting.get(event.failed)?.reject(new Error(event.why));
    else if ('rules' in event) this.#met.length = 0;
    else if ('fault' in event) {
      const { fault: rule, ...rest } = event;
      this.#met.push({ rule, ...rest });
    } else if ('reset' in event) {
      this.#renewHeld();
      this.#requests = new Map();
      this.#heartbeats = 0;
    } else if ('beat' in event) this.#heartbeats = event.beat;
    else if ('held' in event) {
      const { held, ...rest } = event;
      this.#held.resolve({ n: held, ...rest });
    } else if ('answered' in event) {
      const arrival: Arrival = this.#requests.get(event.answered)!;
      this.#requests.set(event.answered, { ...arrival, status: event.status });
    } else this.#requests.set(event.n, { ...event, status: 0 });
  }

  /** Nobody may be waiting for it. */
  #renewHeld(): void {
    this.#held = Promise.withResolvers();
    this.#held.promise.catch(() => undefined);
  }

  #fail(error: Error): void {
    for (const { reject } of [this.#listening, this.#held, ...this.#waiting.values()]) reject(error);
  }
}
