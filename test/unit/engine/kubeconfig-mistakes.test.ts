import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createApi } from '../../../src/cluster/api.ts';
import { readKubeconfig } from '../../../src/cluster/kubeconfig.ts';
import { endingOf } from '../../../src/engine/ending.ts';
import { type Deps, openSession } from '../../../src/engine/session.ts';
import { InputError } from '../../../src/input-error.ts';
import { type Inputs, parseInputs } from '../../../src/inputs.ts';
import { silentLogger } from '../../../src/log.ts';
import { newReport } from '../../../src/main.ts';
import { processRunner } from '../../../src/process/command.ts';
import { makeStage, readCorpus } from '../../support/kubeconfig-corpus.ts';
import { mutantOf, mutate } from '../../support/kubeconfig-mutants.ts';
import { scratch } from '../../support/scratch.ts';

/** Whatever is asked for beyond loopback is asked of a proxy that is not there. */
const NOBODY = 'http://127.0.0.1:9';

/** How a phase ends with this kubeconfig where no server answers: its finding's id. */
async function endOf(kubeconfig: string, deps: Deps): Promise<string> {
  let inputs: Inputs;
  try {
    const given: Readonly<Record<string, string>> = { kubeconfig, phase: 'precheck', version: '1.31.0' };
    const defaults: Readonly<Record<string, string>> = {
      strategy: 'revision',
      'istio-namespace': 'istio-system',
      'istioctl-base-url': 'https://example.com',
      'allow-downgrade': 'false',
      'remove-old': 'true',
      'remove-old-after': '24h',
      'max-parallel': '',
      'wait-for-owners': '0s',
      gateways: 'with-promote',
      cni: 'leave',
      'adopt-tags': 'false',
      'allow-insecure-tls': 'false',
      timeout: '10m',
      'dry-run': 'false',
    };
    inputs = parseInputs((name) => given[name] ?? defaults[name] ?? '', { cwd: deps.tempDir, env: {} });
  } catch (error) {
    if (error instanceof InputError) return 'input-not-usable';
    throw error;
  }
  try {
    await openSession(inputs, deps, newReport('precheck', false));
    const api = createApi(readKubeconfig(kubeconfig, '', deps.env), 'test', deps.signal);
    await api.request({ method: 'GET', path: '/version', what: 'get version', retryForMs: 0 });
    return 'answered';
  } catch (error) {
    return endingOf(error, false, undefined).findings[0]?.id ?? '';
  }
}

test('K04: no mistake in a kubeconfig ends in "Please report this"', async () => {
  const dir = scratch('istio-upgrade-mistakes');
  const stage = makeStage(dir);
  const templates = new Map(readCorpus().map(({ name, template }) => [name, template]));
  const ended = new AbortController();
  const deps: Deps = {
    log: silentLogger,
    env: { PATH: stage.plugins, HTTPS_PROXY: NOBODY, HTTP_PROXY: NOBODY },
    tempDir: dir,
    runner: processRunner,
    toolCache: () => Promise.reject(new Error('nothing is downloaded')),
    secrets: [],
    signal: ended.signal,
    publish: () => undefined,
  };
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(mutantOf([...templates.keys()]), async ({ of, mutations }) => {
      const id = await endOf(stage.fill(mutations.reduce(mutate, templates.get(of) ?? '')), deps);
      seen.add(id);
      expect([
        'input-not-usable',
        'kubeconfig-not-usable',
        'credentials-not-obtained',
        'cluster-unreachable',
      ]).toContain(id);
    }),
    { numRuns: 400 },
  );
  // Else nothing was proved.
  expect(seen.size).toBeGreaterThan(2);
}, 120_000);
