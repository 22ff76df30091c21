import { type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type Socket, connect } from 'node:net';

/** Longest for a connection to come about, in milliseconds: istioctl has its own patience beyond. */
const CONNECT_MS = 30_000;

/**
 * A connection to `host:port`, through an `http://` or `https://` proxy where there is one. The proxy's certificate is
 * judged by the authorities that Node knows (`NODE_EXTRA_CA_CERTS` adds to them).
 */
export function dial(target: string, proxy: string | undefined): Promise<Socket> {
  return proxy === undefined ? direct(target) : tunnel(target, proxy);
}

function direct(target: string): Promise<Socket> {
  const [port = '443'] = target.split(':').slice(-1);
  const host = target.slice(0, -port.length - 1).replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), timeout: CONNECT_MS });
    socket.once('error', reject);
    socket.once('timeout', () => socket.destroy(new Error(`no connection within ${CONNECT_MS / 1000} s`)));
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

function tunnel(target: string, proxy: string): Promise<Socket> {
  const request = proxy.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    request({
      ...throughProxy(proxy, target, { host: target }),
      method: 'CONNECT',
      agent: false,
      timeout: CONNECT_MS,
    })
      .once('connect', (answer, socket: Socket) => {
        socket.setTimeout(0);
        if (answer.statusCode === 200) resolve(socket);
        else {
          socket.destroy();
          reject(new Error(`the proxy answered ${String(answer.statusCode)}`));
        }
      })
      .once('response', (answer) => {
        answer.destroy();
        reject(new Error(`the proxy answered ${String(answer.statusCode)}`));
      })
      .once('timeout', function (this: { destroy: (error: Error) => void }) {
        this.destroy(new Error(`no answer of the proxy within ${CONNECT_MS / 1000} s`));
      })
      .once('error', reject)
      .end();
  });
}

/** Options of a request that asks a proxy for a target, with the credentials of its URL. */
export function throughProxy(
  proxy: string,
  target: string,
  headers: OutgoingHttpHeaders,
): { host: string; port: number; path: string; headers: OutgoingHttpHeaders } {
  const { protocol, hostname, port, username, password } = new URL(proxy);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    path: target,
    headers: {
      ...headers,
      ...(username === ''
        ? {}
        : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
  };
}
