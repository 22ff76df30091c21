import { hideShapes } from '../redact.ts';

/** So much of a value is shown. */
const SHOWN = 60;
const SECRET_KEY = /(pass|secret|token|credential|key|auth|dsn)/i;
const MAY_HOLD_SECRETS = /\.env\[|\.args$/;

/** An environment may hold anything; what has a secret's name, or the form of one, is not shown (promise 10). */
export function shownSetting(key: string, value: string | undefined): string {
  if (value === undefined) return 'not set';
  if (value === '') return 'set';
  if (SECRET_KEY.test(key) || MAY_HOLD_SECRETS.test(key)) return 'set (not shown)';
  if (value.length > SHOWN || value.includes('\n')) return 'a longer text';
  return /^[[{"]/.test(value) ? hideShapes(value) : JSON.stringify(hideShapes(value));
}
