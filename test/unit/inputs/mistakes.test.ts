import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { leftOversOf, placesOfTag } from '../../../src/istio/configuration-text.ts';
import { overlayAims } from '../../../src/istio/overlays.ts';
import { judgeRendered } from '../../../src/istio/rendered.ts';
import { UnreadableManifest, parseManifest } from '../../../src/istioctl/manifest.ts';
import { UnfaithfulSetValue } from '../../../src/istioctl/set-value.ts';
import { mergeSpecs, renderOverlay } from '../../../src/istioctl/overlay.ts';
import { readRevision, readVersion } from '../../../src/input/version.ts';
import { oneOf, readBoolean } from '../../../src/input/words.ts';
import { readSet } from '../../../src/input/set.ts';
import { parseDuration } from '../../../src/input/duration.ts';
import { readNamespace, readNamespaces } from '../../../src/input/namespaces.ts';
import { Rejection } from '../../../src/input-error.ts';
import { PHASES } from '../../../src/outcome.ts';

const DIRECTORY = new URL('../../fixtures/configurations/', import.meta.url);
const corpus = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(new URL(name, DIRECTORY), 'utf8'));
const JUNK = [
  '{{ .X }}',
  '${X}',
  '\t',
  ': ',
  '- ',
  '&a ',
  '*a',
  '!!binary x',
  '"',
  "'",
  '[',
  '{',
  '\u0000',
  '---\n',
  '<<: 1\n',
  '__proto__: 1\n',
];

/** A text, damaged as editors, templates and merges do it. */
const damaged = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat({ max: 20 }), fc.constantFrom('', ...JUNK))
    .map(([text, at, cut, put]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + put + text.slice(from + cut);
    });

/** Anything but the error that is told to the user as his is a fault of ours. */
function only(kinds: readonly (abstract new (...args: never[]) => Error)[], act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
  }
}

describe("a user's mistake is never a fault of the Action", () => {
  test('in a configuration file', () => {
    fc.assert(
      fc.property(damaged(corpus), (text) => {
        const file = { name: 'config.yaml', text };
        leftOversOf(file);
        placesOfTag([file], '1.30.3');
      }),
      { numRuns: 400 },
    );
  });

  test('in what a configuration says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (below, above) => {
        overlayAims(mergeSpecs([below, above]));
        overlayAims({ components: { pilot: { k8s: { overlays: above } } } });
      }),
    );
  });

  test('in set', () => {
    const lines = [
      'values.pilot.env.A=b',
      'components.ingressGateways[0].enabled=false',
      'tag=1.31.0',
      'a.b[name:x].c=1',
    ];
    fc.assert(
      fc.property(damaged(lines), fc.jsonValue(), (line, spec) => {
        only([Rejection], () => readSet(line));
        only([UnfaithfulSetValue], () => renderOverlay([line], spec));
      }),
      { numRuns: 400 },
    );
  });

  test('in words, versions, revisions, namespaces and durations', () => {
    const words = [...PHASES, '1.31.0', 'v1.31', 'latest', '1-31-0', 'team=blue, shop', 'true', '30m'];
    const readers = [
      oneOf(PHASES),
      readVersion,
      readRevision,
      readNamespace,
      readNamespaces,
      readBoolean,
      parseDuration,
    ];
    fc.assert(
      fc.property(damaged(words), fc.constantFrom(...readers), (text, reader) => {
        only([Rejection], () => reader(text));
      }),
      { numRuns: 600 },
    );
  });

  test('in what istioctl makes of it', () => {
    const object = { kind: 'ConfigMap', metadata: { name: 'istio' }, data: { mesh: 'a: ${B}' } };
    const promised = { revision: '1-31-0', version: '1.31.0', istioNamespace: 'istio-system' };
    fc.assert(
      fc.property(damaged([JSON.stringify(object)]), fc.jsonValue(), (text, junk) => {
        for (const yaml of [text, JSON.stringify({ ...object, data: junk, spec: junk, webhooks: junk })])
          only([UnreadableManifest], () =>
            judgeRendered({ objects: parseManifest(yaml), gateways: [], texts: [], warnings: [] }, promised),
          );
      }),
      { numRuns: 400 },
    );
  });

  test('a version that is no whole one is told what is wanted', () => {
    expect(() => readVersion('1.31')).toThrow(/wants to know exactly which/);
  });
});
