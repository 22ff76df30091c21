import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { statusTable } from '../../../embedded/istioctl/status-table.ts';
import { nameOfObject } from '../../../src/istio/own-objects.ts';
import { readMeshVersion } from '../../../src/istioctl/mesh-version.ts';
import { readClientVersion } from '../../../src/istioctl/client-version.ts';
import { readPrecheck } from '../../../src/istioctl/precheck.ts';
import { type ProxyStatus, readProxyStatus } from '../../../src/istioctl/proxy-status.ts';
import { readPruneList } from '../../../src/istioctl/prune-list.ts';
import { printed, recording } from './recording.ts';

/**
 * Whatever an output has gone through, it gives what it says, or that it could not be read. Never more than it says:
 * above all no "in sync" of a proxy that is not.
 */

/** What may happen to an output on its way. */
type Harm = (text: string) => string;

const cut: fc.Arbitrary<Harm> = fc.nat().map((at) => (text) => text.slice(0, at % (text.length + 1)));
const coloured: fc.Arbitrary<Harm> = fc.constant((text) =>
  text.replace(/\b(SYNCED|STALE|Error|Warning)\b/g, '\u001b[31m$1\u001b[0m'),
);
const WARNINGS = [
  'WARNING: proxy-status is deprecated\n',
  '2026-11-23T09:40:49.303930Z\twarn\t[core] no connection\n',
  'Unable to connect\n\n',
  '\n',
];
const warned: fc.Arbitrary<Harm> = fc.constantFrom(...WARNINGS).map((line) => (text) => line + text);
const behind: fc.Arbitrary<Harm> = fc.constantFrom(...WARNINGS).map((line) => (text) => text + line);
const windows: fc.Arbitrary<Harm> = fc.constant((text) => text.replaceAll('\n', '\r\n'));
const framed: fc.Arbitrary<Harm> = fc.constant((text) =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : `│ ${line.replaceAll(/ {2,}/g, ' │ ')} │`))
    .join('\n'),
);
const harm = fc
  .array(fc.oneof(cut, coloured, warned, behind, windows, framed), { minLength: 0, maxLength: 3 })
  .map(
    (harms): Harm =>
      (text) =>
        harms.reduce((now, next) => next(now), text),
  );

const TABLES = [
  ...(['049', '075', '081', '082', '220'] as const).map((name) => recording('1.29.6', name).stdout),
  // Two proxies, one of them behind, in the forms of the versions.
  ...(
    [
      ['states', '1.8.6'],
      ['states', '1.13.9'],
      ['states', '1.22.8'],
      ['states', '1.26.8'],
      ['all states', '1.28.10'],
    ] as const
  ).map(([form, version]) => `${statusTable([document()], form, version).join('\n')}\n`),
  // 1.13, 1.7 and 1.6
  shrunk(['ECDS']),
  shrunk(['ECDS', 'CLUSTER']),
  shrunk(['ECDS', 'CLUSTER']).replace('ISTIOD', 'PILOT '),
];

function document() {
  const resource = (id: string, ...states: string[]) => ({
    node: { id, metadata: { CLUSTER_ID: 'Kubernetes', ISTIO_VERSION: '1.25.2' } },
    genericXdsConfigs: ['Cluster', 'Listener', 'ClusterLoadAssignment', 'RouteConfiguration'].map(
      (type, at) => ({
        typeUrl: `type.googleapis.com/envoy.config.${type}`,
        configStatus: states[at] ?? 'SYNCED',
      }),
    ),
  });
  return {
    resources: [resource('web-1.shop'), resource('web-2.shop', 'SYNCED', 'SYNCED', 'SYNCED', 'STALE')],
    controlPlane: { identifier: '{"ID":"istiod-canary-a-b"}' },
  };
}

/** The table of states without some of its columns. */
function shrunk(titles: readonly string[]): string {
  const lines = statusTable([document()], 'states', '1.26.8');
  return `${lines.map((line) => titles.reduce((text, title) => withoutColumn(text, lines[0] ?? '', title), line)).join('\n')}\n`;
}

function withoutColumn(line: string, header: string, title: string): string {
  const from = header.indexOf(` ${title} `) + 1;
  const to = from + (/^\S+ */.exec(header.slice(from))?.[0].length ?? 0);
  return line.slice(0, from) + line.slice(to);
}

const key = ({ name, namespace, istiod }: ProxyStatus): string => `${namespace}/${name} ${istiod}`;

describe('an output that was harmed', () => {
  test.each(TABLES.map((text, at) => [at, text] as const))(
    'table %i tells of no proxy more than it says',
    (_, text) => {
      const whole = readProxyStatus(printed({ stdout: text }), 'table');
      if (!whole.readable) throw new Error(whole.reason);
      const truth = new Map(whole.proxies.map((proxy) => [key(proxy), proxy]));
      fc.assert(
        fc.property(harm, (harm) => {
          const answer = readProxyStatus(printed({ stdout: harm(text) }), 'table');
          if (!answer.readable) {
            expect(answer.reason).not.toBe('');
            return;
          }
          const synced = answer.proxies.filter(({ sync }) => sync === 'synced');
          expect(synced.filter((proxy) => truth.get(key(proxy))?.sync !== 'synced')).toEqual([]);
        }),
        { numRuns: 500 },
      );
    },
  );

  test.each(TABLES.map((text, at) => [at, text] as const))(
    'table %i cut anywhere in a row is no answer',
    (_, text) => {
      for (let end = 1; end < text.length; end += 1) {
        const answer = readProxyStatus(printed({ stdout: text.slice(0, end) }), 'table');
        expect([end, answer.readable]).toEqual([end, text[end - 1] === '\n']);
      }
    },
  );

  test('a table with its columns in another order says the same', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(['NAME', 'CLUSTER', 'CDS', 'LDS', 'ISTIOD', 'VERSION'], { minLength: 6 }),
        (titles) => {
          const cells: Readonly<Record<string, string>> = {
            NAME: 'web-1.shop',
            CLUSTER: 'Kubernetes',
            CDS: 'SYNCED',
            LDS: 'STALE (Never Acknowledged)',
            ISTIOD: 'istiod-a-b',
            VERSION: '1.22.8',
          };
          const width = (title: string): number => Math.max(title.length, (cells[title] ?? '').length) + 5;
          const line = (of: (title: string) => string): string =>
            titles
              .map((title) => of(title).padEnd(width(title)))
              .join('')
              .trimEnd();
          const stdout = `${line((title) => title)}\n${line((title) => cells[title] ?? '')}\n`;
          expect(readProxyStatus(printed({ stdout }), 'table')).toMatchObject({
            proxies: [
              { name: 'web-1', namespace: 'shop', istiod: 'istiod-a-b', version: '1.22.8', sync: 'stale' },
            ],
          });
        },
      ),
    );
  });

  test.each(['050', '079', '427'] as const)('JSON %s tells of no proxy more than it says', (name) => {
    const text = recording('1.31.0', name).stdout.replace('"SYNCED"', '"STALE"');
    const whole = readProxyStatus(printed({ stdout: text }), 'json');
    if (!whole.readable) throw new Error(whole.reason);
    const truth = new Map(whole.proxies.map((proxy) => [key(proxy), proxy]));
    fc.assert(
      fc.property(harm, (harm) => {
        const answer = readProxyStatus(printed({ stdout: harm(text) }), 'json');
        if (!answer.readable) return;
        const known = answer.proxies.filter((proxy) => truth.has(key(proxy)));
        expect(
          known.filter((proxy) => proxy.sync === 'synced' && truth.get(key(proxy))?.sync !== 'synced'),
        ).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  const LINES = [
    'Error [IST0142] (Cluster) The Kubernetes Version "v1.16.0" is lower than the minimum version: v1.17\n',
    'Warning [IST0136] (Service a.b) Annotation "x" is part of an alpha-phase feature\n',
  ];
  test.each([
    ['json', recording('1.31.0', '362').stdout],
    ['json', recording('1.31.0', '323').stdout],
    ['lines', LINES.join('')],
    ['lines', `failed to get config dump: no\n${LINES.join('')}`],
  ] as const)('a precheck as %s with findings is never one without', (format, text) => {
    fc.assert(
      fc.property(harm, (harm) => {
        const stdout = harm(text);
        const answer = readPrecheck(printed({ stdout, code: 1 }), format);
        if (answer.readable) expect(answer.findings.length + answer.rights.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  test('versions are read, or are not', () => {
    fc.assert(
      fc.property(harm, (harm) => {
        const own = readClientVersion(printed({ stdout: harm(recording('1.31.0', '002').stdout) }));
        if (own.readable) expect(own.version).toBe('1.31.0');
        const mesh = readMeshVersion(printed({ stdout: harm(recording('1.31.0', '154').stdout) }));
        if (mesh.readable) expect(mesh.istiods).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test.each(['113', '233', '461'])('a list of what goes names nothing that it did not name (%s)', (name) => {
    const { stdout } = recording('1.31.0', name);
    const whole = readPruneList(printed({ stdout }));
    if (!whole.readable) throw new Error(whole.reason);
    const named = new Set(whole.objects.map(nameOfObject));
    fc.assert(
      fc.property(harm, (harm) => {
        const list = readPruneList(printed({ stdout: harm(stdout) }));
        if (list.readable)
          expect(list.objects.map(nameOfObject).filter((name) => !named.has(name))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
