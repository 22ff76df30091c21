import { expect, test } from '@jest/globals';
import { glance } from '../../../src/engine/glance.ts';
import { touching } from '../../../src/engine/touching.ts';
import { rememberStatus } from '../../../src/engine/remembered-status.ts';
import type { Facts } from '../../../src/decide/facts.ts';
import type { Istioctl } from '../../../src/istioctl/istioctl.ts';
import type { Context } from '../../../src/steps/context.ts';

const CHANGING = ['install', 'uninstall', 'setTag', 'removeTag'] as const;
const ASKING = ['listTags', 'proxyStatus', 'precheck', 'manifestGenerate', 'uninstallDryRun'] as const;

/** An istioctl of which every command ends in the same way. */
function istioctlThat(does: () => Promise<unknown>): Istioctl {
  return Object.fromEntries([...CHANGING, ...ASKING].map((name) => [name, does])) as unknown as Istioctl;
}

const callAny = (istioctl: Istioctl, name: (typeof CHANGING | typeof ASKING)[number]): Promise<unknown> =>
  (istioctl[name] as () => Promise<unknown>)();

test.each(CHANGING)(
  'promise 2: what was seen before and while istioctl %s ran does not count',
  async (name) => {
    let looks = 0;
    const mesh = glance(() => Promise.resolve(++looks));
    await mesh.now();
    const istioctl = touching(
      istioctlThat(async () => {
        // Somebody looks meanwhile.
        await mesh.now();
        throw new Error('it fails half way');
      }),
      () => mesh.outdate(),
    );
    await expect(callAny(istioctl, name)).rejects.toThrow('it fails half way');
    expect(mesh.seen()).toBeUndefined();
  },
);

test.each(ASKING)('istioctl %s changes nothing', async (name) => {
  let touched = 0;
  const istioctl = touching(
    istioctlThat(() => Promise.resolve('')),
    () => touched++,
  );
  await callAny(istioctl, name);
  expect(touched).toBe(0);
});

test('issue 15: what was asked a moment ago is given once, and then it is asked anew; the latest is kept', async () => {
  const proved = { istioctl: istioctlThat(() => Promise.resolve('anew')) };
  const pair = { from: proved, to: proved } as unknown as Context['istioctl'];
  const known = { to: 'known' } as unknown as Facts['status'];
  const { pair: remembering, latest } = rememberStatus(pair, known);
  const { from, to } = remembering;
  const call = { timeoutMs: 1, signal: new AbortController().signal };
  const ask = (side: typeof from): Promise<unknown> => side.istioctl.proxyStatus({ revision: 'r' }, call);
  expect(latest()).toEqual({ to: 'known' });
  expect([await ask(to), await ask(to), await ask(from)]).toEqual(['known', 'anew', 'anew']);
  expect(latest()).toEqual({ from: 'anew', to: 'anew' });
});
