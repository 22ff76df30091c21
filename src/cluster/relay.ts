import { createServer, request } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A way to the API server that can be cut. */
export interface Relay {
  /** For a kubeconfig's `proxy-url`. */
  readonly url: string;
  close(): void;
}

/** The far end: the API server, and the proxy before it if there is one. */
export interface Destination {
  /** `https://host:port/…` of the kubeconfig. */
  readonly server: string;
  /** An `http://` proxy, or undefined. */
  readonly proxy: string | undefined;
}

/**
 * Opens a proxy on loopback that leads to one API server only. istioctl, which outlives our own requests and can't be
 * fenced by a precondition, reaches the server through it; when the lock is lost, nothing more comes through (promise 4).
 *
 * TLS stays between istioctl and the server: only connections are carried, nothing is read.
 *
 * @param fence throws when this run may not write any more; asked for each connection and for each piece that goes up,
 * so a process that was frozen and wakes after a takeover forwards nothing of what had piled up
 */
export async function openRelay(destination: Destination, fence: () => void): Promise<Relay> {
  const { hostname, port } = new URL(destination.server);
  const target = `${hostname}:${port === '' ? '443' : port}`;
  const open = new Set<Duplex>();
  const keep = (socket: Duplex): void => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // A connection that breaks is the client's to notice and to tell.
    socket.on('error', () => socket.destroy());
  };

  const server = createServer((_, response) => {
    response.writeHead(405).end('this proxy only carries connections to one API server\n');
  });
  server.on('connect', (incoming, client, head) => {
    keep(client);
    if (incoming.url !== target || !allows(fence)) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    dial(target, destination.proxy).then(
      (upstream) => {
        keep(upstream);
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        if (head.length > 0) upstream.write(head);
        client.on('data', (piece: Buffer) => {
          if (!allows(fence)) {
            client.destroy();
            upstream.destroy();
          } else if (!upstream.write(piece)) {
            client.pause();
            upstream.once('drain', () => client.resume());
          }
        });
        client.on('end', () => upstream.end());
        client.on('close', () => upstream.destroy());
        upstream.on('close', () => client.destroy());
        upstream.pipe(client);
      },
      (error: unknown) => {
        client.end(
          `HTTP/1.1 502 ${error instanceof Error ? error.message.replace(/\s+/g, ' ') : ''}\r\n\r\n`,
        );
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () => {
      server.close();
      open.forEach((socket) => socket.destroy());
    },
  };
}

function allows(fence: () => void): boolean {
  try {
    fence();
    return true;
  } catch {
    return false;
  }
}

/** A connection to the API server, through the proxy where there is one. */
function dial(target: string, proxy: string | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (proxy === undefined) {
      const [port = '443'] = target.split(':').slice(-1);
      const host = target.slice(0, -port.length - 1).replace(/^\[|\]$/g, '');
      const socket = connect({ host, port: Number(port) }, () => {
        resolve(socket);
      });
      socket.once('error', reject);
      return;
    }
    const { hostname, port, username, password } = new URL(proxy);
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    request({
      host: hostname,
      port: port === '' ? 80 : Number(port),
      method: 'CONNECT',
      path: target,
      headers:
        username === ''
          ? {}
          : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` },
    })
      .once('connect', (answer, socket) => {
        if (answer.statusCode === 200) resolve(socket);
        else reject(new Error(`the proxy answered ${String(answer.statusCode)}`));
      })
      .once('error', reject)
      .end();
  });
}
