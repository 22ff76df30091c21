import type { KubeConfig } from '@kubernetes/client-node';
import type { Agent, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Socket } from 'node:net';

/** Idle connections are closed before a load balancer between here and the server drops them without a word. */
const IDLE_MS = 30_000;

/** Who we are to the API server, and the pool of connections that says so. */
export interface Credential {
  readonly headers: OutgoingHttpHeaders;
  /** `user:password` of a kubeconfig that has them. */
  readonly auth: string | undefined;
  readonly agent: Agent;
}

/**
 * The credential of a kubeconfig's current context, TLS and proxy included: all that is client-node's.
 *
 * @throws CredentialError, or what a file that can't be read throws
 */
export async function credentialOf(config: KubeConfig): Promise<Credential> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return {
    headers: options.headers as OutgoingHttpHeaders,
    auth: options.auth ?? undefined,
    agent: pooled(options.agent as Agent),
  };
}

/** client-node makes agents that use each connection once. */
function pooled(agent: Agent): Agent {
  return Object.assign(agent, {
    keepAlive: true,
    keepSocketAlive: (socket: Socket) => {
      socket.setTimeout(IDLE_MS).unref();
      return true;
    },
  });
}
