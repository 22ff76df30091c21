import { describe, expect, it } from '@jest/globals';
import { policyRefusal, refusalOf } from '../../../src/istio/refusal.ts';

describe('refusalOf', () => {
  it.each([
    [
      400,
      'admission webhook "validate.kyverno.svc-fail" denied the request: no',
      'webhook',
      'validate.kyverno.svc-fail',
    ],
    [
      500,
      'Internal error occurred: failed calling webhook "rev.namespace.sidecar-injector.istio.io": connection refused',
      'injector',
      'rev.namespace.sidecar-injector.istio.io',
    ],
    [500, 'failed calling webhook "x.example": refused', 'webhook', 'x.example'],
    [403, 'admission webhook "x" denied the request: exceeded quota: q', 'webhook', 'x'],
    [
      403,
      'pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
      'quota',
      'q',
    ],
    [422, "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", 'policy', 'p'],
    [403, 'pods "a" is forbidden: violates PodSecurity "restricted:latest"', 'policy', 'PodSecurity'],
    [
      403,
      'unable to create new content in namespace a because it is being terminated',
      'terminating',
      undefined,
    ],
    [422, 'Pod "a" is invalid: volumeMounts[0].name: Not found', 'validation', undefined],
    [403, 'pods is forbidden: User "u" cannot create resource', 'forbidden', undefined],
    [500, 'boom', 'unknown', undefined],
  ])('%i %s: %s', (status, message, by, name) => {
    const refusal = refusalOf({ status, message });
    expect([refusal.by, refusal.name, refusal.words]).toEqual([by, name, message]);
  });
});

describe('policyRefusal', () => {
  it.each([
    [
      'admission webhook "x.example" denied the request: no',
      /^patch a was refused by webhook x/,
      /exception in x/,
    ],
    [
      'failed calling webhook "x.example": EOF',
      /nobody answers for webhook x\.example/,
      /server of x\.example/,
    ],
  ])('%s is told with what helps', (message, says, helps) => {
    const finding = policyRefusal({ status: 500, message, request: 'patch a' });
    expect(finding).toMatchObject({ id: 'change-refused-by-policy', severity: 'error' });
    expect(finding?.message).toMatch(says);
    expect(finding?.remedy).toMatch(helps);
  });
});
