import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderTarget } from '../../../src/engine/rendered.ts';
import type { Istioctl } from '../../../src/istioctl/istioctl.ts';
import { createIstioctl } from '../../../src/istioctl/istioctl.ts';
import type { CommandRunner } from '../../../src/process/command.ts';
import { parseVersion } from '../../../src/istio/version.ts';
import type { Finding } from '../../../src/finding.ts';

const DIRECTORY = fileURLToPath(new URL('../../fixtures/configurations/', import.meta.url));
const files = readdirSync(DIRECTORY).filter((name) => name.endsWith('.yaml'));

interface Recorded {
  readonly exit: number;
  readonly stderr: string;
  readonly objects: readonly { kind: string }[];
}

const read = (name: string): string => readFileSync(`${DIRECTORY}${name}`, 'utf8');
const EXPECTED = JSON.parse(read('expected.json')) as Readonly<Record<string, readonly string[]>>;

/** istioctl 1.31.0 as it answered when it was recorded. */
function recorded(name: string, version: string, istioNamespace: string): Istioctl {
  const { exit, stderr, objects } = JSON.parse(
    read(`recorded/${name.replace('.yaml', '.json')}`),
  ) as Recorded;
  const stdout = objects.map((object) => `---\n${JSON.stringify(object)}\n`).join('');
  const runner: CommandRunner = {
    run: () =>
      Promise.resolve({
        code: exit,
        signal: null,
        stdout,
        stderr,
        truncated: false,
        timedOut: false,
        aborted: false,
        durationMs: 1,
      }),
  };
  return createIstioctl({
    path: '/istioctl',
    version: parseVersion(version),
    runner,
    env: {},
    tempDir: '/nowhere',
    secrets: [],
    kubeconfigPath: '/kubeconfig',
    context: '',
    istioNamespace,
  });
}

async function judge(
  name: string,
  version = '1.31.0',
  namespace = 'istio-system',
): Promise<readonly Finding[]> {
  const what = { revision: '1-31-0', configFiles: [`${DIRECTORY}${name}`], set: [] };
  const istioctl = recorded(name, version, namespace);
  const target = { istioctl } as Parameters<typeof renderTarget>[0];
  return (await renderTarget(target, what, new AbortController().signal)).findings;
}

const short = (findings: readonly Finding[]): string[] =>
  [...new Set(findings.map(({ id, severity }) => `${severity} ${id}`))].sort();

describe('a configuration file, as the real istioctl renders it (F01 to F07)', () => {
  test('the corpus has its size', () => {
    expect(files.length).toBeGreaterThanOrEqual(30);
    expect(Object.keys(EXPECTED).sort()).toEqual([...files].sort());
  });

  test.each(files)('%s', async (name) => {
    const findings = await judge(name);
    expect(short(findings)).toEqual(EXPECTED[name]);
    for (const finding of findings) expect(finding.remedy).toBeTruthy();
  });

  const remedies = async (name: string): Promise<string[]> =>
    (await judge(name)).map(({ message, remedy = '' }) => `${message} => ${remedy}`);

  test('a pinned tag is named with its file, its line and its correction (F01)', async () => {
    expect((await remedies('02-minimal-hub-tag-revision.yaml')).join()).toMatch(
      /pilot:1\.30\.3, but the version to install is 1\.31\.0 => Take `tag: 1\.30\.3` out of 02-minimal-hub-tag-revision\.yaml \(line 9\): .* set to 1\.31\.0 instead\./,
    );
    expect((await remedies('27-proxy-image.yaml')).join()).toMatch(
      /`image: registry\.example\.com\/istio\/proxyv2:1\.29\.6` out of .* set to registry\.example\.com\/istio\/proxyv2:1\.31\.0/,
    );
  });

  test('the same file is right where it says what was asked for', async () => {
    const told = await judge('02-minimal-hub-tag-revision.yaml', '1.30.3');
    expect(told.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'warning: 02-minimal-hub-tag-revision.yaml, line 10: spec.revision is "1-30-3", and does not count: the control plane is installed as revision 1-31-0',
    ]);
    expect(short(await judge('30-two-namespaces.yaml', '1.31.0', 'mesh-system'))).toEqual([]);
    expect(short(await judge('26-hub-only-mirror.yaml', '1.31.0-solo'))).toEqual([]);
  });

  test('another namespace is named, with how many objects would go there (F02)', async () => {
    expect(await remedies('30-two-namespaces.yaml')).toEqual([
      expect.stringMatching(/\d+ objects for the namespace mesh-system, but Istio is in istio-system => /),
    ]);
  });

  test("a tag's webhook is shown (F03)", async () => {
    const findings = await judge('09-tag-webhook.yaml');
    expect(findings.map(({ object }) => object)).toEqual(
      expect.arrayContaining(['MutatingWebhookConfiguration istio-revision-tag-prod']),
    );
  });

  test('a placeholder has its line (F07)', async () => {
    const [first, second] = (await judge('12-shell-placeholders.yaml')).map(({ message }) => message);
    expect(first).toBe(
      '12-shell-placeholders.yaml, line 6: ${TRUST_DOMAIN} was left to be filled in (spec.meshConfig.trustDomain)',
    );
    expect(second).toMatch(/line 11: \$\{CLUSTER\}/);
    const [helm] = await judge('13-helm-template.yaml');
    expect(helm?.message).toBe(
      '13-helm-template.yaml, line 5: {{ .Release.Namespace }} was left to be filled in',
    );
  });

  test('what may be a script or a template of its own is told once a value, and stops nothing (F07)', async () => {
    expect((await remedies('45-spire-socket.yaml')).join('\n')).toMatch(
      /line 23: \[\[ ! -e \$\{CHECK_FILE\} \]\] and 1 more .*initContainers\]\.value\.command.* => Nothing, if .* Else fill it in/,
    );
    expect(await remedies('47-vault-annotations.yaml')).toHaveLength(2);
  });

  test('what nobody else fills in is refused, also in an annotation (F07)', async () => {
    const findings = await judge('48-left-overs-among-templates.yaml');
    const refused = findings.filter(({ severity }) => severity === 'error');
    expect(refused.map(({ message }) => /line (\d+): (.*) was left/.exec(message)?.slice(1, 3))).toEqual([
      ['9', '${DOMAIN}'],
      ['11', '{{ .Values.team }}'],
      ['18', '{{ cluster }}'],
      ['22', '${ZONE}'],
    ]);
  });

  test('a lost overlay is told with the name that it should have (F06)', async () => {
    expect(await remedies('15-overlays.yaml')).toEqual([expect.stringContaining('Name it istiod-1-31-0')]);
  });

  test('an autoscaler of the istiod that runs is told with the name that it should have (H63)', async () => {
    const [finding] = await judge('43-autoscaler-of-istiod.yaml');
    expect(finding?.object).toBe('HorizontalPodAutoscaler istio-system/istiod-1-31-0');
    expect(finding?.message).toMatch(/scale Deployment istio-system\/istiod, which would not be installed/);
    expect(finding?.remedy).toMatch(/Take scaleTargetRef out .* set its name to istiod-1-31-0/);
  });

  test("a gateway's overlay is not told where promote installs the gateways (F06)", async () => {
    const target = { istioctl: recorded('16-overlay-of-revision.yaml', '1.31.0', 'istio-system') };
    const told = async (without?: 'gateways') => {
      const configFiles = [`${DIRECTORY}49-gateway-overlay.yaml`];
      const what = { revision: '1-31-0', configFiles, set: [], ...(without && { without }) };
      const rendering = renderTarget(target, what, new AbortController().signal);
      return short((await rendering).findings);
    };
    expect(await told()).toEqual(['warning configuration-overlay-lost']);
    expect(await told('gateways')).toEqual([]);
  });
});
