import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { NOTHING_RENDERED } from '../../../src/engine/rendered.ts';
import type { Session } from '../../../src/engine/session.ts';
import { targetConfigMaps } from '../../../src/engine/target-config-map.ts';

test('what would be installed is asked for first, and what is there is read once for all who ask', async () => {
  const asked: string[] = [];
  const get = (_kind: string, name: string) => {
    asked.push(name);
    return Promise.resolve({ data: { from: 'cluster' } });
  };
  const session = { reader: { get }, inputs: { istioNamespace: 'istio-system' } } as unknown as Session;
  const target = targetConfigMaps(session, {
    ...NOTHING_RENDERED,
    yaml: stringify({ kind: 'ConfigMap', metadata: { name: 'istio-new' }, data: { from: 'manifest' } }),
  });
  await expect(target('istio-new')).resolves.toEqual({ from: 'manifest' });
  await expect(target('istio-other')).resolves.toEqual({ from: 'cluster' });
  await expect(target('istio-other')).resolves.toEqual({ from: 'cluster' });
  expect(asked).toEqual(['istio-other']);
});
