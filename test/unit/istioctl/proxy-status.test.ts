import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ofRevision, readProxyStatus } from '../../../src/istioctl/proxy-status.ts';
import { printed, recording } from './recording.ts';

const json = (stdout: string) => readProxyStatus(printed({ stdout }), 'json');
const table = (text: string) => readProxyStatus(printed({ stdout: `${text}\n` }), 'table');

function document(states: readonly object[] | undefined, version = '1.31.0', id = 'web-1.shop'): string {
  const node = { id, metadata: { ISTIO_VERSION: version } };
  const resources = states === undefined ? undefined : [{ node, genericXdsConfigs: states }];
  return JSON.stringify({ resources, controlPlane: { identifier: '{"ID":"istiod-canary-x"}' } });
}

describe('proxy-status as JSON', () => {
  test('tells each proxy, its version, its istiod and whether it is in sync', () => {
    const answer = readProxyStatus(recording('1.31.0', '079'), 'json');
    expect(answer).toMatchObject({ readable: true, istiods: ['istiod-canary-df957c886-7rmnz'] });
    expect(answer.readable && answer.proxies[0]).toEqual({
      name: 'web-555697c6d7-2zpb4',
      namespace: 'app2',
      version: '1.31.0',
      istiod: 'istiod-canary-df957c886-7rmnz',
      sync: 'synced',
      detail: 'Cluster SYNCED, ClusterLoadAssignment SYNCED, Listener SYNCED, RouteConfiguration SYNCED',
    });
    expect(answer.readable && answer.proxies).toHaveLength(2);
  });

  test('without proxies tells the istiods that answered', () => {
    expect(readProxyStatus(recording('1.31.0', '050'), 'json')).toEqual({
      readable: true,
      proxies: [],
      istiods: ['istiod-1-31-0-7758fdcc58-gxh9n'],
    });
  });

  test('of two istiods is read whole', () => {
    const answer = readProxyStatus(recording('1.31.0', '427'), 'json');
    expect(answer.readable && answer.istiods).toHaveLength(2);
  });

  test.each([
    [['SYNCED', 'SYNCED'], 'synced'],
    [['SYNCED', 'NOT_SENT', undefined], 'synced'],
    [['NOT_SENT', 'NOT_SENT'], 'not-sent-only'],
    [['SYNCED', 'STALE'], 'stale'],
    [['STALE', 'ERROR', 'SYNCED'], 'error'],
    [['SYNCED', 'SOMETHING_NEW'], 'unknown'],
    [[undefined], 'unknown'],
    [[], 'unknown'],
  ])('%j is %s', (states, sync) => {
    const configs = states.map((configStatus) => ({ typeUrl: 'x.Cluster', configStatus }));
    expect(json(document(configs))).toMatchObject({ proxies: [{ sync }] });
  });

  test('does not count istioctl itself, but a pod of that name it does (T12)', () => {
    expect(json(document([], '65536.65536.65536', 'test-1.default'))).toMatchObject({ proxies: [] });
    expect(json(document([], '1.31.0', 'test-1.default'))).toMatchObject({ proxies: [{ name: 'test-1' }] });
  });

  test.each(['', 'no-namespace', '.'])(
    'a proxy that names no pod (%j) is told, and spoils no answer',
    (id) => {
      expect(json(document([], '1.31.0', id))).toMatchObject({
        readable: true,
        proxies: [{ name: id, namespace: '' }],
      });
    },
  );

  test.each([
    ['nothing', ''],
    ['only log lines', '2026-11-23T09:40:49.303930Z\twarn\t[core] no\n'],
    ['an empty object: no istiod', '{}'],
    ['an istiod without a name', '{"controlPlane":{"identifier":"{}"}}'],
    ['a list', '[]'],
    ['a table', recording('1.29.6', '078').stdout],
    ['a proxy that is no object', '{"resources":[null],"controlPlane":{"identifier":"{\\"ID\\":\\"a\\"}"}}'],
    ['half a document', recording('1.31.0', '079').stdout.slice(0, 900)],
  ])('%s is no answer', (_what, stdout) => {
    expect(json(stdout).readable).toBe(false);
  });
});

describe('proxy-status as a table', () => {
  test('with -v 1 tells whether each proxy is in sync', () => {
    const answer = readProxyStatus(recording('1.29.6', '082'), 'table');
    expect(answer).toMatchObject({ readable: true, istiods: ['istiod-canary-54789749b9-479hm'] });
    expect(answer.readable && answer.proxies).toHaveLength(2);
    expect(answer.readable && answer.proxies[0]).toMatchObject({
      namespace: 'app2',
      version: '1.29.6',
      sync: 'synced',
      detail: 'CDS SYNCED, ECDS IGNORED, EDS SYNCED, LDS SYNCED, RDS SYNCED',
    });
    expect(readProxyStatus(recording('1.31.0', '082'), 'table')).toMatchObject({ readable: true });
  });

  test('without it does not, and nothing is claimed', () => {
    const answer = readProxyStatus(recording('1.29.6', '075'), 'table');
    expect(answer.readable && answer.proxies.map(({ sync }) => sync)).toEqual(Array(6).fill('unknown'));
    expect(answer.readable && answer.proxies[0]?.detail).toBe('4 (CDS,LDS,EDS,RDS)');
  });

  test('with a header alone says that there are no proxies', () => {
    expect(readProxyStatus(recording('1.29.6', '049'), 'table')).toEqual({
      readable: true,
      proxies: [],
      istiods: [],
    });
  });

  test('of 1.24 to 1.26 is read by the positions of its titles', () => {
    const text = [
      'NAME                 CLUSTER        CDS                LDS              EDS          RDS          ECDS        ISTIOD        VERSION',
      'web-1.shop           Kubernetes     SYNCED (3m)        SYNCED (3m)      SYNCED       NOT SENT     IGNORED     istiod-a      1.25.2',
      'api.v2.shop          Kubernetes     STALE (Never Acknowledged)         SYNCED (3m)  SYNCED       SYNCED       IGNORED     istiod-b      -',
    ];
    expect(table(text.slice(0, 2).join('\n'))).toMatchObject({
      proxies: [{ sync: 'synced', version: '1.25.2' }],
    });
    // A cell wider than its column means that the positions are not what we think.
    expect(table(text.join('\n')).readable).toBe(false);
  });

  test('keeps an empty cell empty', () => {
    const text =
      'NAME         CLUSTER     ISTIOD      VERSION     SUBSCRIBED TYPES\na.b.shop                 istiod-a                0';
    expect(table(text)).toMatchObject({
      proxies: [{ name: 'a.b', namespace: 'shop', version: '', istiod: 'istiod-a' }],
    });
  });

  test('cut after the cell ISTIOD, or anywhere in a row, is no answer', () => {
    const { stdout } = recording('1.29.6', '082');
    const whole = readProxyStatus(printed({ stdout }), 'table');
    expect(whole.readable).toBe(true);
    const row = stdout.indexOf('\n') + 1;
    const istiod =
      stdout.indexOf('istiod-canary-54789749b9-479hm', row) + 'istiod-canary-54789749b9-479hm'.length;
    for (const end of [istiod, istiod + 3, istiod + 5, istiod + 7, row + 1, row + 60, stdout.length - 1]) {
      const cut = readProxyStatus(printed({ stdout: stdout.slice(0, end) }), 'table');
      expect(cut).toEqual({ readable: false, reason: 'the table is cut short' });
    }
    expect(table(stdout.slice(0, istiod))).toEqual({
      readable: false,
      reason: 'a row of the table is cut short',
    });
  });

  test('of 1.6 and older calls istiod pilot', () => {
    const text =
      'NAME           CDS        LDS          EDS          RDS          PILOT          VERSION\nweb-1.shop     SYNCED     NOT SENT     SYNCED       STALE        istiod-a-b     1.6.14';
    expect(table(text)).toMatchObject({
      istiods: ['istiod-a-b'],
      proxies: [{ name: 'web-1', sync: 'stale', version: '1.6.14' }],
    });
  });

  test.each([
    ['nothing', ''],
    ['JSON', recording('1.31.0', '079').stdout],
    ['some words', 'no proxies'],
    ['a table in a frame', '│ NAME │ ISTIOD │ VERSION │\n│ a.b │ istiod │ 1.2.3 │'],
    [
      'two columns of one name',
      'NAME     ISTIOD     ISTIOD     VERSION\na.b      x          y          1.2.3',
    ],
    ['a row without istiod', 'NAME     CLUSTER     ISTIOD     VERSION\nweb.a    b'],
    [
      'words behind the table',
      'NAME     CLUSTER     ISTIOD     VERSION\nError: something went wrong at the end',
    ],
  ])('%s is no answer', (_what, stdout) => {
    expect(table(stdout).readable).toBe(false);
  });
});

describe('proxy-status that failed', () => {
  test.each([
    ['1.31.0', '085', /no running Istio pods/],
    ['1.31.0', '155', /could not get XDS/],
    ['1.31.0', '165', /context deadline exceeded/],
    ['1.31.0', '321', /cannot create resource "serviceaccounts\/token"/],
    ['1.31.0', '374', /it said nothing/],
    ['1.29.6', '085', /no running Istio pods/],
    ['1.29.6', '155', /could not get XDS/],
  ] as const)('is never "all good" (recording %s/%s)', (version, name, reason) => {
    for (const format of ['json', 'table'] as const) {
      const answer = readProxyStatus(recording(version, name), format);
      expect(answer.readable).toBe(false);
      expect(!answer.readable && answer.reason).toMatch(reason);
    }
  });

  test('no text at all makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('json' as const, 'table' as const), (stdout, format) => {
        const answer = readProxyStatus(printed({ stdout }), format);
        expect(answer.readable && answer.proxies.length > 0).toBe(false);
      }),
    );
  });
});

describe('of the one table that 1.6 has for all control planes', () => {
  const answer = table(
    [
      'NAME         CDS        LDS        EDS        RDS        PILOT                             VERSION',
      'a-1.shop     SYNCED     SYNCED     SYNCED     SYNCED     istiod-5f6dc4b6c4-x7k2p           1.6.14',
      'b-1.shop     SYNCED     SYNCED     SYNCED     SYNCED     istiod-1-6-14-7b9c9d8c4d-q8w9e    1.6.14',
      'c-1.shop     SYNCED     SYNCED     STALE      SYNCED     istiod-1-6-14-b-7b9c9d8c4d-q8w9e  1.6.14',
    ].join('\n'),
  );
  const namesOf = (revision: string | undefined): string[] => {
    const own = ofRevision(answer, revision);
    if (!own.readable) throw new Error(own.reason);
    return own.proxies.map(({ name }) => name);
  };

  test.each([
    ['default', ['a-1']],
    ['1-6-14', ['b-1']],
    ['1-6-14-b', ['c-1']],
    ['1-6', []],
    [undefined, ['a-1', 'b-1', 'c-1']],
  ])('%s has its own rows alone', (revision, names) => {
    expect(namesOf(revision)).toEqual(names);
  });
});
