import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readActionMetadata } from '../../../scripts/action-metadata.ts';
import { InputError } from '../../../src/input-error.ts';
import { type Inputs, parseInputs } from '../../../src/inputs.ts';
import { PHASES } from '../../../src/outcome.ts';
import { KUBECONFIG, SECRETS } from './kubeconfig-example.ts';
import { scratch } from '../../support/scratch.ts';

const metadata = readActionMetadata();
const cwd = scratch('inputs-test');
mkdirSync(join(cwd, 'bin'));
writeFileSync(join(cwd, 'mesh.yaml'), 'kind: IstioOperator\n');
writeFileSync(join(cwd, 'bin', 'istioctl-new'), '#!/bin/sh\n');
chmodSync(join(cwd, 'bin', 'istioctl-new'), 0o755);
const env = { PATH: `/nowhere:${join(cwd, 'bin')}` };

const CANARY = { phase: 'canary', kubeconfig: KUBECONFIG, version: '1.31.0', 'canary-namespaces': 'shop' };

function parse(given: Record<string, string>, environment: Record<string, string> = env): Inputs {
  return parseInputs((name) => given[name] ?? metadata.inputs[name]?.default ?? '', {
    cwd,
    env: environment,
  });
}

/** What is said about each input that is wrong. */
function problems(
  given: Record<string, string>,
  environment?: Record<string, string>,
): Record<string, string> {
  try {
    parse(given, environment);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return Object.fromEntries(
      error.problems.map(({ input, got, allowed }) => [input, `got ${got}; ${allowed}`]),
    );
  }
  return {};
}

function message(given: Record<string, string>): string {
  try {
    parse(given);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

test('reads exactly the inputs that action.yml has', () => {
  const names = new Set<string>();
  parseInputs(
    (name) => {
      names.add(name);
      return { ...CANARY }[name] ?? metadata.inputs[name]?.default ?? '';
    },
    { cwd, env },
  );
  expect([...names].sort()).toEqual(Object.keys(metadata.inputs).sort());
});

test('the defaults of action.yml are enough beside phase, kubeconfig, version and namespaces', () => {
  expect(parse(CANARY)).toEqual({
    phase: 'canary',
    strategy: 'revision',
    allowDowngrade: false,
    acknowledge: [],
    kubeconfig: KUBECONFIG,
    context: '',
    istioNamespace: 'istio-system',
    version: '1.31.0',
    revision: '1-31-0',
    canaryNamespaces: { names: ['shop'], selectors: [] },
    canaryTag: undefined,
    stableTags: [],
    adoptTags: false,
    config: [],
    gatewayConfig: [],
    gateways: 'with-promote',
    cni: 'leave',
    set: [],
    istioctl: undefined,
    previousIstioctl: undefined,
    expectCluster: undefined,
    allowInsecureTls: false,
    istioctlSha256: undefined,
    previousIstioctlSha256: undefined,
    istioctlBaseUrl: 'https://github.com/istio/istio/releases/download',
    stragglers: { names: [], selectors: [] },
    removeOld: false,
    removeOldAfterMs: 24 * 3_600_000,
    maxParallel: undefined,
    waitForOwnersMs: 0,
    timeoutMs: 1_800_000,
    dryRun: false,
  });
});

test('an error lists every problem at once, each with the input, what it got and what is allowed', () => {
  const text = message({ phase: 'canray', 'dry-run': 'yes', timeout: '10', version: '1.31', kubeconfig: '' });
  expect(text.split('\n')).toHaveLength(6);
  expect(text).toMatch(/^5 inputs are not right, nothing was contacted or changed:/);
  expect(text).toContain('- phase: got "canray"; allowed: precheck, canary, promote, rollback.');
  expect(text).toContain('- dry-run: got "yes"; allowed: true, false.');
  expect(text).toContain('- timeout: got "10"; allowed is a duration such as 90s, 10m or 1h30m');
  expect(text).toContain('- version: got "1.31"; allowed is a whole version such as 1.31.0');
  expect(text).toContain('- kubeconfig: got nothing; allowed is the content of a kubeconfig');
});

describe('kubeconfig', () => {
  const encoded = Buffer.from(KUBECONFIG).toString('base64');

  test.each([
    ['plain', KUBECONFIG],
    ['base64', encoded],
    ['base64 with line breaks', encoded.replace(/(.{76})/g, '$1\n')],
    ['base64 with CRLF', encoded.replace(/(.{76})/g, '$1\r\n')],
    ['base64 of the URL kind', Buffer.from(KUBECONFIG).toString('base64url')],
    ['with a byte order mark', `\uFEFF${KUBECONFIG}`],
  ])('is taken %s', (_title, kubeconfig) => {
    expect(parse({ ...CANARY, kubeconfig }).kubeconfig).toBe(KUBECONFIG);
  });

  test('an empty one is explained by secrets and forks', () => {
    expect(problems({ ...CANARY, kubeconfig: ' \n' }).kubeconfig).toMatch(/secret that does not exist.*fork/);
  });

  test.each([
    ['a path', '/home/runner/.kube/config', /looks like a path/],
    ['another path', '~/.kube/config', /looks like a path/],
    ['a list', '- clusters: []', /no mapping/],
    ['another mapping', 'kind: Config\nclusters: []', /without a list of contexts and users/],
    ['base64 of something else', Buffer.from('just text').toString('base64'), /of base64, .*no mapping/],
  ])('%s is refused', (_title, kubeconfig, reason) => {
    expect(problems({ ...CANARY, kubeconfig }).kubeconfig).toMatch(reason);
  });

  test('no error holds any of it, wherever it is broken', () => {
    const breaks = fc.record({
      at: fc.nat(KUBECONFIG.length),
      junk: fc.constantFrom('"', '\t- {', '\n: :', '[', '&a *b'),
    });
    fc.assert(
      fc.property(breaks, fc.boolean(), ({ at, junk }, asBase64) => {
        const broken = KUBECONFIG.slice(0, at) + junk + KUBECONFIG.slice(at);
        const text = message({
          ...CANARY,
          kubeconfig: asBase64 ? Buffer.from(broken).toString('base64') : broken,
        });
        for (const word of [...Object.values(SECRETS), 'api.prod.example', 'leaf'])
          expect(text).not.toContain(word);
      }),
    );
  });

  test('a bomb of aliases is refused', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]!}`).join()}]`),
    ];
    expect(problems({ ...CANARY, kubeconfig: bomb.join('\n') }).kubeconfig).toMatch(/no mapping/);
  });
});

describe('canary-namespaces', () => {
  function selection(text: string): unknown {
    return parse({ ...CANARY, 'canary-namespaces': text }).canaryNamespaces;
  }

  test('takes names by line and comma, selectors by line, and comments', () => {
    expect(
      selection('shop, cart\n# the blue team\nteam=blue,tier in (web, api)\n\nshop\n!legacy\napp notin (x)'),
    ).toEqual({
      names: ['shop', 'cart'],
      selectors: ['team=blue,tier in (web, api)', '!legacy', 'app notin (x)'],
    });
  });

  test.each(['a==b', 'a!=b', 'example.com/team=blue', 'a in(b)', 'a=', 'a=b,!c', 'x-y.z/a_b.c = d'])(
    'takes the selector %s',
    (text) => {
      expect(selection(text)).toEqual({ names: [], selectors: [text] });
    },
  );

  test.each([
    'Shop',
    'shop_1',
    '-shop',
    'a b',
    'x'.repeat(64),
    'a in b',
    '=b',
    'a=b c',
    'a=b,,c=d',
    'a in (b',
    '!',
    'a=$(x)',
  ])('refuses %s', (text) => {
    expect(problems({ ...CANARY, 'canary-namespaces': text })['canary-namespaces']).toContain(
      'allowed are names',
    );
  });

  test('are needed by canary only', () => {
    expect(problems({ ...CANARY, 'canary-namespaces': ' \n' })['canary-namespaces']).toContain(
      'at least one namespace',
    );
    expect(problems({ ...CANARY, phase: 'promote', 'canary-namespaces': '' })).toEqual({});
  });
});

describe('version and revision', () => {
  test.each(['precheck', 'canary'])('%s needs a version', (phase) => {
    expect(problems({ ...CANARY, phase, version: '' }).version).toContain(`${phase} needs the version`);
  });

  test.each(['promote', 'rollback'])('%s may leave it to the record', (phase) => {
    expect(parse({ ...CANARY, phase, version: '' })).toMatchObject({
      version: undefined,
      revision: undefined,
    });
  });

  test.each(['precheck', 'canary'])('%s: 1.30 without quotes is 1.3 for YAML, and that is said', (phase) => {
    const told = problems({ ...CANARY, phase, version: '1.3' }).version;
    expect(told).toContain('YAML reads 1.30 without quotes as the number 1.3, so put it in quotes');
    expect(told).toContain('1.31.0');
  });

  test.each(['1.30', '1.9', '1.3.x'])('precheck takes %s', (version) => {
    expect(problems({ ...CANARY, phase: 'precheck', version })).toEqual({});
  });

  test.each(PHASES)('%s takes the name of a release, with a v: nothing is unclear about it', (phase) => {
    for (const version of ['v1.31.0', 'V1.31.0']) {
      expect(parse({ ...CANARY, phase, version })).toMatchObject({ version: '1.31.0', revision: '1-31-0' });
    }
    expect(problems({ ...CANARY, version: 'vv1.31.0' }).version).toContain('allowed is a whole version');
  });

  test.each(['1.31.0', 'Canary', '-a', 'default', 'x'.repeat(57)])('refuses the revision %s', (revision) => {
    expect(problems({ ...CANARY, revision })).toHaveProperty('revision');
  });

  test('a revision that is given wins over the derived one', () => {
    expect(parse({ ...CANARY, revision: 'blue' }).revision).toBe('blue');
    expect(parse({ ...CANARY, revision: '1-31-0' }).revisionGiven).toBe(true);
    expect(parse(CANARY).revisionGiven).toBeUndefined();
    expect(parse({ ...CANARY, version: '1.31.0-rc.1' }).revision).toBe('1-31-0-rc-1');
  });
});

describe('set', () => {
  test('keeps values as they are', () => {
    expect(parse({ ...CANARY, set: 'a.b=c=d, e\n# no\nvalues.x[0].y=' }).set).toEqual([
      'a.b=c=d, e',
      'values.x[0].y=',
    ]);
  });

  test.each([
    ['revision=x', 'revision'],
    ['values.global.istioNamespace=x', 'istio-namespace'],
  ])('%s has an input of its own', (set, input) => {
    expect(problems({ ...CANARY, set }).set).toContain(`Use the input ${input} instead.`);
  });

  test.each([
    ['meshConfig.accessLogFile="/dev/stdout"', 'leave out the quotes'],
    ["meshConfig.accessLogFile='/dev/stdout'", 'leave out the quotes'],
    ['meshConfig.accessLogFile=""', 'leave out the quotes'],
    ['meshConfig.accessLogFile=/dev/stdout # logs', 'comment a line of its own'],
    ['meshConfig.accessLogFile=/dev/stdout,meshConfig.enableTracing=true', 'each setting a line'],
    ['hub=example.com, components.ingressGateways[0].enabled=false', 'each setting a line'],
  ])('%s would be installed as it stands: a slip', (set, remedy) => {
    const told = problems({ ...CANARY, set }).set;
    expect(told).toContain(`"${set.slice(0, set.indexOf('='))}" (`);
    expect(told).toContain(remedy);
    expect(told).toContain('input config');
    expect(told).not.toContain('stdout');
    expect(told).not.toContain('example.com');
  });

  test.each([
    'values.a={x,y}',
    'values.a=x\\,values.b=y',
    'values.pilot.env.OTEL_RESOURCE_ATTRIBUTES=a=b,service.name=x',
    'values.a.annotations.tags=Environment=dev,app.kubernetes.io/name=x',
    'values.a=https://example.com/?values.b=c#top',
    'meshConfig.accessLogFormat="%START_TIME%" "%PROTOCOL%"',
    'values.a="x',
  ])('%s is meant so', (set) => {
    expect(parse({ ...CANARY, set }).set).toEqual([set]);
  });

  test('no error shows a value', () => {
    fc.assert(
      fc.property(fc.constantFrom('', '=', 'a b=', 'revision=', 'constructor='), (before) => {
        expect(message({ ...CANARY, set: `${before}hunter2-secret` })).not.toContain('hunter2');
      }),
    );
    expect(problems({ ...CANARY, set: 'ok=1\nhunter2-secret' }).set).toContain(
      'entry 2 (14 characters) without path=',
    );
  });
});

describe('paths', () => {
  test('config files are found from the workspace', () => {
    expect(parse({ ...CANARY, config: './mesh.yaml' }).config).toEqual([join(cwd, 'mesh.yaml')]);
    expect(problems({ ...CANARY, config: 'mesh.yaml\nnone.yaml\nbin' }).config).toMatch(
      /^got "none.yaml", "bin";.*actions\/checkout/,
    );
  });

  test.each(['istioctl-new', 'bin/istioctl-new', join(cwd, 'bin/istioctl-new')])(
    'istioctl is found as %s',
    (istioctl) => {
      expect(parse({ ...CANARY, istioctl }).istioctl).toBe(join(cwd, 'bin', 'istioctl-new'));
    },
  );

  test.each([
    ['mesh.yaml', 'no such program on the PATH'],
    ['./mesh.yaml', 'no executable file'],
    ['bin/none', 'no executable file'],
    ['./istioctl-new', 'no executable file'],
  ])('istioctl %s is refused', (istioctl, reason) => {
    expect(problems({ ...CANARY, istioctl, 'previous-istioctl': istioctl })).toEqual({
      istioctl: expect.stringContaining(reason),
      'previous-istioctl': expect.stringContaining(reason),
    });
  });
});

describe('small ones', () => {
  test.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['120h', 432_000_000],
  ])('timeout %s', (timeout, timeoutMs) => {
    expect(parse({ ...CANARY, timeout })).toMatchObject({ timeoutMs });
  });

  test.each(['', '0s', '121h', '1.5h', '30', '30 m', '5m1h', '-5m', '99999999999999999999h'])(
    'timeout %j is refused',
    (timeout) => {
      expect(problems({ ...CANARY, timeout })).toHaveProperty('timeout');
    },
  );

  test.each(['', 'yes', '1', 'tRue', 'treu'])('the boolean %j is refused', (word) => {
    expect(Object.keys(problems({ ...CANARY, 'dry-run': word, 'remove-old': word }))).toEqual([
      'remove-old',
      'dry-run',
    ]);
  });

  test('True and FALSE are booleans too', () => {
    expect(parse({ ...CANARY, 'dry-run': 'True', 'remove-old': 'FALSE' })).toMatchObject({
      dryRun: true,
      removeOld: false,
    });
  });

  test('issue 14: in place there is no revision, and what belongs to the other strategy is not passed over', () => {
    const inPlace = { ...CANARY, strategy: 'in-place' };
    expect(
      parse({ ...inPlace, 'allow-downgrade': 'true', acknowledge: '# known\nenv.A\nmeshConfig.b' }),
    ).toMatchObject({
      strategy: 'in-place',
      revision: undefined,
      allowDowngrade: true,
      acknowledge: ['env.A', 'meshConfig.b'],
    });
    const beside = { revision: '1-31-0', 'canary-tag': 'next', 'stable-tags': 'prod', 'remove-old': 'true' };
    expect(Object.keys(problems({ ...inPlace, ...beside })).sort()).toEqual(Object.keys(beside).sort());
    expect(Object.keys(problems({ ...CANARY, 'allow-downgrade': 'true' }))).toEqual(['allow-downgrade']);
    expect(parse({ ...CANARY, acknowledge: 'meshConfig.b' }).acknowledge).toEqual(['meshConfig.b']);
  });

  test('promise 10: a kubeconfig in the input context is refused and not repeated', () => {
    expect(parse({ ...CANARY, context: 'arn:aws:eks:eu-west-1:1:cluster/prod' }).context).toContain('arn');
    for (const context of [KUBECONFIG, Buffer.from(KUBECONFIG.repeat(3)).toString('base64')]) {
      const { context: text = '' } = problems({ ...CANARY, context });
      expect(text).toMatch(/a text of \d+ characters/);
      expect(text).not.toContain(context.slice(0, 20));
    }
  });

  test('pull_request_target is refused whatever the inputs', () => {
    expect(Object.values(problems(CANARY, { GITHUB_EVENT_NAME: 'pull_request_target' })).join()).toContain(
      'pull request',
    );
    expect(problems(CANARY, { GITHUB_EVENT_NAME: 'pull_request' })).toEqual({});
  });

  test('a misspelt one is refused in every phase, beside what else is wrong', () => {
    for (const phase of PHASES) {
      const given = { ...CANARY, phase, timeout: 'soon' };
      const found = problems(given, { ...env, INPUT_DRY_RUN: 'true', INPUT_COLOUR: 'red' });
      expect(Object.keys(found)).toEqual(['timeout', 'dry_run']);
    }
    expect(problems({ ...CANARY, 'dry-run': 'true' }, { ...env, INPUT_DRY_RUN: 'true' })).toEqual({});
  });

  test.each(['https://mirror.example/istio/', 'http://127.0.0.1:8080', 'http://localhost/x'])(
    'the base URL %s is taken',
    (url) => {
      expect(parse({ ...CANARY, 'istioctl-base-url': url }).istioctlBaseUrl).toBe(url.replace(/\/$/, ''));
    },
  );

  test.each([
    '',
    'mirror',
    'http://mirror.example',
    'ftp://x',
    'https://me:hunter2@x',
    'https://x/?sig=hunter2',
    'https://x/#a',
  ])('the base URL %s is refused and not shown', (url) => {
    const said = problems({ ...CANARY, 'istioctl-base-url': url })['istioctl-base-url'];
    expect(said).toContain('allowed is an https:// URL');
    expect(said).not.toContain('hunter2');
  });
});

describe('what something must be', () => {
  const SUM = 'AB'.repeat(32);
  const UID = '0B7C1E8A-1111-4222-8333-944455566677';

  test('is taken in small letters', () => {
    const inputs = parse({
      ...CANARY,
      'istioctl-sha256': SUM,
      'previous-istioctl-sha256': SUM,
      'expect-cluster': UID,
    });
    expect(inputs).toMatchObject({
      istioctlSha256: SUM.toLowerCase(),
      previousIstioctlSha256: SUM.toLowerCase(),
      expectCluster: UID.toLowerCase(),
    });
    expect(parse({ ...CANARY, 'allow-insecure-tls': 'true' }).allowInsecureTls).toBe(true);
  });

  test.each([
    ['istioctl-sha256', 'ab'.repeat(31)],
    ['istioctl-sha256', `${'ab'.repeat(32)}  istioctl.tar.gz`],
    ['previous-istioctl-sha256', 'sha256:abc'],
    ['expect-cluster', 'production'],
    ['expect-cluster', `${UID}0`],
    ['allow-insecure-tls', 'yes please'],
  ])('%s: %s is refused', (name, text) => {
    expect(Object.keys(problems({ ...CANARY, [name]: text }))).toEqual([name]);
  });
});

test.each([
  ['', undefined],
  ['1', 1],
  ['200', 200],
])('max-parallel %j', (text, maxParallel) => {
  expect(parse({ ...CANARY, 'max-parallel': text })).toMatchObject({ maxParallel });
});

test.each(['0', '201', '-1', '1.5', 'all', '20 '])('max-parallel %j is refused', (text) => {
  expect(problems({ ...CANARY, 'max-parallel': text })).toHaveProperty('max-parallel');
});

describe('what goes along with the installation of a canary', () => {
  test('gateways and CNI, where it is asked for', () => {
    expect(parse({ ...CANARY, gateways: 'with-install', cni: 'with-install' })).toMatchObject({
      gateways: 'with-install',
      cni: 'with-install',
    });
    expect(message({ ...CANARY, gateways: 'with-canary' })).toContain('allowed: with-promote, with-install');
  });

  test('in place there is nothing to choose', () => {
    const inPlace = { ...CANARY, strategy: 'in-place' };
    expect(parse(inPlace)).toMatchObject({ gateways: 'with-promote', cni: 'leave' });
    expect(message({ ...inPlace, gateways: 'with-install' })).toContain('strategy: revision');
    expect(message({ ...inPlace, cni: 'with-install' })).toContain('strategy: revision');
  });

  test('gateways with files of their own are not in what the canary installs', () => {
    writeFileSync(
      join(cwd, 'gateways.yaml'),
      'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {}\n',
    );
    const own = { ...CANARY, 'gateway-config': 'gateways.yaml' };
    expect(message(own)).toBe('');
    expect(message({ ...own, gateways: 'with-install' })).toContain('can only move with-promote');
    const unread = { ...CANARY, 'gateway-config': 'not-there.yaml', gateways: 'with-install' };
    expect(message(unread)).toContain('not-there.yaml');
  });
});

test('adopt-tags needs the one tag that namespaces are to follow', () => {
  const given = { ...CANARY, 'adopt-tags': 'true' };
  expect(parse({ ...given, 'stable-tags': 'prod' })).toMatchObject({ adoptTags: true });
  expect(problems(given)['adopt-tags']).toContain('needs one stable-tags');
  expect(problems({ ...given, 'stable-tags': 'prod, next' })['adopt-tags']).toContain('needs one');
  expect(Object.keys(problems({ ...given, 'stable-tags': 'Prod!' }))).toEqual(['stable-tags']);
});
