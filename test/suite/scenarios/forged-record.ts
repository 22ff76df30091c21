import { NEW, OLD, TARGET } from './shop.ts';

/** A record as somebody might write it, or a backup bring it back. */
export function record(changes: object): { readonly data: { readonly record: string } } {
  const now = '2026-11-28T00:00:00.000Z';
  const whole = {
    schemaVersion: 1,
    attempt: 'forged',
    from: { revision: '1-30-3', version: OLD },
    to: { revision: TARGET, version: NEW },
    istioctl: {},
    intent: 'promote',
    run: 'somebody',
    writtenAt: now,
    ...changes,
  };
  return { data: { record: JSON.stringify(whole) } };
}
