import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Api, createApi } from '../../../src/cluster/api.ts';
import { readKubeconfig } from '../../../src/cluster/kubeconfig.ts';
import { processRunner } from '../../../src/process/command.ts';
import { type HttpsServer, startHttpsServer } from '../../support/https-server.ts';
import { scratch } from '../../support/scratch.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  closers.splice(0).forEach((close) => {
    close();
  });
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server, and how many connections it was asked for. */
async function serve(
  handler: Handler,
): Promise<{ readonly address: string; readonly connections: () => number }> {
  let connections = 0;
  const server = createServer(handler).on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    connections: () => connections,
  };
}

/** A proxy that carries connections, and which ones it was asked for. */
async function proxy(): Promise<{ readonly address: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer().on('connect', (request: IncomingMessage, client: Socket) => {
    asked.push(request.url ?? '');
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    client.on('error', () => upstream.destroy());
    closers.push(() => {
      client.destroy();
      upstream.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return { address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`, asked };
}

const TOKEN: object = { token: 'secret-token' };

function apiOf(
  address: string,
  { cluster = {}, user = TOKEN, signal = new AbortController().signal } = {},
): Api {
  const text = JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: `http://${address}`, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
  return createApi(readKubeconfig(text, ''), 'test', signal);
}

async function secure(handler: Handler): Promise<HttpsServer> {
  const server = await startHttpsServer(handler);
  closers.push(server.close);
  return server;
}

function over(kubeconfig: string, onSecret?: (secret: string) => void): Api {
  const read = readKubeconfig(kubeconfig, '', {}, onSecret === undefined ? {} : { onSecret });
  return createApi(read, 'test', new AbortController().signal);
}

const ask = (api: Api): Promise<unknown> =>
  api.request({ method: 'GET', path: '/x', what: 'get x', retryForMs: 0 });

describe('a request', () => {
  test('goes over the connection that the one before has left', async () => {
    const { address, connections } = await serve((_, response) => response.end('{"n":1}'));
    const api = apiOf(address);
    for (let count = 0; count < 4; count++) expect(await ask(api)).toEqual({ n: 1 });
    expect(connections()).toBe(1);
    expect(api.counts).toEqual({ GET: 4 });
  });

  test('has its answer unpacked', async () => {
    const { address } = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip');
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"é":[1,2]}'));
    });
    expect(await ask(apiOf(address))).toEqual({ é: [1, 2] });
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('%s takes its body with it', async (method) => {
    const { address, connections } = await serve((request, response) => {
      request.setEncoding('utf8');
      let body = '';
      request.on('data', (piece: string) => (body += piece));
      request.on('end', () => response.end(JSON.stringify([request.method, body])));
    });
    const api = apiOf(address);
    const body = { name: 'é' };
    expect(await api.request({ method, path: '/x', what: 'x', body })).toEqual([
      method,
      JSON.stringify(body),
    ]);
    expect(await ask(api)).toEqual(['GET', '']);
    expect(connections()).toBe(1);
  });

  test.each(['plain', 'packed'])('whose %s answer breaks off has no answer', async (how) => {
    const body = how === 'packed' ? gzipSync('{"n":1}') : Buffer.from('{"n":1}');
    const { address } = await serve((_, response) => {
      response.writeHead(200, how === 'packed' ? { 'content-encoding': 'gzip' } : {});
      response.write(body.subarray(0, -2), () => response.destroy());
    });
    await expect(ask(apiOf(address))).rejects.toMatchObject({ status: 0, reason: 'Unreachable' });
  });

  test('ends with the run, for its reason', async () => {
    const run = new AbortController();
    const { address } = await serve((_, response) => {
      response.write('{', () => {
        run.abort(new Error('the run was cancelled'));
      });
    });
    await expect(ask(apiOf(address, { signal: run.signal }))).rejects.toThrow('the run was cancelled');
  });

  test('goes through the proxy of the kubeconfig, and connects once for all', async () => {
    const { address } = await serve((_, response) => response.end('{"n":1}'));
    const via = await proxy();
    const api = apiOf(address, { cluster: { 'proxy-url': `http://${via.address}` } });
    expect(await ask(api)).toEqual({ n: 1 });
    expect(await ask(api)).toEqual({ n: 1 });
    expect(via.asked).toEqual([address]);
  });

  describe('trusts whom kubectl trusts', () => {
    const answers: Handler = (_, response) => response.end('{"n":1}');

    test("the server's own certificate as its authority, also behind a proxy", async () => {
      const { kubeconfig, url } = await secure(answers);
      const { hostname: host, port } = new URL(url);
      const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const own = new X509Certificate(socket.getPeerCertificate().raw).toString();
      socket.destroy();
      const cluster = { 'certificate-authority-data': Buffer.from(own).toString('base64') };
      expect(await ask(over(kubeconfig(TOKEN, cluster)))).toEqual({ n: 1 });
      const { address } = await proxy();
      const behind = kubeconfig(TOKEN, { ...cluster, 'proxy-url': `http://${address}` });
      expect(await ask(over(behind))).toEqual({ n: 1 });
    });

    test("an authority of the system's, where the kubeconfig names none", async () => {
      const { kubeconfig, ca } = await secure(answers);
      const store = join(scratch('istio-upgrade-store'), 'store.pem');
      writeFileSync(store, ca);
      const source = (file: string): string => new URL(`../../../src/cluster/${file}`, import.meta.url).href;
      const script = `
        const { createApi } = await import(${JSON.stringify(source('api.ts'))});
        const { readKubeconfig } = await import(${JSON.stringify(source('kubeconfig.ts'))});
        const api = createApi(readKubeconfig(${JSON.stringify(kubeconfig(TOKEN, {}))}, ''), 'test', new AbortController().signal);
        console.log(JSON.stringify(await api.request({ method: 'GET', path: '/x', what: 'get x', retryForMs: 0 })));
        process.exit();`;
      const ended = await processRunner.run({
        file: process.execPath,
        args: ['--input-type=module', '-e', script],
        env: { SSL_CERT_FILE: store },
        timeoutMs: 20_000,
      });
      expect(ended.stdout).toBe('{"n":1}\n');
    });

    test('and nobody else: it is said where none is named', async () => {
      const { kubeconfig } = await secure(answers);
      const error = await ask(over(kubeconfig(TOKEN, {}))).catch((caught: unknown) => caught);
      expect(String(error)).toContain('the kubeconfig has no certificate-authority-data');
      expect(error).toMatchObject({ remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS') as unknown });
    });
  });

  test('carries the password of a kubeconfig that has one', async () => {
    const { kubeconfig } = await secure((request, response) =>
      response.end(JSON.stringify(request.headers.authorization)),
    );
    const api = over(kubeconfig({ username: 'me', password: 'secret' }));
    expect(await ask(api)).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
  });

  test.each([
    ['as kubectl proxy is', {}],
    ['with a scheme in capitals', { scheme: 'HTTP' }],
    ['told not to check what is not there', { cluster: { 'insecure-skip-tls-verify': true } }],
  ])('shows no credential to a server without TLS, as client-go shows none: %s', async (_, how) => {
    const { scheme = 'http', cluster = {} } = how as { scheme?: string; cluster?: object };
    const { address } = await serve((request, response) =>
      response.end(JSON.stringify({ seen: request.headers.authorization ?? null })),
    );
    expect(await ask(apiOf(address, { cluster: { server: `${scheme}://${address}`, ...cluster } }))).toEqual({
      seen: null,
    });
  });

  test.each([
    ['', {}],
    [', whose scheme is in capitals', { server: 'HTTP' }],
    [', with an authority that is nowhere', { 'certificate-authority': '/nowhere/ca.pem' }],
  ])(
    'reaches a server without TLS as client-go does%s, with nothing said of verification',
    async (_, more) => {
      const { address } = await serve((_request, response) => response.end('{"n":1}'));
      const cluster = { 'insecure-skip-tls-verify': false, ...more };
      const server = `${'server' in more ? more.server : 'http'}://${address}`;
      expect(await ask(apiOf(address, { cluster: { ...cluster, server } }))).toEqual({ n: 1 });
    },
  );

  test('K02: acts as the user, the uid, the groups and the extra fields of the kubeconfig, as client-go writes them', async () => {
    const { kubeconfig } = await secure((request, response) =>
      response.end(JSON.stringify(request.rawHeaders)),
    );
    const user = {
      ...TOKEN,
      as: 'deployér',
      'as-uid': '7',
      'as-groups': ['team-a', 'team-b'],
      'as-user-extra': { 'Acme.io/scöpe%': ['reád', 'write'], none: [], SCOPE: ['a'], scope: [''] },
    };
    const raw = (await ask(over(kubeconfig(user)))) as string[];
    const seen = raw.flatMap((name, at) =>
      at % 2 === 0 && /^impersonate|^authorization/i.test(name)
        ? [`${name.toLowerCase()}: ${raw[at + 1] ?? ''}`]
        : [],
    );
    expect(seen.sort()).toEqual([
      'authorization: Bearer secret-token',
      `impersonate-extra-acme.io%2fsc%c3%b6pe%25: ${Buffer.from('reád').toString('latin1')}`,
      'impersonate-extra-acme.io%2fsc%c3%b6pe%25: write',
      'impersonate-extra-scope: ',
      'impersonate-extra-scope: a',
      'impersonate-group: team-a',
      'impersonate-group: team-b',
      'impersonate-uid: 7',
      `impersonate-user: ${Buffer.from('deployér').toString('latin1')}`,
    ]);
  });
});

test('a token that is no longer taken is asked for again, and the new one kept', async () => {
  const dir = scratch('istio-upgrade-exec');
  const asked = join(dir, 'asked');
  const plugin = join(dir, 'plugin.cjs');
  writeFileSync(asked, '');
  writeFileSync(
    plugin,
    `const fs = require('node:fs');
     fs.appendFileSync(${JSON.stringify(asked)}, 'x');
     const token = 'token-' + fs.readFileSync(${JSON.stringify(asked)}, 'utf8').length;
     const expirationTimestamp = new Date(Date.now() + 3600_000).toISOString();
     console.log(JSON.stringify({ apiVersion: process.argv[2], kind: 'ExecCredential', status: { token, expirationTimestamp } }));`,
  );
  const { kubeconfig } = await secure((request, response) => {
    const taken = request.headers.authorization === 'Bearer token-2';
    response.writeHead(taken ? 200 : 401).end('{"n":1}');
  });
  const apiVersion = 'client.authentication.k8s.io/v1';
  const exec = {
    apiVersion,
    interactiveMode: 'Never',
    command: process.execPath,
    args: [plugin, apiVersion],
  };
  const secrets: string[] = [];
  const api = over(kubeconfig({ exec }), (secret) => secrets.push(secret));
  expect(await ask(api)).toEqual({ n: 1 });
  expect(await ask(api)).toEqual({ n: 1 });
  expect(readFileSync(asked, 'utf8')).toBe('xx');
  expect(secrets).toEqual(['token-1', 'token-2']);
});

describe('a watch', () => {
  const watch = { method: 'GET', path: '/w', what: 'watch x' } as const;

  test('hands out each line when it is whole', async () => {
    const bytes = Buffer.from('{"a":1}\n{"é":2}\n');
    const middleOfLetter = bytes.indexOf('é') + 1;
    let goOn = (): void => undefined;
    const { address } = await serve((_, response) => {
      response.write(bytes.subarray(0, middleOfLetter));
      goOn = () => response.end(bytes.subarray(middleOfLetter));
    });
    const lines: string[] = [];
    for await (const line of apiOf(address).lines(watch, new AbortController().signal)) {
      lines.push(line);
      if (lines.length === 1) goOn();
    }
    expect(lines).toEqual(['{"a":1}', '{"é":2}']);
  });

  test('ends with its signal', async () => {
    const { address } = await serve((_, response) => {
      response.write('{"a":1}\n');
    });
    const over = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const line of apiOf(address).lines(watch, over.signal)) {
        seen.push(line);
        over.abort(new Error('enough'));
      }
    })();
    await expect(watching).rejects.toThrow();
    expect(seen).toEqual(['{"a":1}']);
  });
});
