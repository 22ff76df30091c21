import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ApiError } from '../../../src/cluster/api-error.ts';
import { type Patience, createApi } from '../../../src/cluster/api.ts';
import { type Cluster, createCluster } from '../../../src/cluster/cluster.ts';
import type { Fence } from '../../../src/cluster/fence.ts';
import { endingOf } from '../../../src/engine/ending.ts';
import { readKubeconfig } from '../../../src/cluster/kubeconfig.ts';
import { startHttpsServer } from '../../support/https-server.ts';

type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  closers.splice(0).forEach((close) => {
    close();
  });
});

/** A cluster whose API server is the handler. */
async function clusterOf(
  handler: Handler,
  fence?: Fence,
  onWrite?: () => void,
  patience?: Patience,
): Promise<Cluster> {
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
  return clusterAt(
    `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    fence,
    onWrite,
    patience,
  );
}

function clusterAt(server: string, fence?: Fence, onWrite?: () => void, patience?: Patience): Cluster {
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
  const api = createApi(readKubeconfig(text, ''), 'test', ended.signal, patience);
  return createCluster(api, fence, onWrite);
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
  test('are repeated when the server is overloaded', async () => {
    let tries = 0;
    const cluster = await clusterOf((_request, _, response) => {
      tries++;
      if (tries === 1) json(response, 429, {}, { 'retry-after': '0' });
      else if (tries === 2) json(response, 503, {});
      else if (tries === 3) response.destroy();
      else json(response, 200, { gitVersion: 'v1.35.4' });
    });
    expect(await cluster.version()).toBe('v1.35.4');
    expect(tries).toBe(4);
  });

  test('are not repeated for ever: a server that stays overloaded, or asks for too much patience, is told', async () => {
    let tries = 0;
    const cluster = await clusterOf((_request, _body, response) => {
      tries++;
      json(response, 429, { reason: 'TooManyRequests' }, { 'retry-after': 'nonsense' });
    });
    await expect(cluster.version(1_000)).rejects.toMatchObject({ status: 429 });
    expect(tries).toBeLessThan(6);
  });

  test('that are cut in the middle of the answer are repeated', async () => {
    let tries = 0;
    const cluster = await clusterOf((_request, _body, response) => {
      if (++tries > 1) {
        json(response, 200, { metadata: { name: 'm' } });
        return;
      }
      response.writeHead(200, { 'content-length': '1000' }).write('{"metadata":', () => response.destroy());
    });
    expect(await cluster.get('ConfigMap', 'm', 'ns')).toMatchObject({ metadata: { name: 'm' } });
  });

  test('access reviews and rehearsals persist nothing, and are repeated too', async () => {
    let tries = 0;
    const cluster = await clusterOf((_request, _body, response) => {
      if (++tries % 2 === 1) response.destroy();
      else json(response, 201, { status: { allowed: true }, metadata: { name: 'p' } });
    });
    expect(await cluster.may({ verb: 'get', group: '', resource: 'pods' })).toBe(true);
    expect(await cluster.rehearse('Pod', {}, 'ns')).toMatchObject({ admitted: true });
    expect(tries).toBe(4);
  });

  test('a list whose pages are not kept any more begins anew, and gives each object once', async () => {
    let expired = 0;
    const cluster = await clusterOf((request, _, response) => {
      const next = new URL(request.url ?? '', 'http://x').searchParams.get('continue');
      const item = (name: string) => ({ metadata: { name } });
      if (next === null)
        json(response, 200, { kind: 'List', metadata: { continue: 'p2' }, items: [item('a')] });
      else if (expired++ === 0) json(response, 410, { reason: 'Expired' });
      else json(response, 200, { kind: 'List', metadata: {}, items: [item('b')] });
    });
    const names: string[] = [];
    for await (const { metadata } of cluster.list('Namespace')) names.push(metadata.name);
    expect(names).toEqual(['a', 'b']);
    expired = 0;
    const { items } = await cluster.listForWatch('Namespace');
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });

  test('objects of a resource that is no known kind come in pages, too, also where these are not kept any more', async () => {
    let expired = 0;
    const asked: string[] = [];
    const cluster = await clusterOf((request, _, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
      const next = searchParams.get('continue');
      asked.push(`${pathname} ${String(next)} ${String(searchParams.get('labelSelector'))}`);
      if (next === null) json(response, 200, { kind: 'List', metadata: { continue: 'p2' }, items: ['a'] });
      else if (expired++ === 0) json(response, 410, { reason: 'Expired' });
      else json(response, 200, { kind: 'List', metadata: { continue: '' }, items: ['b'] });
    });
    const items: unknown[] = [];
    const options = { labelSelector: 'a=b,!c' };
    for await (const item of cluster.custom('x.istio.io', 'v1', 'things', options)) items.push(item);
    expect(items).toEqual(['a', 'a', 'b']);
    const path = '/apis/x.istio.io/v1/things';
    expect(asked).toEqual(['null', 'p2', 'null', 'p2'].map((page) => `${path} ${page} a=b,!c`));
  });

  test('what a group serves is each resource in the version that the server puts first', async () => {
    const cluster = await clusterOf((request, _, response) => {
      const answers: Readonly<Record<string, object>> = {
        '/apis/x.istio.io': {
          kind: 'APIGroup',
          versions: [{ version: 'v1alpha3' }, { version: 'v1' }],
          preferredVersion: { version: 'v1' },
        },
        '/apis/x.istio.io/v1': { kind: 'APIResourceList', resources: [{ name: 'things' }] },
        '/apis/x.istio.io/v1alpha3': {
          kind: 'APIResourceList',
          resources: [{ name: 'things' }, { name: 'filters' }],
        },
        '/apis/odd': { message: 'session expired' },
      };
      const answer = answers[request.url ?? ''];
      if (answer === undefined) response.writeHead(404).end('404 page not found');
      else json(response, 200, answer);
    });
    expect([...(await cluster.served('x.istio.io'))].sort()).toEqual([
      ['filters', 'v1alpha3'],
      ['things', 'v1'],
    ]);
    expect((await cluster.served('y.istio.io')).size).toBe(0);
    await expect(cluster.served('odd')).rejects.toThrow(/is no API group/);
  });

  test("an answer that is not the API server's is told as what it is, and a redirection is not followed", async () => {
    const paths: string[] = [];
    const cluster = await clusterOf((request, _, response) => {
      paths.push(request.url ?? '');
      if (request.url === '/version') response.writeHead(200).end('<html>Sign in</html>');
      else response.writeHead(302, { location: '/login' }).end();
    });
    await expect(cluster.version(0)).rejects.toThrow(/not JSON but begins with "<html>Sign in/);
    await expect(cluster.get('ConfigMap', 'm', 'ns')).rejects.toMatchObject({ status: 302 });
    expect(paths).not.toContain('/login');
  });

  test.each([
    '{"message":"session expired"}',
    '{"kind":"Status"}',
    '[]',
    '"a"',
    '{"kind":"PodList","items":{}}',
  ])('%s is no list without objects: it is not the API server who answers', async (answer) => {
    const once = { requestMs: 5_000, retryForMs: 0 };
    const respond: Handler = (_request, _body, response) => response.end(answer);
    const cluster = await clusterOf(respond, undefined, undefined, once);
    await expect(cluster.listForWatch('Namespace')).rejects.toThrow(
      /list namespaces: the answer from http.* is not a list of Kubernetes objects but begins with/,
    );
    await expect(cluster.any('x.istio.io', 'v1', 'things')).rejects.toThrow(/is not a list/);
  });

  test.each(['{"kind":"NamespaceList","items":null}', '{"kind":"NamespaceList","metadata":{}}'])(
    '%s is one',
    async (answer) => {
      const cluster = await clusterOf((_request, _body, response) => response.end(answer));
      expect(await cluster.listForWatch('Namespace')).toEqual({ items: [], version: '' });
      expect(await cluster.any('x.istio.io', 'v1', 'things')).toBe(false);
    },
  );

  test.each([
    [404, 'page not found', {}],
    [400, 'Client sent an HTTP request to an HTTPS server.', {}],
    [405, '', {}],
    [
      301,
      '<a href="https://login.example/secret">Moved</a>',
      { location: 'https://login.example/secret?token=secret' },
    ],
    [302, '', { location: '/login' }],
  ])('%s to the first question is of no API server: check the address', async (status, body, headers) => {
    const cluster = await clusterOf((_request, _body, response) =>
      response.writeHead(status, headers).end(body),
    );
    const error = await cluster.version(0).catch((caught: unknown) => caught);
    const [told] = endingOf(error, false, undefined).findings;
    expect(told?.id).toBe('cluster-unreachable');
    expect(told?.message).toMatch(/what answers at http:\/\/127.* is no Kubernetes API/);
    if (status >= 400) expect(told?.message).toContain(body);
    expect(told?.remedy).toContain('scheme, host and path');
    expect(told?.message).not.toContain('secret');
    if (status === 301) expect(told?.message).toContain('it sends to login.example (');
    if (status === 302) expect(told?.message).toContain('it sends to 127.0.0.1:');
  });

  test('a later 404 is what is not there', async () => {
    const cluster = await clusterOf((_request, _body, response) =>
      json(response, 404, { reason: 'NotFound' }),
    );
    expect(await cluster.get('ConfigMap', 'm', 'ns')).toBeUndefined();
  });

  test('follow the pages', async () => {
    const cluster = await clusterOf((request, _, response) => {
      const next = new URL(request.url ?? '', 'http://x').searchParams.get('continue');
      const item = (name: string) => ({ metadata: { name } });
      if (next === null)
        json(response, 200, { kind: 'List', metadata: { continue: 'p2' }, items: [item('a')] });
      else json(response, 200, { kind: 'List', metadata: {}, items: [item('b')] });
    });
    const names: string[] = [];
    for await (const { metadata } of cluster.list('Namespace')) names.push(metadata.name);
    expect(names).toEqual(['a', 'b']);
  });

  test('ask for the next page while one is looked at', async () => {
    const second = Promise.withResolvers<undefined>();
    const cluster = await clusterOf((request, _, response) => {
      const next = new URL(request.url ?? '', 'http://x').searchParams.get('continue');
      if (next !== null) second.resolve(undefined);
      json(response, 200, {
        kind: 'List',
        metadata: next === null ? { continue: 'p2' } : {},
        items: [{ metadata: { name: 'a' } }],
      });
    });
    for await (const { metadata } of cluster.list('Namespace')) {
      await second.promise;
      expect(metadata.name).toBe('a');
    }
    expect(cluster.received.objects).toBe(2);
  });

  test('a page that is on its way is nothing to whoever has seen enough', async () => {
    const failed = Promise.withResolvers<undefined>();
    const cluster = await clusterOf((request, _, response) => {
      const next = new URL(request.url ?? '', 'http://x').searchParams.get('continue');
      if (next === null)
        json(response, 200, {
          kind: 'List',
          metadata: { continue: 'p2' },
          items: [{ metadata: { name: 'a' } }],
        });
      else {
        json(response, 403, { reason: 'Forbidden' });
        failed.resolve(undefined);
      }
    });
    for await (const { metadata } of cluster.list('Namespace')) {
      await failed.promise;
      if (metadata.name === 'a') break;
    }
    await sleep(20);
  });

  test('pods are asked for in the short form, and taken in JSON from who does not know it', async () => {
    const accepted: (string | undefined)[] = [];
    const cluster = await clusterOf((request, _, response) => {
      accepted.push(request.headers.accept);
      json(response, 200, { kind: 'List', metadata: {}, items: [{ metadata: { name: 'cart-1' } }] });
    });
    const names: string[] = [];
    for await (const { metadata } of cluster.list('Pod')) names.push(metadata.name);
    for await (const { metadata } of cluster.list('Namespace')) names.push(metadata.name);
    expect(names).toEqual(['cart-1', 'cart-1']);
    expect(accepted).toEqual(['application/vnd.kubernetes.protobuf, application/json', 'application/json']);
  });

  test('a refusal in the short form says what the server says', async () => {
    const text = (field: number, words: string) =>
      Buffer.from([field * 8 + 2, words.length, ...Buffer.from(words)]);
    const status = Buffer.concat([text(3, 'pods is forbidden'), text(4, 'Forbidden')]);
    const kind = text(2, 'Status');
    const packed = Buffer.from([
      ...Buffer.from('k8s\0'),
      10,
      kind.length,
      ...kind,
      18,
      status.length,
      ...status,
    ]);
    const cluster = await clusterOf((_, __, response) => {
      response.writeHead(403, { 'content-type': 'application/vnd.kubernetes.protobuf' }).end(packed);
    });
    await expect(cluster.list('Pod')[Symbol.asyncIterator]().next()).rejects.toThrow(
      'list pods: 403 Forbidden pods is forbidden',
    );
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

  test('a conflict is nothing that we have done', async () => {
    const map = configMap();
    const cluster = await clusterOf((request, _, response) => {
      if (request.method === 'GET') {
        json(response, 200, map.read());
        return;
      }
      map.value = 'new';
      map.version++;
      json(response, 409, { reason: 'Conflict' });
    });
    expect(await cluster.edit('ConfigMap', 'm', 'ns', want)).toMatchObject({ changed: false });
  });

  test('promise 4: the fence is asked again before a write that was refused as too many is repeated', async () => {
    const map = configMap();
    let held = true;
    const cluster = await clusterOf(
      (request, _, response) => {
        if (request.method === 'GET') {
          json(response, 200, map.read());
          return;
        }
        map.puts++;
        held = false;
        json(response, 429, {}, { 'retry-after': '0' });
      },
      () => {
        if (!held) throw new Error('the lock is lost');
      },
    );
    await expect(cluster.edit('ConfigMap', 'm', 'ns', want)).rejects.toThrow('the lock is lost');
    expect(map.puts).toBe(1);
  });

  test('promise 4: a lock that is lost while the connection comes about: the write does not follow', async () => {
    const map = configMap();
    let held = true;
    const asked: string[] = [];
    const server = await startHttpsServer(
      ({ method = '' }, response) => {
        asked.push(method);
        // The look and the write have a connection each.
        response.setHeader('connection', 'close');
        json(response, 200, map.read());
      },
      { onConnection: () => (held = asked.length === 0) },
    );
    closers.push(server.close);
    const api = createApi(
      readKubeconfig(server.kubeconfig({ token: 'secret-token' }), ''),
      'test',
      new AbortController().signal,
    );
    const cluster = createCluster(api, () => {
      if (!held) throw new Error('the lock is lost');
    });
    await expect(cluster.edit('ConfigMap', 'm', 'ns', want)).rejects.toThrow('the lock is lost');
    expect(asked).toEqual(['GET']);
  });

  test('promise 4: while the fence makes wait, nothing is sent', async () => {
    const map = configMap();
    let wait: Promise<void> | undefined;
    let go: () => void = () => undefined;
    wait = new Promise((resolve) => (go = resolve));
    const cluster = await clusterOf(
      (request, _, response) => {
        if (request.method !== 'GET') {
          map.puts++;
          map.value = 'new';
        }
        json(response, 200, map.read());
      },
      () => wait,
    );
    const edited = cluster.edit('ConfigMap', 'm', 'ns', want);
    await sleep(300);
    expect(map.puts).toBe(0);
    wait = undefined;
    go();
    expect(await edited).toMatchObject({ changed: true });
  });

  test('an object that is not there is no error, and nothing is sent', async () => {
    const cluster = await clusterOf((request, _, response) => {
      expect(request.method).toBe('GET');
      json(response, 404, { reason: 'NotFound' });
    });
    expect(await cluster.edit('ConfigMap', 'm', 'ns', want)).toBeUndefined();
  });

  test('what is deleted between the look and the write is not there either', async () => {
    let isThere = true;
    const cluster = await clusterOf((request, _, response) => {
      if (request.method === 'GET' && isThere) {
        json(response, 200, configMap().read());
        return;
      }
      isThere = false;
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
    await expect(cluster.create('ConfigMap', { metadata: { name: 'm' } }, 'ns')).rejects.toThrow(
      'the lock is lost',
    );
    await expect(cluster.remove('ConfigMap', 'm', 'ns', undefined)).rejects.toThrow('the lock is lost');
  });
});

describe('create and remove: what came of them is looked up when the answer is lost', () => {
  /** A collection of one name, whose writes lose their answer at the times given, before or after they are done. */
  async function losing(losses: readonly ('before' | 'after')[]) {
    const state = { there: false, writes: 0 };
    const left = [...losses];
    const object = { metadata: { name: 'm', uid: 'u1' } };
    const cluster = await clusterOf((request, _, response) => {
      if (request.method === 'GET') {
        json(response, state.there ? 200 : 404, state.there ? object : {});
        return;
      }
      const loss = left.shift();
      if (loss === 'before') return void response.destroy();
      state.writes++;
      const creates = request.method === 'POST';
      const possible = creates !== state.there;
      state.there = creates;
      if (loss === 'after') response.destroy();
      else if (possible) json(response, 200, object);
      else json(response, creates ? 409 : 404, { reason: creates ? 'AlreadyExists' : 'NotFound' });
    });
    return { cluster, state };
  }
  const named = { metadata: { name: 'm' } };

  test.each([
    [['after'], 1],
    [['before'], 1],
    [['before', 'after'], 1],
  ] as const)('create, the answer lost %j: it is there once', async (losses, writes) => {
    const { cluster, state } = await losing(losses);
    expect(await cluster.create('ConfigMap', named, 'ns')).toMatchObject(named);
    expect(state).toEqual({ there: true, writes });
  });

  test("create: that it is there already is somebody else's doing where nothing was lost", async () => {
    const { cluster, state } = await losing([]);
    state.there = true;
    await expect(cluster.create('ConfigMap', named, 'ns')).rejects.toMatchObject({ status: 409 });
  });

  test.each([
    [['after'], 1],
    [['before', 'after'], 1],
  ] as const)('remove, the answer lost %j: it is gone', async (losses, writes) => {
    const { cluster, state } = await losing(losses);
    state.there = true;
    await cluster.remove('ConfigMap', 'm', 'ns', 'u1');
    expect(state).toEqual({ there: false, writes });
  });

  test('remove: another object of that name is left alone', async () => {
    const { cluster, state } = await losing(['before']);
    state.there = true;
    await cluster.remove('ConfigMap', 'm', 'ns', 'another');
    expect(state).toEqual({ there: true, writes: 0 });
  });
});

describe('whether something was written', () => {
  const ways = {
    edit: (cluster: Cluster) => cluster.edit('ConfigMap', 'm', 'ns', want),
    create: (cluster: Cluster) => cluster.create('ConfigMap', { metadata: { name: 'm' } }, 'ns'),
    remove: (cluster: Cluster) => cluster.remove('ConfigMap', 'm', 'ns', 'u'),
  };

  test.each(
    (['edit', 'create', 'remove'] as const).flatMap((way) =>
      (
        [
          ['Internal error occurred: failed calling webhook "x.example": EOF', 0],
          ['admission webhook "x.example" denied the request: no', 0],
          ['etcdserver: request timed out', 1],
          ['boom: failed calling webhook "x.example": EOF', 1],
        ] as const
      ).map(([message, counted]) => [way, message, counted] as const),
    ),
  )('%s after 500 "%s" counts %i (M12, M32)', async (way, message, counted) => {
    let writes = 0;
    let told = 0;
    const cluster = await clusterOf(
      (request, _body, response) => {
        if (request.method === 'GET') json(response, 200, { metadata: { name: 'm', uid: 'u' }, data: {} });
        else if (++writes === 1) json(response, 500, { kind: 'Status', reason: 'InternalError', message });
        else json(response, 403, { kind: 'Status', reason: 'Forbidden', message: 'no' });
      },
      undefined,
      () => told++,
    );
    await ways[way](cluster).catch(() => undefined);
    expect(told).toBe(counted);
  });
});
