import { type Server, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { KeyPair } from './certificate.ts';

/** A proxy that people put between a runner and the world. */
export interface ConnectProxy {
  readonly port: number;
  /** Where it was asked to connect to, in order. */
  readonly asked: readonly string[];
  readonly close: () => void;
}

/** What a proxy asks for and serves with. */
export interface ConnectProxyOptions {
  readonly host?: string;
  /** `user:password` that it wants to see. */
  readonly credentials?: string;
  /** Makes it an `https://` proxy. */
  readonly tls?: KeyPair;
  /** Where names lead that no DNS knows. */
  readonly names?: Readonly<Record<string, string>>;
  readonly onAsked?: (target: string) => void;
}

/** Starts a proxy that carries connections (CONNECT). */
export async function startConnectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const { host = '127.0.0.1', credentials, tls, names = {}, onAsked } = options;
  const asked: string[] = [];
  const open = new Set<Duplex>();
  const server: Server = tls === undefined ? createServer() : createTlsServer(tls);
  const wanted =
    credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  server.on('connect', (incoming, client: Socket, head: Buffer) => {
    const { url = '', headers } = incoming;
    if (headers['proxy-authorization'] !== wanted) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    asked.push(url);
    onAsked?.(url);
    const { hostname, port } = new URL(`http://${url}`);
    const far = connect(Number(port), names[hostname] ?? hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.write(head);
      client.pipe(far).pipe(client);
    });
    for (const socket of [client, far]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        open.delete(socket);
        client.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () => {
      server.close();
      server.closeAllConnections();
      open.forEach((socket) => socket.destroy());
    },
  };
}
