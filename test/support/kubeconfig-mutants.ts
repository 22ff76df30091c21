import fc from 'fast-check';

/** One edit of a kubeconfig, as a slip of a hand or of a template makes it. */
export interface Mutation {
  readonly kind: 'drop' | 'double' | 'value' | 'insert' | 'cut' | 'swap' | 'indent';
  /** Taken modulo the number of lines. */
  readonly line: number;
  /** For `value` what stands there then, for `insert` what is put in. */
  readonly text: string;
}

/** Values that stand in kubeconfigs at the right place, and are wrong at another; no host but loopback's among them. */
const VALUES = [
  ...[
    '""',
    "''",
    'null',
    '~',
    '[]',
    '{}',
    '12',
    'true',
    'yes',
    '1.5',
    '"x y"',
    '" "',
    '"a\\nb"',
    '"ä€"',
    '|',
  ],
  ...[
    'https://127.0.0.1:9',
    'http://127.0.0.1:9',
    '127.0.0.1:9',
    'https://[::1]:9',
    'HTTPS://LOCALHOST:9/',
    'https://',
  ],
  ...[
    'https://127.0.0.1:9/a?b#c',
    'https://me:%zz@127.0.0.1:9',
    'socks5://127.0.0.1:9',
    'http://127.0.0.1',
    'ftp://x',
  ],
  ...[
    '"https://127.0.0.1:9 "',
    '"https://127.0.0.1:9\\u00a0"',
    '"https://\\u201c127.0.0.1\\u201d"',
    'https://127.0.0.1:',
  ],
  ...[
    'https://${host}',
    '"{{ host }}"',
    '$TOKEN',
    'REDACTED',
    'DATA+OMITTED',
    '"%CA%"',
    '"%CERT%"',
    '"%KEY%"',
    'aGk=',
  ],
  ...[
    'ca.pem',
    'client.pem',
    'client.key',
    'token',
    '/not/there',
    '.',
    'aws',
    './plugins/spiffe-token',
    'no-such-plugin',
  ],
  ...[
    'client.authentication.k8s.io/v1',
    'client.authentication.k8s.io/v1beta1',
    'client.authentication.k8s.io/v1alpha1',
  ],
  ...[
    'Never',
    'Always',
    'IfAvailable',
    '[a, b]',
    '[1]',
    '[null]',
    '{a: b}',
    '{a: [b]}',
    '{name: gcp}',
    'v1',
    'Config',
  ],
];
/** Lines that are put in, at the indentation of the line before. */
const LINES = [
  ...[
    'token: made-up',
    'tokenFile: token',
    'username: me',
    'password: me',
    'as: me',
    'as-uid: "7"',
    'as-groups: [a]',
  ],
  ...[
    'as-user-extra: {a: [b]}',
    'insecure-skip-tls-verify: true',
    'tls-server-name: x',
    'proxy-url: http://127.0.0.1:9',
  ],
  ...[
    'certificate-authority: ca.pem',
    'certificate-authority-data: "%CA%"',
    'client-certificate: client.pem',
  ],
  ...[
    'client-key: client.key',
    'client-key-data: "%KEY%"',
    'disable-compression: true',
    'interactiveMode: Never',
  ],
  ...[
    'provideClusterInfo: true',
    'exec: {command: aws}',
    'exec: null',
    'auth-provider: {name: oidc}',
    'server: https://127.0.0.1:9',
  ],
  ...[
    'name: x',
    'user: user',
    'cluster: cluster',
    'namespace: Bad_Name',
    '- name: x',
    '<<: *x',
    '# note',
    '---',
    '}',
  ],
];

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('value' as const), line: fc.nat(60), text: fc.constantFrom(...VALUES) }),
  fc.record({ kind: fc.constant('insert' as const), line: fc.nat(60), text: fc.constantFrom(...LINES) }),
  fc.record({
    kind: fc.constantFrom(
      'drop' as const,
      'double' as const,
      'cut' as const,
      'swap' as const,
      'indent' as const,
    ),
    line: fc.nat(60),
    text: fc.constant(''),
  }),
);

/** A kubeconfig of the corpus after some edits. */
export interface Mutant {
  readonly of: string;
  readonly mutations: readonly Mutation[];
}

export const mutantOf = (names: readonly string[]): fc.Arbitrary<Mutant> =>
  fc.record({
    of: fc.constantFrom(...names),
    mutations: fc.oneof(
      { weight: 3, arbitrary: fc.tuple(mutation) },
      { weight: 1, arbitrary: fc.tuple(mutation, mutation) },
    ),
  });

/** A template after one edit. */
export function mutate(template: string, { kind, line, text }: Mutation): string {
  const lines = template.trimEnd().split('\n');
  const at = line % lines.length;
  const own = lines[at] ?? '';
  const indent = /^\s*/.exec(own)?.[0] ?? '';
  const edited: Readonly<Record<Mutation['kind'], readonly string[]>> = {
    drop: [],
    double: [own, own],
    value: [own.replace(/:( .*)?$/, `: ${text}`)],
    insert: [own, `${indent}${text}`],
    cut: [own.slice(0, Math.floor(own.length / 2))],
    swap: [lines[at + 1] ?? '', own],
    indent: [`  ${own}`],
  };
  return `${[...lines.slice(0, at), ...edited[kind], ...lines.slice(kind === 'swap' ? at + 2 : at + 1)].join('\n')}\n`;
}
