import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from '../../../src/cluster/objects.ts';
import { podProblem } from '../../../src/istio/pod-problem.ts';
import { imageVersion, injectedRevision } from '../../../src/istio/proxy.ts';
import { lastWords } from '../../../src/istioctl/output.ts';
import { readProxyStatus } from '../../../src/istioctl/proxy-status.ts';
import { readClientVersion } from '../../../src/istioctl/client-version.ts';
import { OUTCOMES, PHASES } from '../../../src/outcome.ts';
import { type HttpsServer, startHttpsServer } from '../../support/https-server.ts';
import { scratch } from '../../support/scratch.ts';
import { hostile } from '../report/hostile.ts';
import { BYTES, JWT, LATE_SECRET, MARK, ODDITIES, SECRET, TEXTS } from './forms.ts';
import { PLACES, type Place, type Source } from './places.ts';
import { type Ran, ranOf } from './ran.ts';
import { type World, answer, newWorld, programs } from './world.ts';

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

/** What a run may take at most to write its report once it has ended (issue 12). */
const WRITTEN_IN_MS = 5_000;
/** So long a half of a secret is still worth something. */
const HALF = 14;

/** Other forms in each place than those of every day: `FUZZ_SHIFT=1` and so on. */
const SHIFT = Number(process.env.FUZZ_SHIFT ?? 0);

/** Some of a thing, that differ from place to place. */
function chosen<T>(all: readonly T[], count: number, from: number): T[] {
  return Array.from(
    { length: count },
    (_, turn) => all[(from * 7 + turn * 19 + SHIFT * 5) % all.length] as T,
  );
}

/** A place, a phase in which it is read, and what is put there. */
type Attempt = readonly [place: Place, phase: (typeof PHASES)[number], form: string, value: unknown];

function attemptsIn(source: Source): Attempt[] {
  return PLACES.filter((place) => place.source === source).flatMap((place, index) => {
    const isProcess = source === 'istioctl' || source === 'plugin';
    const forms: (readonly [string, unknown])[] = [
      ...chosen(Object.entries(TEXTS), source === 'cluster' ? 2 : 1, index),
      ...(place.untyped === true ? chosen(Object.entries(ODDITIES), 1, index) : []),
      ...(isProcess && place.untyped !== true ? chosen(Object.entries(BYTES), 1, index) : []),
    ];
    const phases = place.phases ?? PHASES;
    return forms.map(([form, value], turn): Attempt => [
      place,
      phases[(index + turn) % phases.length] ?? 'canary',
      form,
      value,
    ]);
  });
}

/** What nobody may get to see, and the halves of it that a cut would leave. */
function secretsIn(text: string): string[] {
  const halves = [SECRET, LATE_SECRET, JWT].flatMap((secret) => [secret.slice(0, HALF), secret.slice(-HALF)]);
  return halves.filter((half) => text.includes(half));
}

/** A line of a page that is somebody else's: markup that a text brought along, outside of code spans. */
function forgedIn(page: string): string[] {
  const text = page.replace(/(?<!`)(`+)(?!`)([^\n]*?[^`\n])\1(?!`)/g, '');
  const forged = new RegExp(
    `^\\s*(?:#+|\\||>|[-*+]|::|##\\[)\\s*${MARK}|<\\w+[^>]*${MARK}|\\]\\(http|@(?:org/)?${MARK}`,
    'm',
  );
  return forged.exec(text)?.slice(0, 1) ?? [];
}

/** All that is wrong with a run that has ended. */
function wrongWith({ report, summary, told, log, writtenInMs, published }: Ran): string[] {
  // An answer of the server that it does not know is told as such, in words of ours around the server's.
  const unexpected = report.findings.filter(
    ({ id, message }) =>
      id === 'unexpected-error' && !/^(get|list|patch|create|watch) [\w./ -]+: 4\d\d /.test(message),
  );
  return [
    ...unexpected.map(({ message }) => `an error of somebody else: ${message}`),
    ...(report.outcome !== undefined && OUTCOMES.includes(report.outcome) ? [] : ['no outcome']),
    ...(report.finishedAt === undefined || !published ? ['no report'] : []),
    ...[...told, ...log].flatMap(secretsIn).map((half) => `a secret is told: ${half}`),
    ...forgedIn(summary).map((line) => `the summary has a line that is not ours: ${line}`),
    ...log.filter((line) => /^::|##\[|[\r\n]/.test(line)).map((line) => `a command is in the log: ${line}`),
    ...(Buffer.byteLength(summary) < 1024 * 1024 ? [] : ['a summary that GitHub does not take']),
    ...(writtenInMs < WRITTEN_IN_MS ? [] : [`the report took ${String(writtenInMs)} ms`]),
  ];
}

describe('a whole run', () => {
  const directory = scratch('fuzz');
  const made = programs(directory);
  let server: HttpsServer;
  let world: World;

  beforeAll(async () => {
    server = await startHttpsServer((request, response, body) => {
      answer(world, request, response, body);
    });
  });
  afterAll(() => {
    server.close();
  });

  /** A run in the world as it is. */
  function act(phase: Attempt[1], byPlugin: boolean): Promise<Ran> {
    made.say(world);
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      interactiveMode: 'Never',
      command: made.plugin,
    };
    return ranOf({
      phase,
      kubeconfig: server.kubeconfig(byPlugin ? { exec } : { token: SECRET }),
      istioctl: made.istioctl,
      previous: made.previous,
      directory: mkdtempSync(join(directory, 'run-')),
    });
  }

  test.each([
    ['precheck', 'istioctl-precheck', 'succeeded', []],
    ['canary', 'install-revision', 'failed', ['control-plane-not-ready']],
    ['promote', 'move-namespaces', 'refused', ['change-refused-by-policy']],
    ['rollback', 'restore-labels', 'refused', ['change-refused-by-policy']],
  ] as const)('of %s comes as far as %s where nothing is hostile', async (phase, step, outcome, errors) => {
    world = newWorld(phase);
    const ran = await act(phase, true);
    const { report } = ran;
    expect(report.findings.flatMap(({ severity, id }) => (severity === 'error' ? [id] : []))).toEqual(errors);
    expect(wrongWith(ran)).toEqual([]);
    expect(report.steps.find(({ id }) => id === step)?.status).toMatch(/succeeded|failed/);
    expect(report.outcome).toBe(outcome);
  });

  test.each(['cluster', 'record', 'lease', 'answer', 'istioctl', 'plugin'] as const)(
    'ends in a report of its own words, whatever is said by: %s',
    async (source) => {
      const wrong: unknown[] = [];
      for (const [place, phase, form, value] of attemptsIn(source)) {
        world = newWorld(phase);
        place.put(world, structuredClone(value));
        const flaws = wrongWith(await act(phase, source === 'plugin'));
        if (flaws.length > 0) wrong.push([place.name, phase, form, flaws]);
      }
      expect(wrong).toEqual([]);
    },
    600_000,
  );
});
