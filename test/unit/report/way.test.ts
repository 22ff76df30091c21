import { expect, test } from '@jest/globals';
import { renderSummary } from '../../../src/report/summary.ts';
import type { UpgradeState } from '../../../src/outcome.ts';
import { emptyReport } from './reports.ts';

/** The way that a summary shows. */
function shown(state: UpgradeState, { inPlace }: { readonly inPlace: boolean }): string {
  const text = renderSummary(
    emptyReport({
      state,
      from: { revision: 'default', version: '1.30.3' },
      to: { revision: inPlace ? 'default' : '1-31-0', version: '1.31.0' },
    }),
  );
  return /\*\*State\*\* (.*)/.exec(text.replaceAll('\u00A0', ' '))?.[1] ?? '';
}

test('in place there is no stop between canary and the end, and promote leads to the end', () => {
  const of = (state: UpgradeState): string => shown(state, { inPlace: true });
  expect(of('none')).toBe('none → ⬜ canary → ⬜ completed');
  expect(of('canary')).toBe('✅ **canary** → ⬜ completed');
  expect(of('promoting')).toBe('✅ canary → ▶️ **promoting**');
  expect(of('completed')).toBe('✅ canary → ✅ **completed**');
  expect(of('rolling-back')).toBe('rolling-back');
});

test('beside a control plane that stays the mesh is promoted first', () => {
  const of = (state: UpgradeState): string => shown(state, { inPlace: false });
  expect(of('promoting')).toBe('✅ canary → ▶️ **promoting** → ⬜ completed');
  expect(of('removing')).toBe('✅ canary → ✅ promoted → ▶️ **removing**');
});
