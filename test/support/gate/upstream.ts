import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { Setup } from './message.ts';

/** An answer to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What is between a client and the gate, and not for the server. */
const HOP_BY_HOP = ['authorization', 'connection', 'transfer-encoding', 'content-length'];

/** The real server, spoken to as the real user. */
export class Upstream {
  readonly #setup: Setup;
  readonly #url: URL;
  #agent: Agent;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#url = new URL(setup.server);
    this.#agent = this.#newAgent();
  }

  /** Sends a request and gives the answer as it begins. */
  open(asked: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = { ...this.#headers(asked), 'content-length': String(body.length) };
      const { hostname: host, port } = this.#url;
      const { method, url: path } = asked;
      request({ agent: this.#agent, host, port: port === '' ? 443 : port, method, path, headers })
        .once('response', resolve)
        .once('error', reject)
        .end(body);
    });
  }

  /** Sends a request, and gives the whole answer. */
  async ask(asked: IncomingMessage, body: Buffer): Promise<Answer> {
    const answer = await this.open(asked, body);
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) };
  }

  /** Hands a connection that is to be upgraded over to the server, and gives the other end. */
  tunnel(asked: IncomingMessage, client: Duplex, head: Buffer): Duplex {
    const { hostname: host, port } = this.#url;
    const socket = connect({ ...this.#tls(), host, port: port === '' ? 443 : Number(port) });
    const headers = Object.entries({
      ...this.#headers(asked),
      connection: 'Upgrade',
      upgrade: asked.headers.upgrade,
    });
    const lines = headers.flatMap(([name, value]) =>
      [value ?? []].flat().map((each) => `${name}: ${each}\r\n`),
    );
    socket.write(`${asked.method ?? ''} ${asked.url ?? ''} HTTP/1.1\r\n${lines.join('')}\r\n`);
    socket.write(head);
    client.pipe(socket).pipe(client);
    const end = (): void => {
      client.destroy();
      socket.destroy();
    };
    for (const side of [client, socket]) side.on('close', end).on('error', end);
    return socket;
  }

  /** Breaks off all that is under way. */
  reset(): void {
    this.#agent.destroy();
    this.#agent = this.#newAgent();
  }

  /** Idle connections go long before the server's side would close them: no request may be lost by that. */
  #newAgent(): Agent {
    return new Agent({ ...this.#tls(), keepAlive: true, timeout: 20_000 });
  }

  #tls(): { ca: string; cert?: string; key?: string } {
    const { ca, user } = this.#setup;
    return user.cert === undefined ? { ca } : { ca, cert: user.cert, key: user.key ?? '' };
  }

  #headers({ headers }: IncomingMessage): IncomingHttpHeaders {
    const { token } = this.#setup.user;
    const end = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name));
    return {
      ...Object.fromEntries(end),
      host: this.#url.host,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }
}

/** The body of a message to its end. */
export async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
