import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readActionMetadata } from '../../../scripts/action-metadata.ts';
import type { Pod } from '../../../src/cluster/objects.ts';
import { parseInputs } from '../../../src/inputs.ts';
import { podProblem } from '../../../src/istio/pod-problem.ts';
import { imageVersion, injectedRevision } from '../../../src/istio/proxy.ts';
import { lastWords } from '../../../src/istioctl/output.ts';
import { readProxyStatus } from '../../../src/istioctl/proxy-status.ts';
import { readClientVersion } from '../../../src/istioctl/client-version.ts';
import { silentLogger } from '../../../src/log.ts';
import { newReport, run } from '../../../src/main.ts';
import { OUTCOMES, type Phase } from '../../../src/outcome.ts';
import { outputsOf } from '../../../src/outputs.ts';
import type { CommandRunner } from '../../../src/process/command.ts';
import { redactReport, redactor } from '../../../src/redact.ts';
import { annotationsOf } from '../../../src/report/annotations.ts';
import { forLog } from '../../../src/report/escape.ts';
import type { Report } from '../../../src/report/report.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { revisionWebhook, tagWebhook } from '../../support/mesh.ts';
import { scratch } from '../../support/scratch.ts';
import { hostile } from '../report/hostile.ts';

/** What a token of the kubeconfig looks like; whoever quotes it. */
const SECRET = 'hunter2-very-secret-token';
const JWT = `eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(40)}.${'y'.repeat(40)}`;

/** Whatever others could put where a text may be: by form, by size, by what it quotes. */
const text = fc.oneof(
  hostile,
  fc.json(),
  fc.constantFrom(
    'eyJ-'.repeat(75_000),
    '`'.repeat(100_000),
    '\n'.repeat(100_000),
    '['.repeat(100_000),
    `{"revision":${'['.repeat(5000)}`,
    '{"revision":{"toString":1}}',
    '{"__proto__":{"revision":"default"}}',
    `the token is ${SECRET} or ${JWT}`,
    `${'word '.repeat(390)}${JWT}${SECRET}`,
    '::set-output name=outcome::succeeded\n##[error]forged\n## ✅ Istio canary: succeeded\n| ❌ | row |',
    '__proto__',
    'constructor',
    '',
  ),
);

/** Something of any type where a text should be. */
const anything = fc.oneof(text, fc.anything({ maxDepth: 2 }));

describe('the pure layers', () => {
  test('no text of a pod is more than a text', () => {
    fc.assert(
      fc.property(text, text, text, (annotation, message, image) => {
        const pod = {
          metadata: {
            name: 'a',
            annotations: { 'sidecar.istio.io/status': annotation, 'istio.io/rev': message },
          },
          spec: { containers: [] },
          status: {
            containerStatuses: [
              { name: 'app', ready: false, state: { waiting: { reason: image, message } } },
            ],
          },
        } as unknown as Pod;
        expect(injectedRevision(pod) ?? 'a').toMatch(/^[\w.-]{1,63}$/);
        expect(imageVersion(image) ?? '1.0.0').toMatch(/^[\w.-]{1,40}$/);
        expect(podProblem(pod)?.length).toBeLessThan(400);
        expect(podProblem(pod)).not.toContain(JWT.slice(0, 20));
      }),
      { numRuns: 300 },
    );
  });

  test('no annotation of any type is a revision that it is not', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const annotations = { 'sidecar.istio.io/status': value, 'istio.io/rev': value };
        const revision = injectedRevision({ metadata: { name: 'a', annotations } } as unknown as Pod);
        expect(revision === undefined || /^[\w.-]{1,63}$/.test(revision)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('no output of istioctl ends in an error of anybody else', () => {
    fc.assert(
      fc.property(text, text, fc.constantFrom(0, 1, null), (stdout, stderr, code) => {
        const printed = { stdout, stderr, code };
        expect(lastWords(printed).length).toBeLessThan(520);
        expect(typeof readClientVersion(printed).readable).toBe('boolean');
        for (const format of ['json', 'table'] as const) {
          expect(typeof readProxyStatus(printed, format).readable).toBe('boolean');
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** What the API server has to say in one run. */
interface World {
  /** Of all that may be any text. */
  readonly annotation: string;
  readonly message: string;
  readonly image: string;
  readonly record: string | undefined;
  readonly originals: string | undefined;
  readonly version: string;
  /** A request that is refused, by the end of its path, and in which words. */
  readonly refused: string | undefined;
  readonly istioctl: string;
}

const world: fc.Arbitrary<World> = fc.record({
  annotation: text,
  message: text,
  image: text,
  record: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, text),
  originals: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, text),
  version: fc.oneof({ weight: 4, arbitrary: fc.constant('v1.35.4') }, text),
  refused: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    fc.constantFrom('pods', 'deployments', 'istio-upgrade'),
  ),
  istioctl: text,
});

function listed({ annotation, message, image, originals }: World, path: string): object[] {
  const meta = (name: string, more: object = {}): object => ({
    name,
    namespace: 'shop',
    uid: 'u',
    resourceVersion: '1',
    annotations: { a: annotation },
    ...more,
  });
  const template = {
    metadata: { annotations: { 'istio-upgrade/restarted-for': annotation } },
    spec: { containers: [{ name: 'discovery', image: `docker.io/istio/pilot:1.30.3` }] },
  };
  const labels = { app: 'istiod', 'istio.io/rev': 'default', 'operator.istio.io/managed': 'Reconcile' };
  const istiod = {
    metadata: { ...meta('istiod'), namespace: 'istio-system', labels, generation: 1 },
    spec: { replicas: 1, template, selector: { matchLabels: { app: 'istiod' } } },
    status: {
      replicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
      updatedReplicas: 1,
      observedGeneration: 1,
    },
  };
  const shop = { ...istiod, metadata: { ...meta('web'), labels: {}, generation: 1 } };
  const status = JSON.stringify({ revision: 'default' });
  if (path.endsWith('/namespaces')) {
    return [
      { metadata: { ...meta('kube-system'), uid: 'k' } },
      { metadata: { ...meta('shop'), labels: { 'istio-injection': 'enabled' } } },
      {
        metadata: {
          ...meta('other'),
          annotations: originals === undefined ? {} : { 'istio-upgrade/original-labels': originals },
        },
      },
    ];
  }
  if (path.endsWith('/istio-system/deployments')) return [istiod];
  if (path.endsWith('/deployments')) return [istiod, shop];
  if (path.endsWith('/mutatingwebhookconfigurations')) {
    return [revisionWebhook('default'), tagWebhook('default', 'default')];
  }
  if (path.endsWith('/services'))
    return [{ metadata: { ...meta('istiod'), namespace: 'istio-system', labels }, spec: {} }];
  if (path.endsWith('/pods')) {
    return [status, annotation].map((said, index) => ({
      metadata: meta(`web-${String(index)}`, { annotations: { 'sidecar.istio.io/status': said } }),
      spec: {
        containers: [
          { name: 'app', image },
          { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.30.3' },
        ],
      },
      status: {
        conditions: [{ type: 'Ready', status: 'False', reason: message, message }],
        containerStatuses: [{ name: 'app', ready: false, state: { waiting: { reason: message, message } } }],
      },
    }));
  }
  return [];
}

describe('a whole run', () => {
  let server: Server;
  let now: World;
  let kubeconfig: string;
  let istioctl: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const answer = (code: number, body: object): void => {
        response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      request.resume();
      const { pathname } = new URL(request.url ?? '/', 'http://x');
      if (now.refused !== undefined && pathname.endsWith(now.refused)) {
        answer(403, { kind: 'Status', message: now.message, reason: now.message, code: 403 });
      } else if (pathname === '/version') answer(200, { gitVersion: now.version });
      else if (request.method === 'POST') answer(201, { status: { allowed: true } });
      else if (request.method !== 'GET') answer(422, { kind: 'Status', message: now.message, code: 422 });
      else if (pathname.endsWith('/configmaps/istio-upgrade') && now.record !== undefined) {
        answer(200, {
          metadata: { name: 'istio-upgrade', namespace: 'istio-system' },
          data: { record: now.record },
        });
      } else if (/\/(istio-upgrade|istiod[\w-]*|web)$/.test(pathname)) {
        answer(404, { kind: 'Status', message: now.message, code: 404 });
      } else answer(200, { metadata: { resourceVersion: '1' }, items: listed(now, pathname) });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const at = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    kubeconfig = JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      // client-node wants it for a server without TLS; on this machine nobody is on the way.
      clusters: [{ name: 'a', cluster: { server: at, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'a', user: { token: SECRET } }],
    });
    istioctl = join(scratch('fuzz'), 'istioctl');
    for (const path of [istioctl, `${istioctl}-previous`]) {
      writeFileSync(path, '#!/bin/sh\n');
      chmodSync(path, 0o755);
    }
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** istioctl says its version, and else what it likes. */
  const runner: CommandRunner = {
    run: ({ file, args, onLine }) => {
      // That it gets through at all is asked first; else nothing of what it says would be read.
      const isVersion = args.includes('version') || (args.includes('tag') && args.includes('list'));
      const version = file.endsWith('previous') ? '1.30.3' : '1.31.0';
      const stdout = isVersion ? JSON.stringify({ clientVersion: { version } }) : now.istioctl;
      if (!isVersion) for (const line of now.istioctl.split('\n').slice(0, 50)) onLine?.('stderr', line);
      return Promise.resolve({
        code: isVersion ? 0 : 1,
        signal: null,
        stdout,
        stderr: isVersion ? '' : now.istioctl,
        timedOut: false,
        aborted: false,
        truncated: false,
        durationMs: 1,
      });
    },
  };

  async function act(phase: Phase): Promise<{ report: Report; published: number; log: string[] }> {
    const metadata = readActionMetadata();
    const given: Record<string, string> = {
      phase,
      kubeconfig,
      version: '1.31.0',
      'canary-namespaces': 'shop',
      istioctl,
      'previous-istioctl': `${istioctl}-previous`,
      // What changes something is only planned: it all is read and told, and no lock has to be waited for.
      'dry-run': 'true',
    };
    const inputs = parseInputs((name) => given[name] ?? metadata.inputs[name]?.default ?? '');
    const tempDir = scratch('fuzz-run');
    mkdirSync(tempDir, { recursive: true });
    const report = newReport(phase, true);
    const log: string[] = [];
    let published = 0;
    await run(
      inputs,
      {
        log: { ...silentLogger, info: (line) => void log.push(line), debug: (line) => void log.push(line) },
        env: {},
        tempDir,
        secrets: [SECRET],
        runner,
        toolCache: () => Promise.reject(new Error('no download here')),
        signal: new AbortController().signal,
        publish: () => {
          published += 1;
        },
      },
      report,
      () => 60_000,
    );
    return { report, published, log };
  }

  test.each(['precheck', 'canary', 'promote', 'rollback'] as const)(
    '%s ends in a report of its own words, whatever the cluster, the record and istioctl say',
    async (phase) => {
      const steps = new Set<string>();
      for (const one of fc.sample(world, { numRuns: 40, seed: 12 })) {
        now = one;
        const { report, published, log } = await act(phase);
        expect(OUTCOMES).toContain(report.outcome);
        expect(report.finishedAt).toBeDefined();
        expect(published).toBeGreaterThan(0);
        expect(report.findings.filter(({ id }) => id === 'unexpected-error')).toEqual([]);

        const redact = redactor([SECRET]);
        const shown = redactReport(report, redact);
        const summary = renderSummary(shown);
        const outputs = outputsOf(shown, '/report.json');
        const marks = annotationsOf(shown);
        const told = [JSON.stringify(shown), summary, JSON.stringify(outputs), JSON.stringify(marks)];
        for (const where of [...told, ...log.map((line) => forLog(redact(line)))]) {
          expect(where.includes(SECRET) || where.includes(JWT)).toBe(false);
        }
        for (const line of log) expect(forLog(redact(line))).not.toMatch(/^::|##\[|[\r\n]/);
        expect(summary).not.toMatch(/^## ✅ Istio canary: succeeded$/m);
        expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024);
        expect(outputs.outcome).toBe(report.outcome);
        for (const { id } of report.steps) steps.add(id);
      }
      // It came that far, and was not refused at the door each time.
      if (phase === 'precheck') expect(steps).toContain('rendered');
    },
    180_000,
  );
});
