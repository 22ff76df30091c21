import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newReport } from '../../../src/main.ts';
import { redactDeep, redactReport, redactor } from '../../../src/redact.ts';

test('secrets go wherever they are, the longer ones first', () => {
  expect(redactor(['hunter2', 'hunter2-long'])('a hunter2-long b hunter2 c')).toBe('a *** b *** c');
});

test('what looks like one goes, whoever gave it', () => {
  const jwt = `eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(20)}.${'y'.repeat(20)}`;
  const redact = redactor([]);
  expect(redact(`token ${jwt} is no good`)).toBe('token *** is no good');
  expect(redact('Get "https://user:pass@proxy:3128/": no')).toBe('Get "https://***@proxy:3128/": no');
  expect(redact('Authorization: Bearer abcdef')).toBe('Authorization: Bearer ***');
  expect(redact('x -----BEGIN RSA PRIVATE KEY----- abc -----END RSA PRIVATE KEY----- y')).toBe('x *** y');
});

test('words of a few letters stay: hidden, they would take half of every text with them', () => {
  expect(redactor(['on', ''])('on and on')).toBe('on and on');
});

test('no secret is left over', () => {
  const secret = fc.string({ minLength: 4 }).filter((text) => !text.includes('*'));
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (text, before, after) => {
      expect(
        redactor([text])(before + text + after)
          .split('***')
          .every((part) => !part.includes(text)),
      ).toBe(true);
    }),
  );
});

test('a secret goes in the form in which JSON and Go quote it, and one of many lines line by line', () => {
  const redact = redactor(['pass"word\\x', 'first-of-many\n}\nsecond-of-many']);
  expect(redact('got "pass\\"word\\\\x"')).toBe('got "***"');
  expect(redact('a first-of-many } b')).toBe('a *** } b');
  expect(redact('second-of-many')).toBe('***');
});

test('every text of a value goes through, however deep; what is no text stays', () => {
  const value = { a: 'hunter2', b: [{ c: 'x hunter2', d: 1, e: null, f: true }] };
  expect(redactDeep(value, redactor(['hunter2']))).toEqual({
    a: '***',
    b: [{ c: 'x ***', d: 1, e: null, f: true }],
  });
});

test('a token goes wherever it stands among letters that tokens have, and what is near it stays', () => {
  const jwt = `eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(20)}.${'y'.repeat(20)}`;
  const redact = redactor([]);
  expect(redact(`a.b.${jwt}.c`)).toBe('a.b.***.c');
  expect(redact(`x-${jwt}`)).toBe('x-***');
  expect(redact(`${jwt} ${jwt}`)).toBe('*** ***');
  expect(redact('eyJshort.x.y, keyJhbGciOiJSUzI1NiJ9.xxxxxxxxxx.y')).toBe(
    'eyJshort.x.y, keyJhbGciOiJSUzI1NiJ9.xxxxxxxxxx.y',
  );
});

test('what other jobs decide by is never starred, though a password be such a word', () => {
  const report = newReport('canary', false);
  report.outcome = 'failed';
  report.state = 'canarying';
  report.nextPhase = 'rollback';
  report.headline = 'canary failed';
  report.findings.push({ id: 'canary-failed', severity: 'error', message: 'canary error' });
  report.steps.push({
    id: 'canary',
    title: 'canary',
    status: 'failed',
    detail: 'canary',
    changes: ['canary'],
  });
  expect(redactReport(report, redactor(['canary', 'fail', 'roll', 'error']))).toMatchObject({
    phase: 'canary',
    outcome: 'failed',
    state: 'canarying',
    nextPhase: 'rollback',
    headline: '*** ***ed',
    findings: [{ id: 'canary-failed', severity: 'error', message: '*** ***' }],
    steps: [{ id: 'canary', title: '***', status: 'failed', detail: '***', changes: ['***'] }],
  });
});
