import { once } from 'node:events';
import { Agent, type Server, createServer, request } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse, stringify } from 'yaml';
import { selfSigned } from '../../embedded/api/certificate.ts';
import { type Moment } from './acts.ts';

/** Stands between the Action and the API server, and strikes at a write of a run that is counted. */
export interface Gate {
  /** A way for a new run alone, as a kubeconfig: what is left of the last run can't come through it. */
  arm(strike: Strike | undefined): Promise<string>;
  /** The run that is going on is dead: nothing of it gets through any more. */
  kill(): void;
  /** How often the run has asked for one and the same thing, at most, since `calm` was called: it polls. */
  readonly polled: number;
  /** Requests since then. */
  readonly requests: number;
  calm(): void;
  close(): void;
}

export interface Strike extends Moment {
  readonly work: () => Promise<void>;
}

/** It may die while something of it is waited for. */
function isDead({ dead }: { readonly dead: boolean }): boolean {
  return dead;
}

/** The lock is taken. */
const LEASE = /\/leases\b/;
/** Not counted: the Lease, whose renewals come when they come. */
const UNCOUNTED = /\/leases\b|selfsubjectaccessreviews|\/token$|dryRun=All/;

/** @param kubeconfig of the cluster behind it, with one cluster and a token */
export function startGate(kubeconfig: string): Gate {
  const config = parse(kubeconfig) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  };
  const behind = config.clusters[0]!.cluster;
  const upstream = new URL(behind.server);
  const agent = new Agent({
    keepAlive: true,
    ca: Buffer.from(behind['certificate-authority-data'], 'base64'),
  });
  const own = selfSigned('gate');
  behind['certificate-authority-data'] = Buffer.from(own.certificate).toString('base64');
  let run = { dead: false, writes: 0, struck: false, strike: undefined as Strike | undefined };
  const lists = new Map<string, Buffer>();
  const asked = new Map<string, number>();

  async function pass(mine: typeof run, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (isDead(mine)) {
      incoming.socket.destroy();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const path = incoming.url ?? '/';
    if (!path.includes('/leases')) asked.set(path, (asked.get(path) ?? 0) + 1);
    const counted = incoming.method !== 'GET' && !UNCOUNTED.test(path);
    if (counted) mine.writes += 1;
    const { strike } = mine;
    const locks = incoming.method !== 'GET' && LEASE.test(path) && strike?.write === 0;
    const due = locks || (counted && strike?.write === mine.writes) ? strike : undefined;
    if (due?.when === 'before') await hit(mine, due);
    if (isDead(mine)) {
      incoming.socket.destroy();
      return;
    }
    const stale = mine.strike?.stale === true && /\/(pods|deployments|namespaces)\?/.test(path);
    const old = stale ? lists.get(path) : undefined;
    const answer = Promise.withResolvers<undefined>();
    const sent = request(
      {
        host: upstream.hostname,
        port: upstream.port,
        path,
        method: incoming.method,
        agent,
        headers: incoming.headers,
      },
      (response) => {
        if (path.includes('watch=')) {
          outgoing.writeHead(response.statusCode ?? 500, response.headers);
          response.pipe(outgoing);
          outgoing.once('close', () => response.destroy());
          answer.resolve(undefined);
          return;
        }
        const body: Buffer[] = [];
        response.on('data', (chunk: Buffer) => body.push(chunk));
        response.once('error', answer.reject);
        response.once('end', () => {
          const whole = Buffer.concat(body);
          void (due?.when === 'after' ? hit(mine, due) : Promise.resolve()).then(() => {
            if (isDead(mine)) incoming.socket.destroy();
            else {
              if (incoming.method === 'GET' && /^\/apis?\//.test(path)) lists.set(path, whole);
              // Sieve's second fault: a list of an older moment, once for each.
              if (old !== undefined) lists.delete(path);
              const headers = Object.entries(response.headers).filter(
                ([name]) => name !== 'transfer-encoding' && name !== 'content-length',
              );
              outgoing.writeHead(response.statusCode ?? 500, Object.fromEntries(headers));
              outgoing.end(old ?? whole);
            }
            answer.resolve(undefined);
          }, answer.reject);
        });
      },
    );
    sent.once('error', answer.reject);
    sent.end(Buffer.concat(chunks));
    await answer.promise;
  }

  async function hit(mine: typeof run, strike: Strike): Promise<void> {
    if (mine.struck) return;
    mine.struck = true;
    await strike.work();
  }

  let server: Server | undefined;
  const end = (): void => {
    server?.close();
    server?.closeAllConnections();
  };
  return {
    // A run that is dead in this process only may still ask: a port of its own tells it from the next.
    arm: async (strike) => {
      end();
      const mine = (run = { dead: false, writes: 0, struck: false, strike });
      server = createServer(
        { cert: own.certificate, key: own.key, keepAlive: true },
        (incoming, outgoing) => {
          pass(mine, incoming, outgoing).catch(() => incoming.socket.destroy());
        },
      );
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      server.unref();
      behind.server = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
      return stringify(config);
    },
    kill: () => {
      run.dead = true;
      server?.closeAllConnections();
    },
    get polled() {
      return Math.max(0, ...asked.values());
    },
    get requests() {
      return asked.size;
    },
    calm: () => {
      asked.clear();
    },
    close: () => {
      end();
      agent.destroy();
    },
  };
}
