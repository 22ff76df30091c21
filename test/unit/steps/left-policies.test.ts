import { expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { leftPolicies } from '../../../src/steps/left-policies.ts';
import type { Context } from '../../../src/steps/context.ts';

const left = (...items: readonly object[]): Promise<string> => {
  const cluster = { list: () => Readable.from(items) } as unknown as Context['cluster'];
  const inputs = { istioNamespace: 'istio-system' } as Context['inputs'];
  return leftPolicies({ cluster, inputs }, '1-30-3');
};
const policy = (name: string, home: string) => ({
  metadata: {
    name,
    namespace: 'edge',
    labels: { 'install.operator.istio.io/owning-resource-namespace': home },
  },
});

test('what a gateway keeps of a removed revision is named with the command; what is of another mesh is not', async () => {
  expect(await left(policy('gw-1-30-3', 'istio-system'), policy('other-1-30-3', 'istio-blue'))).toMatch(
    /delete them: kubectl -n edge delete networkpolicy gw-1-30-3$/,
  );
  expect(await left()).toBe('');
});
