import { describe, expect, test } from '@jest/globals';
import { readPrecheck } from '../../../src/istioctl/precheck.ts';
import { printed, recording } from './recording.ts';

const json = (printed: Parameters<typeof readPrecheck>[0]) => readPrecheck(printed, 'json');
const read = (name: string) => json(recording('1.31.0', name));

describe('precheck', () => {
  test('with nothing to say is silent and ends well', () => {
    const nothing = { readable: true, findings: [], rights: [] };
    expect(read('006')).toEqual(nothing);
    expect(json(recording('1.29.6', '006'))).toEqual(nothing);
  });

  test('tells errors and warnings, with object and help', () => {
    expect(read('362')).toEqual({
      readable: true,
      rights: [],
      findings: [
        {
          id: 'gateway-api-too-old',
          severity: 'error',
          message:
            'The Gateway API CRD version v1alpha2 is lower than the minimum version: v1beta1 (IST0156)',
          object: 'CustomResourceDefinition gateways.gateway.networking.k8s.io',
          remedy: 'See https://istio.io/v1.31/docs/reference/config/analysis/ist0156/',
        },
        expect.objectContaining({ id: 'gateway-api-not-v1', severity: 'warning' }),
      ],
    });
  });

  test('a warning alone is a warning, though the exit code is 1', () => {
    expect(read('367')).toMatchObject({ findings: [{ severity: 'warning' }], rights: [] });
  });

  test('missing rights stand apart (T19)', () => {
    const answer = read('323');
    expect(answer).toMatchObject({ readable: true, findings: [] });
    expect(answer.readable && answer.rights.length).toBe(11);
    expect(answer.readable && answer.rights[0]).toMatchObject({
      resource: 'clusterrolebindings',
      finding: { message: expect.stringMatching(/permission to create resource clusterrolebindings/) },
    });
  });

  test.each([
    ['368', /No issues found|Issues found/],
    ['315', /cannot list resource "customresourcedefinitions"/],
    ['372', /connect|refused|dial/],
  ])('silence with another exit code than 0 is no answer (recording %s)', (name, reason) => {
    const answer = read(name);
    expect(answer.readable).toBe(false);
    expect(!answer.readable && answer.reason).toMatch(reason);
  });

  test.each([
    '{"code":"IST0141"}',
    '[{"code":"IST0141"}]',
    '[null]',
    '[] []',
    '[{"code":"IST0156","message":"x"',
    'Error [IST0156] text',
  ])('%j is no answer', (stdout) => {
    expect(json(printed({ stdout, code: 1 })).readable).toBe(false);
    expect(json(printed({ stdout })).readable).toBe(false);
  });

  test('an unknown level weighs as an error, an unknown code has a finding', () => {
    const stdout = '[{"code":"IST9999","level":"Fatal","message":"new"}]';
    expect(json(printed({ stdout, code: 1 }))).toMatchObject({
      findings: [{ id: 'istioctl-precheck', severity: 'error', message: 'new (IST9999)' }],
    });
  });

  test.each(['constructor', 'toString', '__proto__'])(
    'a code and a level %s are as unknown as any',
    (name) => {
      const stdout = JSON.stringify([{ code: name, level: name, message: 'm', origin: 'x'.repeat(100_000) }]);
      expect(json(printed({ stdout, code: 1 }))).toMatchObject({
        findings: [{ id: 'istioctl-precheck', severity: 'error', object: '…' }],
      });
    },
  );

  test('an empty list of a failed command is no answer', () => {
    expect(json(printed({ stdout: '[]', code: 1 })).readable).toBe(false);
    expect(json(printed({ code: null })).readable).toBe(false);
  });
});

describe('precheck of 1.10 to 1.19, which prints lines', () => {
  const lines = (stdout: string, code = 1) => readPrecheck(printed({ stdout, code }), 'lines');
  const WELL = '✔ No issues found when checking the cluster. Istio is safe to install or upgrade!\n';

  test('with nothing to say says so on stderr, and only that is an answer', () => {
    expect(readPrecheck(printed({ stderr: WELL }), 'lines')).toEqual({
      readable: true,
      findings: [],
      rights: [],
    });
    expect(readPrecheck(printed({}), 'lines').readable).toBe(false);
    expect(readPrecheck(printed({ stderr: WELL, code: 1 }), 'lines').readable).toBe(false);
  });

  test('tells level, code, object and text, and stands apart what may not be created', () => {
    const stdout = [
      'failed to get config dump: no such pod',
      'Error [IST0142] (Cluster) The Kubernetes Version "v1.16.0" is lower than the minimum version: v1.17',
      'Warning [IST0136] (Service a.b) Annotation "x" is part of an alpha-phase feature',
      'Error [IST0141] (Cluster) Missing required permission to create resource clusterroles (no)',
      '',
    ].join('\n');
    expect(lines(stdout)).toMatchObject({
      readable: true,
      findings: [
        { id: 'kubernetes-below-minimum', severity: 'error', object: 'Cluster' },
        { id: 'alpha-annotation-used', severity: 'warning', object: 'Service a.b' },
      ],
      rights: [{ resource: 'clusterroles' }],
    });
    expect(lines(`\u001b[31m${stdout.split('\n')[1] ?? ''}\u001b[0m\n`)).toMatchObject({ findings: [{}] });
  });

  test.each([
    ['cut short', 'Error [IST0142] (Cluster) The Kubernetes Ver'],
    ['another text', 'Install Pre-Check passed! The cluster is ready for Istio installation.\n'],
    ['a message and another text', 'Error [IST0142] (Cluster) x\npanic: y\n'],
    ['JSON', '[]\n'],
  ])('%s is no answer', (_what, stdout) => {
    expect(lines(stdout).readable).toBe(false);
    expect(lines(stdout, 0).readable).toBe(false);
  });
});
