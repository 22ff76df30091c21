import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import { stringify } from 'yaml';
import { type KeyPair, createAuthority } from './certificate.ts';

/** Answers one request; `user` is whom the client certificate names. */
export type Respond = (
  asked: IncomingMessage,
  response: ServerResponse,
  body: string,
  user: string | undefined,
) => void;

/** A server on loopback with an authority of its own, for tests of the way to a server. */
export interface HttpsServer {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  /** A certificate that the server takes. */
  readonly client: (name: string) => KeyPair;
  /** A kubeconfig for it. */
  readonly kubeconfig: (user: object, cluster?: object) => string;
  readonly close: () => void;
}

export interface HttpsServerOptions {
  /** What its certificate names. */
  readonly hosts?: readonly string[];
  /** When its certificate is good. */
  readonly period?: readonly [from: number, to: number];
  readonly upgrade?: (asked: IncomingMessage, socket: Duplex) => void;
  /** Told of each connection before its TLS. */
  readonly onConnection?: () => void;
}

/** Starts a server that asks for client certificates and takes whoever has none, too. */
export async function startHttpsServer(
  respond: Respond,
  { hosts = ['127.0.0.1'], period, upgrade, onConnection }: HttpsServerOptions = {},
): Promise<HttpsServer> {
  const authority = createAuthority('server-ca');
  const server = createServer({
    ...authority.issue({ name: 'server', hosts, ...(period === undefined ? {} : { period }) }),
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('request', (asked: IncomingMessage, response: ServerResponse) => {
    let body = '';
    asked.on('data', (piece: Buffer) => (body += piece.toString()));
    asked.on('end', () => {
      const { socket } = asked;
      const known = socket instanceof TLSSocket && socket.authorized;
      const name = known ? socket.getPeerCertificate().subject.CN : undefined;
      respond(asked, response, body, [name].flat()[0]);
    });
  });
  if (upgrade !== undefined) server.on('upgrade', upgrade);
  if (onConnection !== undefined) server.on('connection', onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  return {
    url,
    ca: authority.cert,
    client: (name) => authority.issue({ name }),
    kubeconfig: (user, cluster = { 'certificate-authority-data': encode(authority.cert) }) =>
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'test',
        contexts: [{ name: 'test', context: { cluster: 'test', user: 'me' } }],
        clusters: [{ name: 'test', cluster: { server: url, ...cluster } }],
        users: [{ name: 'me', user }],
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The fields of a kubeconfig's user for a client certificate. */
export function certificateUser({ cert, key }: KeyPair): object {
  return {
    'client-certificate-data': Buffer.from(cert).toString('base64'),
    'client-key-data': Buffer.from(key).toString('base64'),
  };
}
