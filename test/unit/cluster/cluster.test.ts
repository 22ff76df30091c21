import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ApiError } from '../../../src/cluster/api-error.ts';
import { createApi } from '../../../src/cluster/api.ts';
import { type Cluster, createCluster } from '../../../src/cluster/cluster.ts';
import { readKubeconfig } from '../../../src/cluster/kubeconfig.ts';

type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  closers.splice(0).forEach((close) => {
    close();
  });
});

/** A cluster whose API server is the handler. */
async function clusterOf(handler: Handler, fence?: () => void): Promise<Cluster> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += String(piece)));
    request.on('end', () => {
      handler(request, body, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return clusterAt(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, fence);
}

function clusterAt(server: string, fence?: () => void): Cluster {
  const text = JSON.stringify({
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 'secret-token' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
  const ended = new AbortController();
  closers.push(() => {
    ended.abort();
  });
  return createCluster(createApi(readKubeconfig(text, '').config, 'test', ended.signal), fence);
}

const json = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

/** A ConfigMap with a version that moves, as the API server keeps it. */
function configMap(): { value: string; version: number; puts: number; read: () => object } {
  const state = {
    value: 'old',
    version: 1,
    puts: 0,
    read: () => ({
      metadata: { name: 'm', resourceVersion: String(state.version) },
      data: { v: state.value },
    }),
  };
  return state;
}

const want = (current: { data?: Readonly<Record<string, string>> }): object | undefined =>
  current.data?.v === 'new' ? undefined : { data: { v: 'new' } };

describe('reads', () => {
  test('are repeated when the server is overloaded, and carry the credential', async () => {
    let tries = 0;
    const cluster = await clusterOf((request, _, response) => {
      expect(request.headers.authorization).toBe('Bearer secret-token');
      tries++;
      if (tries === 1) json(response, 429, {}, { 'retry-after': '0' });
      else if (tries === 2) json(response, 503, {});
      else if (tries === 3) response.destroy();
      else json(response, 200, { gitVersion: 'v1.35.4' });
    });
    expect(await cluster.version()).toBe('v1.35.4');
    expect(tries).toBe(4);
  });

  test('follow the pages', async () => {
    const cluster = await clusterOf((request, _, response) => {
      const next = new URL(request.url ?? '', 'http://x').searchParams.get('continue');
      const item = (name: string) => ({ metadata: { name } });
      if (next === null) json(response, 200, { metadata: { continue: 'p2' }, items: [item('a')] });
      else json(response, 200, { metadata: {}, items: [item('b')] });
    });
    const names: string[] = [];
    for await (const { metadata } of cluster.list('Namespace')) names.push(metadata.name);
    expect(names).toEqual(['a', 'b']);
  });

  test('of a server that is not there name it', async () => {
    const cluster = clusterAt('http://127.0.0.1:9');
    await expect(cluster.version(0)).rejects.toThrow(/get \/version: no answer from http:\/\/127\.0\.0\.1:9/);
  });

  test('a 403 says what was asked and what the server says', async () => {
    const cluster = await clusterOf((_, __, response) => {
      json(response, 403, { reason: 'Forbidden', message: 'pods is forbidden: User "u" cannot list' });
    });
    const error = await cluster.get('Pod', 'p', 'ns').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(String(error)).toMatch(/get pods ns\/p: 403 Forbidden .*cannot list/);
  });
});

describe('edit: a write is never repeated blindly', () => {
  test('a conflict is looked at and decided again, with the new version as precondition', async () => {
    const map = configMap();
    const cluster = await clusterOf((request, body, response) => {
      if (request.method === 'GET') {
        json(response, 200, map.read());
        return;
      }
      map.puts++;
      if (map.puts === 1) {
        map.version = 7;
        json(response, 409, { reason: 'Conflict' });
        return;
      }
      expect((JSON.parse(body) as { metadata: object }).metadata).toMatchObject({ resourceVersion: '7' });
      map.value = 'new';
      json(response, 200, map.read());
    });
    expect(await cluster.edit('ConfigMap', 'm', 'ns', want)).toMatchObject({ changed: true });
    expect(map.puts).toBe(2);
  });

  test.each(['lost', 500] as const)(
    'an answer that is %s although it was carried out is not sent again',
    async (how) => {
      const map = configMap();
      const cluster = await clusterOf((request, _, response) => {
        if (request.method === 'GET') {
          json(response, 200, map.read());
          return;
        }
        map.puts++;
        map.value = 'new';
        map.version++;
        if (how === 'lost') response.destroy();
        else json(response, how, {});
      });
      expect(await cluster.edit('ConfigMap', 'm', 'ns', want)).toMatchObject({ changed: true });
      expect(map.puts).toBe(1);
    },
  );

  test('an object that is not there is no error, and nothing is sent', async () => {
    const cluster = await clusterOf((request, _, response) => {
      expect(request.method).toBe('GET');
      json(response, 404, { reason: 'NotFound' });
    });
    expect(await cluster.edit('ConfigMap', 'm', 'ns', want)).toBeUndefined();
  });

  test('promise 4: without the lock nothing is sent', async () => {
    const map = configMap();
    const cluster = await clusterOf(
      (request, _, response) => {
        expect(request.method).toBe('GET');
        json(response, 200, map.read());
      },
      () => {
        throw new Error('the lock is lost');
      },
    );
    await expect(cluster.edit('ConfigMap', 'm', 'ns', want)).rejects.toThrow('the lock is lost');
    await expect(cluster.create('ConfigMap', {}, 'ns')).rejects.toThrow('the lock is lost');
    await expect(cluster.remove('ConfigMap', 'm', 'ns', undefined)).rejects.toThrow('the lock is lost');
  });
});
