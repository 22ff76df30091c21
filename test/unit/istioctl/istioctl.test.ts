import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseVersion } from '../../../src/istio/version.ts';
import { type Istioctl, createIstioctl } from '../../../src/istioctl/istioctl.ts';
import { mergeSpecs } from '../../../src/istioctl/overlay.ts';
import { UnfaithfulSetValue } from '../../../src/istioctl/set-value.ts';
import type { CommandResult, CommandSpec } from '../../../src/process/command.ts';
import { recording } from './recording.ts';
import { scratch } from '../../support/scratch.ts';

const CALL = { timeoutMs: 20_000 };
const ENDED: CommandResult = {
  code: 0,
  signal: null,
  stdout: '',
  stderr: '',
  timedOut: false,
  aborted: false,
  truncated: false,
  durationMs: 7,
};

interface Fake {
  readonly istioctl: Istioctl;
  readonly specs: CommandSpec[];
  readonly logged: string[];
  readonly tempDir: string;
}

/** An istioctl whose program answers with `result`; `meanwhile` looks at what is there while it runs. */
function fake(
  result: Partial<CommandResult>,
  { version = '1.31.0', meanwhile = undefined as ((spec: CommandSpec) => void) | undefined } = {},
): Fake {
  const specs: CommandSpec[] = [];
  const logged: string[] = [];
  const tempDir = scratch('istioctl');
  const istioctl = createIstioctl({
    path: '/bin/istioctl',
    version: parseVersion(version),
    runner: {
      run: (spec) => {
        specs.push(spec);
        meanwhile?.(spec);
        return Promise.resolve({ ...ENDED, ...result });
      },
    },
    kubeconfigPath: '/k',
    context: '',
    istioNamespace: 'istio-system',
    env: { PATH: '/bin', INPUT_KUBECONFIG: 'secret', ISTIOCTL_REVISION: 'x', AWS_PROFILE: 'p' },
    tempDir,
    secrets: ['kubeconfig-secret'],
    log: (line) => logged.push(line),
  });
  return { istioctl, specs, logged, tempDir };
}

/** Of istioctl's own settings: empty. */
const SETTINGS = 'istioctl-settings.yaml';

const CANARY = { revision: 'canary', configFiles: [], set: [] };

describe('every call', () => {
  const calls: readonly [string, (istioctl: Istioctl) => Promise<unknown>][] = [
    ['clientVersion', (it) => it.clientVersion(CALL)],
    ['precheck', (it) => it.precheck(CALL)],
    ['manifestGenerate', (it) => it.manifestGenerate(CANARY, CALL)],
    ['install', (it) => it.install({ ...CANARY, readinessTimeoutMs: 1000 }, CALL)],
    ['uninstallDryRun', (it) => it.uninstallDryRun({ revision: 'canary' }, CALL)],
    ['uninstall', (it) => it.uninstall({ revision: 'canary' }, CALL)],
    ['setTag', (it) => it.setTag({ tag: 'prod', revision: 'canary', injectsAll: false }, CALL)],
    ['listTags', (it) => it.listTags(CALL)],
    ['proxyStatus', (it) => it.proxyStatus({ revision: 'canary' }, CALL)],
  ];

  test.each(calls)('%s has a deadline, a clean environment, and is logged', async (_name, call) => {
    const { istioctl, specs, logged, tempDir } = fake({});
    await call(istioctl);
    expect(specs).toHaveLength(1);
    expect(specs[0]).toMatchObject({ file: '/bin/istioctl', timeoutMs: 20_000 });
    const ISTIOCONFIG = join(tempDir, SETTINGS);
    expect(specs[0]!.env).toEqual({
      PATH: '/bin',
      AWS_PROFILE: 'p',
      TERM: 'dumb',
      NO_COLOR: '1',
      ISTIOCONFIG,
    });
    // istioctl ends where it names a file that is not there.
    expect(readFileSync(ISTIOCONFIG, 'utf8')).toBe('');
    expect(logged).toEqual([`istioctl ${specs[0]!.args.join(' ')}`]);
  });

  test.each(calls)(
    '%s that succeeds in silence, late, stopped or killed is no success',
    async (name, call) => {
      const silent = ['precheck', 'install', 'uninstall', 'listTags'];
      const outcomes = [{ timedOut: true }, { aborted: true }, { signal: 'SIGKILL' as const, code: null }];
      for (const outcome of silent.includes(name) ? outcomes : [...outcomes, {}]) {
        const answer = (await call(fake(outcome).istioctl)) as { ok?: boolean; readable?: boolean };
        expect(answer.ok ?? answer.readable).toBe(false);
      }
    },
  );

  test('passes the signal on', async () => {
    const { istioctl, specs } = fake({});
    const { signal } = new AbortController();
    await istioctl.precheck({ timeoutMs: 1, signal });
    expect(specs[0]!.signal).toBe(signal);
  });
});

describe('answers', () => {
  test('are read, in the format of the version', async () => {
    const read = (version: '1.29.6' | '1.31.0', name: string) =>
      fake(recording(version, name), { version }).istioctl.proxyStatus({ revision: 'canary' }, CALL);
    await expect(read('1.31.0', '079')).resolves.toMatchObject({ readable: true, proxies: { length: 2 } });
    await expect(read('1.29.6', '082')).resolves.toMatchObject({ readable: true, proxies: { length: 2 } });
  });

  test.each(['1.29.6', '1.31.0'] as const)('tell the version of the client (%s)', async (version) => {
    const answer = await fake(recording(version, '002')).istioctl.clientVersion(CALL);
    expect(answer).toEqual({ readable: true, version });
  });

  test('F05: tell the versions of the istiods of a revision and of their proxies, as far as they answer', async () => {
    const told = {
      clientVersion: { version: '1.31.0' },
      meshVersion: [{ Component: 'pilot', Revision: 'canary', Info: { version: '1.30.3' } }, { Info: null }],
      dataPlaneVersion: [{ ID: 'a.b', IstioVersion: '1.30.1' }, null],
    };
    const ask = (result: Partial<CommandResult>) =>
      fake(result).istioctl.meshVersion({ revision: 'canary' }, CALL);
    expect(await ask({ stdout: JSON.stringify(told) })).toEqual({
      readable: true,
      istiods: ['1.30.3'],
      proxies: ['1.30.1'],
    });
    expect(await ask(recording('1.31.0', '154'))).toEqual({ readable: true, istiods: [], proxies: [] });
    expect(await ask({ stdout: '[1]' })).toMatchObject({ readable: false });
    expect(await ask({ code: 1, stderr: 'Error: no' })).toMatchObject({
      readable: false,
      reason: 'Error: no',
    });
  });

  test('that were cut short by their size are none', async () => {
    const { istioctl } = fake({ ...recording('1.31.0', '079'), truncated: true });
    await expect(istioctl.proxyStatus({ revision: 'canary' }, CALL)).resolves.toMatchObject({
      readable: false,
      reason: expect.stringContaining('too large'),
    });
  });

  test('that did not come in time say so', async () => {
    const { istioctl } = fake({ ...recording('1.31.0', '079'), timedOut: true });
    await expect(istioctl.proxyStatus({ revision: 'canary' }, CALL)).resolves.toEqual({
      readable: false,
      reason: 'it did not end within 20 s',
    });
  });

  test('have no tokens in their words', async () => {
    const stderr = 'Error: Get "https://u:pw@host/": Bearer abcdefgh';
    const answer = await fake({ code: 1, stderr }).istioctl.precheck(CALL);
    expect(answer).toEqual({ readable: false, reason: 'Error: Get "https://***@host/": Bearer ***' });
  });

  test('of manifest generate are YAML, and nothing else', async () => {
    const good = await fake({ stdout: 'kind: X\n' }).istioctl.manifestGenerate(CANARY, CALL);
    expect(good).toEqual({ readable: true, yaml: 'kind: X\n', warnings: [] });
    const warned = fake({ stdout: 'kind: X\n', stderr: '! values.global.x is deprecated\n\n' }).istioctl;
    expect(await warned.manifestGenerate(CANARY, CALL)).toMatchObject({
      warnings: ['values.global.x is deprecated'],
    });
    const bad = await fake({ stdout: 'kind: X\n', stderr: 'Error: no', code: 1 }).istioctl.manifestGenerate(
      CANARY,
      CALL,
    );
    expect(bad).toEqual({ readable: false, reason: 'Error: no' });
  });
});

describe('changes', () => {
  test('that were done are ok', async () => {
    const { istioctl } = fake(recording('1.31.0', '037'));
    await expect(istioctl.install({ ...CANARY, readinessTimeoutMs: 1000 }, CALL)).resolves.toEqual({
      ok: true,
      code: 0,
      timedOut: false,
      aborted: false,
      words: '',
      denied: [],
      durationMs: 7,
    });
  });

  test('that failed say why in istioctl’s words', async () => {
    const install = { ...CANARY, readinessTimeoutMs: 1000 };
    await expect(fake(recording('1.31.0', '031')).istioctl.install(install, CALL)).resolves.toMatchObject({
      ok: false,
      code: 1,
      words: expect.stringContaining('resources not ready after 6s'),
    });
    await expect(
      fake(recording('1.31.0', '114')).istioctl.uninstall({ revision: 'x' }, CALL),
    ).resolves.toMatchObject({
      ok: false,
      words: 'Error: could not find target revision',
    });
    const tag = { tag: 'foo', revision: 'canary', injectsAll: false };
    await expect(fake(recording('1.31.0', '453')).istioctl.setTag(tag, CALL)).resolves.toMatchObject({
      ok: false,
      code: 2,
      words: expect.stringContaining('panic'),
    });
  });

  test('that were interrupted are not ok whatever the exit code', async () => {
    const { istioctl } = fake({ ...recording('1.31.0', '037'), timedOut: true });
    await expect(istioctl.install({ ...CANARY, readinessTimeoutMs: 1000 }, CALL)).resolves.toMatchObject({
      ok: false,
      timedOut: true,
      words: expect.stringMatching(/^it did not end within 20 s/),
    });
  });

  test('of a tag are believed only in words (T05)', async () => {
    const tag = { tag: 'prod', revision: '1-31-0', injectsAll: false };
    await expect(fake(recording('1.31.0', '052')).istioctl.setTag(tag, CALL)).resolves.toMatchObject({
      ok: true,
    });
    await expect(fake({ stdout: 'Aborting operation.' }).istioctl.setTag(tag, CALL)).resolves.toMatchObject({
      ok: false,
      code: 0,
      words: 'Aborting operation.',
    });
  });

  test('are followed line by line, without the ship and without secrets', async () => {
    const lines: string[] = [];
    const meanwhile = ({ onLine }: CommandSpec): void => {
      onLine?.('stderr', '     / ||     \\     ');
      onLine?.('stdout', '2026-11-23T09:40:49.303930Z\twarn\t[core] hunter2');
      onLine?.('stderr', '- Processing resources for hunter2.');
    };
    const { istioctl } = fake({}, { meanwhile });
    const what = { ...CANARY, set: ['values.x=hunter2'], readinessTimeoutMs: 1000 };
    await istioctl.install(what, CALL, (line) => lines.push(line));
    expect(lines).toEqual(['- Processing resources for ***.']);
  });
});

describe('rights that are missing (promise 11)', () => {
  test('are told by verb and resource, all of them, although the words are cut', async () => {
    const { istioctl } = fake(recording('1.31.0', '351'));
    const { words, denied } = await istioctl.uninstall({ revision: '1-31-0' }, CALL);
    expect(words).toMatch(/…$/);
    expect(denied).toHaveLength(12);
    expect(denied).toContainEqual({
      verb: 'delete',
      group: 'autoscaling',
      resource: 'horizontalpodautoscalers',
      namespace: 'istio-system',
    });
  });

  test('are told with an answer that can’t be read, also of a command that hung for want of them', async () => {
    const ask = (result: Partial<CommandResult>) =>
      fake(result).istioctl.proxyStatus({ revision: 'canary' }, CALL);
    await expect(ask(recording('1.31.0', '321'))).resolves.toMatchObject({
      denied: [
        {
          verb: 'create',
          group: '',
          resource: 'serviceaccounts',
          subresource: 'token',
          namespace: 'istio-system',
        },
      ],
    });
    await expect(ask({ ...recording('1.31.0', '313'), timedOut: true })).resolves.toMatchObject({
      readable: false,
      denied: [
        { verb: 'list', group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations' },
      ],
    });
    await expect(ask(recording('1.31.0', '085'))).resolves.not.toHaveProperty('denied');
  });
});

describe('set values (promise 10)', () => {
  const SECRET = 'hunter2-very-secret';
  const what = { ...CANARY, set: [`values.global.password=${SECRET}`], readinessTimeoutMs: 1000 };

  test('go through a file of mode 0600 that is gone afterwards, behind the user’s files', async () => {
    const dir = scratch('config');
    const user = join(dir, 'user.yaml');
    writeFileSync(user, 'spec: {profile: minimal}');
    const seen: { mode: number; text: string }[] = [];
    const meanwhile = ({ args }: CommandSpec): void => {
      expect(args[args.indexOf('-f') + 1]).toBe(user);
      const overlay = args[args.lastIndexOf('-f') + 1]!;
      seen.push({ mode: statSync(overlay).mode & 0o777, text: readFileSync(overlay, 'utf8') });
    };
    const { istioctl, tempDir } = fake({}, { meanwhile });
    await istioctl.install({ ...what, configFiles: [user] }, CALL);
    await istioctl.manifestGenerate({ ...what, configFiles: [user] }, CALL);
    expect(seen).toEqual(Array(2).fill({ mode: 0o600, text: expect.stringContaining(SECRET) }));
    expect(readdirSync(tempDir)).toEqual([SETTINGS]);
  });

  test('are in no argument, no log and no words', async () => {
    const stderr = `Error: cannot unmarshal "${SECRET}" into int`;
    const { istioctl, specs, logged } = fake({ code: 1, stderr, stdout: SECRET });
    const answers = [await istioctl.install(what, CALL), await istioctl.manifestGenerate(what, CALL)];
    expect(JSON.stringify([answers, specs.map(({ args, env }) => ({ args, env })), logged])).not.toContain(
      SECRET,
    );
    expect(answers[0]).toMatchObject({ words: 'Error: cannot unmarshal "***" into int' });
  });

  test('are hidden before the words are cut, so that not even half of one is left', async () => {
    for (let before = 380; before < 520; before += 7) {
      const stderr = `Error: ${'x'.repeat(before)} ${SECRET}`;
      const { words } = await fake({ code: 1, stderr }).istioctl.install(what, CALL);
      expect(words).not.toContain(SECRET.slice(0, 4));
    }
  });

  test('and the values of the files, also of one that is no YAML, are hidden where istioctl quotes them', async () => {
    const dir = scratch('config');
    const file = (name: string, text: string): string => {
      writeFileSync(join(dir, name), text);
      return join(dir, name);
    };
    const configFiles = [
      file(
        'good.yaml',
        'spec:\n  profile: minimal\n  hub: "quoted \\"marker-1one\\""\n  x: [{y: marker-2two}]\n',
      ),
      file('two.yaml', 'a: 1\n---\nb: |\n  first-marker-line\n  second-marker-4line\n'),
      file('bad.yaml', 'spec: {\n  password: marker-three\n'),
    ];
    const stderr =
      'Error: minimal istio-system 1.31.0 8080: "quoted \\"marker-1one\\"" marker-2two second-marker-4line: marker-three';
    const { istioctl } = fake({ code: 1, stderr });
    const { words } = await istioctl.install({ ...CANARY, configFiles, readinessTimeoutMs: 1000 }, CALL);
    expect(words).toBe('Error: minimal istio-system 1.31.0 8080: "***" *** ***: ***');
  });

  test('F08: ordinary words are none, and rights are read before anything is hidden', async () => {
    const dir = scratch('config');
    const path = join(dir, 'op.yaml');
    writeFileSync(
      path,
      `spec:
  hub: registry.example.com:5000/istio
  meshConfig: {accessLogFile: /dev/stdout, trustDomain: cluster.local}
  components: {pilot: {k8s: {env: [{name: API_TOKEN, value: correct-horse}, {name: MODE, value: authorization}]}}}
  values: {pilot: {cpu: {target: "roles"}}, odd: roles-7hidden}
`,
    );
    const stderr =
      'Error: roles-7hidden correct-horse registry.example.com:5000/istio: roles.rbac.authorization.k8s.io is forbidden: User "ci" cannot list resource "roles" in API group "rbac.authorization.k8s.io" at the cluster scope';
    const what = { ...CANARY, configFiles: [path], set: ['values.a=list', 'values.b.token=resource'] };
    const answer = await fake({ code: 1, stderr }).istioctl.install({ ...what, readinessTimeoutMs: 1 }, CALL);
    // A secret's name makes a secret of a word: what is hidden then is hidden in the words alone.
    expect(answer.words).toBe(
      'Error: *** *** registry.example.com:5000/istio: roles.rbac.authorization.k8s.io is forbidden: User "ci" cannot list *** "roles" in API group "rbac.authorization.k8s.io" at the cluster scope',
    );
    expect(answer.denied).toEqual([{ verb: 'list', group: 'rbac.authorization.k8s.io', resource: 'roles' }]);
  });

  test('of the kubeconfig are hidden in every call', async () => {
    const stderr = 'Error: exec plugin: kubeconfig-secret is no good';
    const { istioctl } = fake({ code: 1, stderr });
    const answers = [
      await istioctl.precheck(CALL),
      await istioctl.proxyStatus({ revision: 'x' }, CALL),
      await istioctl.setTag({ tag: 'default', revision: 'x', injectsAll: false }, CALL),
      await istioctl.uninstall({ revision: 'x' }, CALL),
    ];
    expect(JSON.stringify(answers)).not.toContain('kubeconfig-secret');
    expect(answers[0]).toMatchObject({ reason: 'Error: exec plugin: *** is no good' });
  });

  test('that cannot be carried stop the call before it begins', async () => {
    const { istioctl, specs, tempDir } = fake({});
    const call = istioctl.install({ ...what, set: [`a[0][1]=${SECRET}`] }, CALL);
    await expect(call).rejects.toBeInstanceOf(UnfaithfulSetValue);
    await expect(call).rejects.not.toThrow(SECRET);
    expect(specs).toEqual([]);
    expect(readdirSync(tempDir)).toEqual([]);
  });

  test('leave no file behind where the program cannot be run', async () => {
    const meanwhile = (): void => {
      throw new Error('cannot run');
    };
    const { istioctl, tempDir } = fake({}, { meanwhile });
    await expect(istioctl.install(what, CALL)).rejects.toThrow('cannot run');
    expect(readdirSync(tempDir)).toEqual([SETTINGS]);
  });
});

describe('the revision is the one that is asked for, whatever the files say', () => {
  /** What all files say of the revision once they are merged, as the last one has the last word. */
  async function said(spec: object, revision: string, set: readonly string[] = []): Promise<unknown> {
    const file = join(scratch('config'), 'user.yaml');
    writeFileSync(file, `${JSON.stringify({ spec })}\n---\n`);
    let last: unknown;
    const meanwhile = ({ args }: CommandSpec): void => {
      const paths = args.flatMap((arg, index) => (args[index - 1] === '-f' ? [arg] : []));
      last = mergeSpecs(
        paths.map(
          (path): unknown =>
            (parseAllDocuments(readFileSync(path, 'utf8'))[0]?.toJS() as { spec: unknown }).spec,
        ),
      );
    };
    const { istioctl } = fake({}, { meanwhile });
    await istioctl.install({ configFiles: [file], set, revision, readinessTimeoutMs: 1000 }, CALL);
    return last;
  }

  test.each([
    ['spec.revision', { revision: '1-31-0' }, (revision: string) => ({ revision })],
    [
      'spec.values.revision',
      { values: { revision: '1-30-3' } },
      (revision: string) => ({ values: { revision } }),
    ],
    ['an empty one', { values: { revision: '' } }, (revision: string) => ({ values: { revision } })],
    [
      'an unvalidated one',
      { unvalidatedValues: { revision: 'x' } },
      (revision: string) => ({ unvalidatedValues: { revision } }),
    ],
    ['none', { profile: 'default' }, () => ({ profile: 'default' })],
  ])('%s', async (_, spec, expected) => {
    expect(await said(spec, 'canary')).toEqual(expected('canary'));
    expect(await said(spec, 'default', ['profile=demo'])).toEqual({ ...expected(''), profile: 'demo' });
  });
});

describe('a command that istioctl of that version does not have', () => {
  const old = () => fake({}, { version: '1.6.14' });
  const words =
    /^Error: istioctl 1\.6 can't do that: it has no (uninstall|revision tags), which came with 1\.\d+$/;

  test('is not run, is no success, and says why', async () => {
    const { istioctl, specs, logged } = old();
    const ended = [
      await istioctl.uninstall({ revision: 'canary' }, CALL),
      await istioctl.setTag({ tag: 'prod', revision: 'canary', injectsAll: false }, CALL),
      await istioctl.removeTag({ tag: 'prod' }, CALL),
      await istioctl.listTags(CALL),
    ];
    for (const answer of ended)
      expect(answer).toMatchObject({ ok: false, words: expect.stringMatching(words) });
    const unreadable = [await istioctl.uninstallDryRun({ revision: 'canary' }, CALL)];
    for (const answer of unreadable)
      expect(answer).toMatchObject({ readable: false, reason: expect.stringMatching(/1\.6 can't do that/) });
    expect([specs, logged]).toEqual([[], []]);
  });

  test('a precheck that looks at nothing is not asked, and that is told', async () => {
    const { istioctl, specs } = fake({}, { version: '1.9.9' });
    expect(await istioctl.precheck(CALL)).toMatchObject({
      readable: true,
      findings: [{ id: 'istioctl-has-no-precheck', severity: 'info' }],
    });
    expect(specs).toEqual([]);
  });
});
