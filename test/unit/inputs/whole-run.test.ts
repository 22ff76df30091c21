import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { OutOfTime } from '../../../src/engine/run-steps.ts';
import type { Deps } from '../../../src/engine/session.ts';
import { InputError } from '../../../src/input-error.ts';
import { type Inputs, parseInputs } from '../../../src/inputs.ts';
import type { ToolCache } from '../../../src/istioctl/acquire.ts';
import { silentLogger } from '../../../src/log.ts';
import { newReport, run } from '../../../src/main.ts';
import { outputsOf } from '../../../src/outputs.ts';
import { processRunner } from '../../../src/process/command.ts';
import { annotationsOf } from '../../../src/report/annotations.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { readActionMetadata } from '../../../scripts/action-metadata.ts';
import { shop } from '../../../testbed/shop.ts';
import { type HttpsServer, startHttpsServer } from '../../support/https-server.ts';
import { scratch } from '../../support/scratch.ts';

type Given = Readonly<Record<string, string>>;

/** What every input is by default. */
const DEFAULTS: Given = Object.fromEntries(
  Object.entries(readActionMetadata().inputs).map(([name, input]) => [name, input.default ?? '']),
);
/** Whatever is asked for beyond loopback is asked of a proxy that is not there. */
const NOBODY = 'http://127.0.0.1:9';
const TOKEN = 'made-up-token';

/** What was kept is found again, without a word of it in the log. */
function toolCache(dir: string): ToolCache {
  const placeOf = (tool: string, version: string): string => join(dir, 'tools', tool, version);
  return {
    find: (tool, version) => (existsSync(placeOf(tool, version)) ? placeOf(tool, version) : ''),
    cacheDir: (source, tool, version) => {
      cpSync(source, placeOf(tool, version), { recursive: true });
      return Promise.resolve(placeOf(tool, version));
    },
  };
}

/** How a whole run with these inputs ends: ids of its errors. Everything that is told of it is written, too. */
async function endOf(
  given: Given,
  { tempDir, env, patienceMs }: { tempDir: string; env: NodeJS.ProcessEnv; patienceMs: number },
): Promise<string[]> {
  const report = newReport('precheck', false);
  let inputs: Inputs;
  try {
    inputs = parseInputs((name) => (given[name] ?? DEFAULTS[name] ?? '').trim(), { cwd: tempDir, env });
  } catch (error) {
    if (error instanceof InputError) return ['input-not-usable'];
    throw error;
  }
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(new OutOfTime('the time is used up')), patienceMs);
  const deps: Deps = {
    log: silentLogger,
    env,
    tempDir,
    runner: processRunner,
    toolCache: () => Promise.resolve(toolCache(tempDir)),
    secrets: [],
    signal: ended.signal,
    publish: () => undefined,
  };
  await run(inputs, deps, report, () => patienceMs);
  clearTimeout(timer);
  const told = [renderSummary(report), JSON.stringify([outputsOf(report, ''), annotationsOf(report)])];
  expect(report.outcome).toBeDefined();
  expect(told.join('\n')).not.toContain(TOKEN);
  return report.findings.filter(({ severity }) => severity === 'error').map(({ id }) => id);
}

const JUNK = [
  '',
  '{{ .X }}',
  '${X}',
  '\t',
  ': ',
  '- ',
  '*a',
  '"',
  '[',
  '\u0000',
  '\r\n',
  '---\n',
  '\u2013',
  '..',
  '/',
  '=',
];

/** A text, damaged as editors, templates and merges do it; or all of another one. */
const damaged = (text: string, others: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.nat(), fc.nat({ max: 12 }), fc.constantFrom(...JUNK)).map(([at, cut, put]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + put + text.slice(from + cut);
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

/** Inputs of which one or two are damaged. */
const mutants = (good: Given, names: readonly string[]): fc.Arbitrary<Given> =>
  fc
    .uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2 })
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map((name) =>
          damaged(good[name] ?? '', Object.values(good)).map((text) => [name, text] as const),
        ),
      ),
    )
    .map((changes) => ({ ...good, ...Object.fromEntries(changes) }));

describe("a user's mistake is never a fault of the Action, through a whole run", () => {
  let server: HttpsServer;
  beforeAll(async () => {
    server = await startHttpsServer((_asked, response) => {
      response
        .writeHead(403, { 'content-type': 'application/json' })
        .end('{"kind":"Status","code":403,"message":"no"}');
    });
  });
  afterAll(() => server.close());

  test('in any input, where the server lets us do nothing', async () => {
    const tempDir = scratch('istio-upgrade-whole');
    writeFileSync(
      join(tempDir, 'mesh.yaml'),
      'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {}\n',
    );
    const good: Given = {
      phase: 'precheck',
      strategy: 'revision',
      kubeconfig: server.kubeconfig({ token: TOKEN, as: 'ops', 'as-user-extra': { scopes: ['x'] } }),
      context: 'test',
      'expect-cluster': '6b5b1cf8-6a0a-4b0b-9f6c-0a1b2c3d4e5f',
      'allow-insecure-tls': 'false',
      'istio-namespace': 'istio-system',
      version: '1.31.0',
      revision: '1-31-0',
      'canary-namespaces': 'shop\nteam=blue,tier in (web)',
      'canary-tag': 'canary',
      'stable-tags': 'prod',
      'adopt-tags': 'true',
      'allow-stragglers': 'Pod shop/one',
      config: 'mesh.yaml',
      'gateway-config': 'mesh.yaml',
      gateways: 'with-promote',
      cni: 'with-install',
      set: 'values.pilot.env.A=b\ncomponents.ingressGateways[0].enabled=false',
      istioctl: process.execPath,
      'previous-istioctl': process.execPath,
      'istioctl-sha256': 'ab'.repeat(32),
      'previous-istioctl-sha256': 'ab'.repeat(32),
      'istioctl-base-url': 'https://127.0.0.1:9/istio',
      'allow-downgrade': 'false',
      acknowledge: '',
      'remove-old': 'true',
      'remove-old-after': '24h',
      'max-parallel': '',
      'wait-for-owners': '0s',
      timeout: '10m',
      'dry-run': 'false',
    };
    expect(Object.keys(good).sort()).toEqual(Object.keys(DEFAULTS).sort());
    const env = { PATH: process.env.PATH, HTTPS_PROXY: NOBODY, HTTP_PROXY: NOBODY };
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(mutants(good, Object.keys(good)), async (given) => {
        const ids = await endOf(given, { tempDir, env, patienceMs: 2_000 });
        ids.forEach((id) => seen.add(id));
        expect(ids).not.toContain('unexpected-error');
        // The server lets nobody do anything: whatever the inputs, it is an error.
        expect(ids).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
    // Else nothing was proved.
    expect([...seen]).toEqual(
      expect.arrayContaining(['input-not-usable', 'kubeconfig-not-usable', 'permission-missing']),
    );
  }, 120_000);
});

describe("a user's mistake is never a fault of the Action, on a mesh", () => {
  const DIRECTORY = new URL('../../fixtures/configurations/', import.meta.url);
  const corpus = readdirSync(DIRECTORY)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(new URL(name, DIRECTORY), 'utf8'));
  let cluster: Embedded;
  beforeAll(async () => {
    cluster = await startEmbedded({ revision: '1-30-3', objects: shop('1-30-3') });
  }, 60_000);
  afterAll(() => cluster.close());

  test('in a configuration, a version, a name', async () => {
    const tempDir = scratch('istio-upgrade-whole');
    const good: Given = {
      phase: 'precheck',
      kubeconfig: cluster.kubeconfig('admin'),
      version: '1.31.0',
      'canary-namespaces': 'storefront',
      config: 'mesh.yaml',
      set: 'values.pilot.env.A=b',
      'istioctl-base-url': cluster.mirror,
    };
    const names = [
      'version',
      'revision',
      'canary-namespaces',
      'canary-tag',
      'istio-namespace',
      'set',
      'allow-stragglers',
    ];
    const seen = new Set<string>();
    const file = fc.constantFrom(...corpus).chain((text) => damaged(text, corpus));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constant(good), mutants(good, names)),
        file,
        fc.boolean(),
        async (given, text, dry) => {
          writeFileSync(join(tempDir, 'mesh.yaml'), text);
          const how = dry ? { phase: 'canary', 'dry-run': 'true' } : {};
          const ids = await endOf({ ...given, ...how }, { tempDir, env: process.env, patienceMs: 30_000 });
          ids.forEach((id) => seen.add(id));
          expect(ids).not.toContain('unexpected-error');
        },
      ),
      { numRuns: 15 },
    );
    expect(seen.size).toBeGreaterThan(1);
  }, 240_000);
});
