import { describe, expect, test } from '@jest/globals';
import { injectorsOf } from '../../../src/istio/injection.ts';
import { choiceOf, namespaceOf } from '../../../src/istio/namespace.ts';
import { NEW, OLD, foreignWebhook, revisionWebhook, tagWebhook } from '../../support/mesh.ts';

const own = injectorsOf([revisionWebhook(OLD.revision), tagWebhook('default', OLD.revision)]);

describe('how labels choose', () => {
  test.each<[Record<string, string>, string]>([
    [{}, 'none'],
    [{ 'istio-injection': 'enabled' }, 'injection'],
    [{ 'istio.io/rev': 'x' }, 'revision'],
    [{ 'istio-injection': 'enabled', 'istio.io/rev': 'x' }, 'both'],
    // M29: no injection there by Istio's rule, whatever the revision says.
    [{ 'istio-injection': 'disabled', 'istio.io/rev': 'x' }, 'none'],
    [{ 'istio-injection': '' }, 'none'],
  ])('%j: %s', (labels, choice) => {
    expect(choiceOf(labels)).toBe(choice);
  });
});

describe('a namespace', () => {
  test('M29: istio-injection=disabled beside istio.io/rev is injected by nobody', () => {
    const labels = { 'istio-injection': 'disabled', 'istio.io/rev': OLD.revision };
    expect(namespaceOf({ metadata: { name: 'a', labels } }, own, [])).toMatchObject({
      choice: 'none',
      injectedBy: [],
      foreign: [],
    });
  });

  test('M03: what another mesh injects is said with its place, and is not ours', () => {
    const theirs = injectorsOf([
      foreignWebhook('blue', 'istio-blue'),
      foreignWebhook(NEW.revision, undefined),
    ]);
    const of = (revision: string) =>
      namespaceOf({ metadata: { name: 'a', labels: { 'istio.io/rev': revision } } }, own, theirs);
    expect(of('blue')).toMatchObject({ injectedBy: [], foreign: ['blue in istio-blue'] });
    expect(of(NEW.revision)).toMatchObject({
      injectedBy: [],
      foreign: [`${NEW.revision} in another cluster`],
    });
    expect(of(OLD.revision)).toMatchObject({ injectedBy: [OLD.revision], foreign: [] });
  });

  test.each([
    ['a time of deletion', { deletionTimestamp: '2026-11-28T00:00:00Z' }, undefined, true],
    ['the phase Terminating', {}, { phase: 'Terminating' }, true],
    ['neither', {}, { phase: 'Active' }, false],
  ])('M41: with %s', (_, metadata, status, terminating) => {
    expect(
      namespaceOf({ metadata: { name: 'a', ...metadata }, ...(status && { status }) }, own, []).terminating,
    ).toBe(terminating);
  });
});
