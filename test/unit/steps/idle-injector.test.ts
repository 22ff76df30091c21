import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Injector } from '../../../src/istio/injection.ts';
import { type Overlay, withConfigFiles } from '../../../src/istioctl/config-files.ts';
import { parseManifest } from '../../../src/istioctl/manifest.ts';
import { idleInjector } from '../../../src/steps/idle-injector.ts';

const NEVER = { matchLabels: { 'istio.io/deactivated': 'never-match' } };
const NAME = 'istio-sidecar-injector';
const own = (selectors: object = { namespaceSelector: NEVER, objectSelector: NEVER }): Injector => ({
  configuration: NAME,
  revision: 'default',
  istioNamespace: 'istio-system',
  tag: undefined,
  namespaceSelector: {},
  objectSelector: {},
  ...selectors,
});
const tag = (revision = 'default'): Injector => ({
  ...own({}),
  configuration: 'istio-revision-tag-default',
  tag: 'default',
  revision,
});
const rendered = parseManifest(`
kind: MutatingWebhookConfiguration
metadata: { name: ${NAME} }
webhooks:
  - name: object.sidecar-injector.istio.io
---
kind: ValidatingWebhookConfiguration
metadata: { name: istio-validator-istio-system }
webhooks:
  - name: rev.validation.istio.io
`);
const patched = (injectors: Injector[], version = '1.31.0'): Overlay[] =>
  idleInjector({ injectors }, rendered, version);

describe('the injector that a default tag stands in for', () => {
  test('stays switched off while it is written anew, by each selector of each of its webhooks', () => {
    expect(patched([own(), own(), tag()])).toEqual([
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        name: NAME,
        patches: ['namespaceSelector', 'objectSelector'].map((selector) => ({
          path: `webhooks.[name:object\\.sidecar-injector\\.istio\\.io].${selector}`,
          value: NEVER,
        })),
      },
    ]);
  });

  test.each<[what: string, injectors: Injector[]]>([
    ['there is no default tag', [own()]],
    ['the default tag is another revision’s', [own(), tag('1-30-3')]],
    ['it is not there', [tag()]],
    ['one of its webhooks selects pods', [own(), own({ objectSelector: NEVER }), tag()]],
  ])('is left to istioctl where %s', (_, injectors) => {
    expect(patched(injectors)).toEqual([]);
  });
});

test.each([
  ['1.11.8', 0],
  ['1.12.0', 0],
  ['1.15.3', 0],
  ['1.16.0', 1],
  ['1.31.0-solo', 1],
])('istioctl %s lets the default tag work while it installs (its patches: %i)', (version, patches) => {
  expect(patched([own(), tag()], version)).toHaveLength(patches);
});

test('patches come after the user’s own, of files and of set', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'overlays-'));
  const ours: Overlay = { apiVersion: 'v1', kind: 'Ours', name: 'o', patches: [] };
  const file = join(dir, 'user.yaml');
  const spec = (overlays: object[]): object => ({ spec: { components: { pilot: { k8s: { overlays } } } } });
  try {
    writeFileSync(file, JSON.stringify(spec([{ kind: 'Users', name: 'u', patches: [] }])));
    const set = ['components.pilot.k8s.overlays[0].name=changed'];
    const what = { configFiles: [file], set, overlays: [ours], revision: 'default' };
    const last = await withConfigFiles(what, dir, (files) =>
      Promise.resolve(parse(readFileSync(files.at(-1)!, 'utf8')) as object),
    );
    expect(last).toMatchObject(spec([{ kind: 'Users', name: 'changed', patches: [] }, ours]));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
