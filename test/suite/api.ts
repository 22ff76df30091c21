import { Agent, request } from 'node:https';
import { parse } from 'yaml';

/** A request to a cluster's API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: object;
  /** Of the body, where it is not JSON. */
  readonly type?: string;
}

export interface ApiAnswer {
  readonly status: number;
  /** Parsed; `{}` where there was none. */
  readonly body: unknown;
}

export type Api = (request: ApiRequest) => Promise<ApiAnswer>;

/** By this name the suite's own requests are told from the Action's. */
export const USER_AGENT = 'scenario-suite';

/** The parts of a kubeconfig with one cluster and one user, as the two clusters write it. */
export interface Kubeconfig {
  'current-context': string;
  clusters: {
    name: string;
    cluster: {
      server: string;
      'certificate-authority-data'?: string;
      'tls-server-name'?: string;
      'insecure-skip-tls-verify'?: boolean;
    };
  }[];
  users: {
    name: string;
    user: {
      'client-certificate-data'?: string;
      'client-key-data'?: string;
      token?: string;
      exec?: { apiVersion: string; command: string; interactiveMode: string };
    };
  }[];
}

export function readKubeconfig(text: string): Kubeconfig {
  return parse(text) as Kubeconfig;
}

/** Talks to the API server that a kubeconfig names, over connections that stay open. Needs nothing but Node. */
export function apiOf(kubeconfig: string): { readonly api: Api; readonly close: () => void } {
  const { clusters, users } = readKubeconfig(kubeconfig);
  const { cluster } = clusters[0]!;
  const { user } = users[0]!;
  const bytes = (data: string | undefined) => (data === undefined ? undefined : Buffer.from(data, 'base64'));
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 8,
    ca: bytes(cluster['certificate-authority-data']),
    cert: bytes(user['client-certificate-data']),
    key: bytes(user['client-key-data']),
  });
  const identity: Record<string, string> =
    user.token === undefined ? {} : { authorization: `Bearer ${user.token}` };
  const send: Api = ({ method, path, body, type = 'application/json' }) =>
    new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, cluster.server),
        {
          method,
          agent,
          headers: {
            ...identity,
            accept: 'application/json',
            'user-agent': USER_AGENT,
            ...(body === undefined ? {} : { 'content-type': type }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) });
          });
        },
      );
      sent.once('error', (error: NodeJS.ErrnoException) => {
        // The server may close a connection that was idle just when it is used again: nothing was read then.
        if (sent.reusedSocket && error.code === 'ECONNRESET')
          send({ method, path, type, ...(body === undefined ? {} : { body }) }).then(resolve, reject);
        else reject(error);
      });
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    api: send,
    close: () => {
      agent.destroy();
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}
