import { expect, test } from '@jest/globals';
import { parseVersion } from '../../../src/istio/version.ts';
import type { Call, Ended } from '../../../src/istioctl/istioctl.ts';
import { smokeIstioctl } from '../../../src/istioctl/smoke.ts';

const OK: Ended = {
  ok: true,
  code: 0,
  timedOut: false,
  aborted: false,
  words: '',
  denied: [],
  durationMs: 1,
};
const failed = (words: string, more: Partial<Ended> = {}): Ended => ({
  ...OK,
  ok: false,
  code: 1,
  words,
  ...more,
});
const idle = new AbortController().signal;

const smoke = (ended: Ended, signal = idle, calls: Call[] = []) =>
  smokeIstioctl(
    {
      version: parseVersion('1.31.0'),
      listTags: (call) => {
        calls.push(call);
        return Promise.resolve(ended);
      },
    },
    signal,
  );

test('istioctl that gets through is nothing to tell, and has a deadline and the signal of the run', async () => {
  const calls: Call[] = [];
  expect(await smoke(OK, idle, calls)).toBeUndefined();
  expect(calls).toEqual([{ timeoutMs: 20_000, signal: idle }]);
});

test.each([
  ['Error: exec plugin: invalid apiVersion "client.authentication.k8s.io/v1alpha1"', /exec plugin/],
  ['Error: failed to retrieve revision tags: Unauthorized', /renew it/],
  ['Error: Get "https://x": proxyconnect tcp: 403 Forbidden', /way from the runner/],
  ['Error: tls: x509: certificate signed by unknown authority', /certificate-authority-data/],
  ['it did not end within 20 s', /way from the runner/],
  ['Error: what nobody has seen', /tag list/],
])('K02: what stops it is told with its cause: %s', async (words, remedy) => {
  const finding = await smoke(failed(words));
  expect(finding).toMatchObject({ id: 'istioctl-not-connected', severity: 'error' });
  expect(finding?.message).toContain(words);
  expect(finding?.remedy).toMatch(remedy);
});

test('one that lacks rights got through', async () => {
  const denied = [{ verb: 'list', group: 'admissionregistration.k8s.io', resource: 'x' }];
  expect(await smoke(failed('Error: forbidden', { denied }))).toBeUndefined();
});

test('a run that ends meanwhile ends for its own reason', async () => {
  const run = new AbortController();
  run.abort(new Error('cancelled'));
  await expect(smoke(failed('', { aborted: true }), run.signal)).rejects.toThrow('cancelled');
});
