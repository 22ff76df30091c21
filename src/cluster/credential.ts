import { type SecureContextOptions, createSecureContext } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Agent, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { authorities } from './authorities.ts';

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
  const agent = options.agent as Agent;
  // What it opens its connections with, in the agents for proxies, too; the types leave it out.
  const own = (agent as unknown as { readonly options: TrustOptions }).options;
  if (config.getCurrentCluster()?.server.startsWith('https:') === true) trustAsGo(own);
  return {
    headers: options.headers as OutgoingHttpHeaders,
    auth: options.auth ?? undefined,
    agent: pooled(agent),
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

/** Of an agent's options, those that decide whom it trusts. */
interface TrustOptions extends SecureContextOptions {
  rejectUnauthorized?: boolean;
  secureContext?: ReturnType<typeof createSecureContext>;
}

/**
 * Trusts whom kubectl trusts. Go ends a chain at any certificate that it is given, be it an intermediate or the server's
 * own (crypto/x509, Verify), and given none it takes those of the system; Node takes roots alone, and its own list.
 * The context is made once for all connections of the agent: with the system's store that takes some 40 ms (265 and 578
 * certificates), which is spent only where the kubeconfig has no authority.
 */
function trustAsGo(options: TrustOptions): void {
  options.allowPartialTrustChain = true;
  const given = (options.ca ?? undefined) !== undefined || options.rejectUnauthorized === false;
  if (given || options.secureContext !== undefined) return;
  options.secureContext = createSecureContext({ ...options, ca: authorities() });
}
