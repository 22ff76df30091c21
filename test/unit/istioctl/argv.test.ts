import { describe, expect, test } from '@jest/globals';
import { dialectOf } from '../../../src/istio/dialect.ts';
import { parseVersion } from '../../../src/istio/version.ts';
import {
  type CommandLine,
  type Target,
  clientVersionArgs,
  installArgs,
  listTagsArgs,
  meshVersionArgs,
  manifestGenerateArgs,
  precheckArgs,
  proxyStatusArgs,
  setTagArgs,
  uninstallArgs,
} from '../../../src/istioctl/argv.ts';

const target: Target = { kubeconfigPath: '/k', context: 'prod', istioNamespace: 'istio-system' };
const elsewhere: Target = { kubeconfigPath: '/k', context: '', istioNamespace: 'istio-alt' };
const dialect = dialectOf(parseVersion('1.31.0'));
const ACCESS = '--kubeconfig /k --context prod --kubeclient-timeout 60s';
const ALT_ACCESS = '--kubeconfig /k --kubeclient-timeout 60s';
const words = (args: CommandLine): readonly string[] => ('missing' in args ? [args.missing] : args);
const line = (args: CommandLine): string => words(args).join(' ');

describe('the arguments of', () => {
  test('version: no cluster', () => {
    expect(line(clientVersionArgs())).toBe('version --remote=false -o json');
  });

  test('precheck: JSON, without a threshold (T19)', () => {
    expect(line(precheckArgs(target, dialect))).toBe(
      `x precheck -o json --istioNamespace istio-system ${ACCESS}`,
    );
  });

  test('install: files in their order, revision, readiness, no prompt', () => {
    const options = { revision: '1-31-0', files: ['/a.yaml', '/b.yaml'], readinessTimeoutMs: 90_500 };
    expect(line(installArgs(target, dialect, options))).toBe(
      `install -f /a.yaml -f /b.yaml --revision 1-31-0 --readiness-timeout 91s -y ${ACCESS}`,
    );
  });

  test('K02: all that ask a cluster: whom the kubeconfig acts as, which istioctl takes from flags alone', () => {
    const acting: Target = { ...target, actsAs: { user: 'ops,a', uid: '7', groups: ['-x', 'y'], extra: {} } };
    const flags = '--as=ops,a --as-uid=7 --as-group=-x --as-group=y';
    const all = [
      precheckArgs(acting, dialect),
      installArgs(acting, dialect, { revision: 'r', files: [], readinessTimeoutMs: 1 }),
      uninstallArgs(acting, dialect, 'r', 'dry-run'),
      setTagArgs(acting, dialect, { tag: 't', revision: 'r', injectsAll: false }),
      listTagsArgs(acting, dialect),
      meshVersionArgs(acting, dialect, 'r'),
      proxyStatusArgs(acting, dialect, 'r'),
    ];
    for (const args of all) expect(line(args)).toContain(flags);
    const alone: Target = { ...target, actsAs: { user: 'ops', uid: '', groups: [], extra: {} } };
    expect(line(listTagsArgs(alone, dialect))).toBe(
      'tag list --istioNamespace istio-system --kubeconfig /k --context prod --as=ops --kubeclient-timeout 60s',
    );
  });

  test('install of the control plane without revision: none', () => {
    const options = { revision: 'default', files: [], readinessTimeoutMs: 60_000 };
    expect(line(installArgs(target, dialect, options))).toBe(`install --readiness-timeout 60s -y ${ACCESS}`);
  });

  test('install elsewhere: the namespace as a value', () => {
    const options = { revision: 'alt', files: [], readinessTimeoutMs: 60_000 };
    expect(line(installArgs(elsewhere, dialect, options))).toBe(
      `install --revision alt --set values.global.istioNamespace=istio-alt --readiness-timeout 60s -y ${ALT_ACCESS}`,
    );
  });

  test('manifest generate: as install, without a cluster', () => {
    expect(line(manifestGenerateArgs(elsewhere, dialect, 'alt', ['/a.yaml']))).toBe(
      'manifest generate -f /a.yaml --revision alt --set values.global.istioNamespace=istio-alt',
    );
  });

  test('a file with a comma in its name: one field of CSV', () => {
    expect(words(manifestGenerateArgs(target, dialect, 'r', ['/a,b "c".yaml']))).toContain(
      '"/a,b ""c"".yaml"',
    );
  });

  test('uninstall: by revision and by nothing else (T15)', () => {
    expect(line(uninstallArgs(target, dialect, 'canary', 'delete'))).toBe(
      `uninstall --revision canary -y --istioNamespace istio-system ${ACCESS}`,
    );
    expect(line(uninstallArgs(target, dialect, 'default', 'dry-run'))).toBe(
      `uninstall --revision default --dry-run --istioNamespace istio-system ${ACCESS}`,
    );
    const args = words(uninstallArgs(target, dialect, 'canary', 'delete'));
    for (const never of ['-f', '--filename', '--purge', '--set']) expect(args).not.toContain(never);
  });

  test('uninstall elsewhere: the namespace as a value, too', () => {
    expect(line(uninstallArgs(elsewhere, dialect, 'alt', 'dry-run'))).toBe(
      `uninstall --revision alt --set values.global.istioNamespace=istio-alt --dry-run --istioNamespace istio-alt ${ALT_ACCESS}`,
    );
  });

  test('tag set: over what is there, no prompt', () => {
    const tag = { tag: 'default', revision: 'default' };
    expect(line(setTagArgs(target, dialect, { ...tag, injectsAll: false }))).toBe(
      `tag set default --revision default --overwrite -y --istioNamespace istio-system ${ACCESS}`,
    );
    // M06: what injects unlabelled namespaces goes on to do so.
    expect(line(setTagArgs(target, dialect, { ...tag, injectsAll: true }))).toBe(
      `tag set default --revision default --overwrite --auto-inject-namespaces -y --istioNamespace istio-system ${ACCESS}`,
    );
  });

  test('proxy-status: always by revision (T10), in the words of the version', () => {
    expect(line(proxyStatusArgs(target, dialect, 'canary'))).toBe(
      `proxy-status --revision canary -o json --istioNamespace istio-system ${ACCESS}`,
    );
    const older = dialectOf(parseVersion('1.29.6'));
    expect(line(proxyStatusArgs(target, older, 'canary'))).toContain('proxy-status --revision canary -v 1 ');
  });

  test('no command: a flag that an older version does not know', () => {
    const old = dialectOf(parseVersion('1.26.8'));
    expect(line(uninstallArgs(target, old, 'canary', 'delete'))).not.toContain('kubeclient-timeout');
  });
});
