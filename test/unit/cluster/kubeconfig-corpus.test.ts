import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { askKubectl, findKubectl } from '../../support/ask-kubectl.ts';
import { askReader, textForIstioctl } from '../../support/ask-reader.ts';
import { type Stage, makeStage, readAnswers, readCorpus } from '../../support/kubeconfig-corpus.ts';
import { type Mutant, mutantOf, mutate } from '../../support/kubeconfig-mutants.ts';
import { scratch } from '../../support/scratch.ts';

/** What kubectl takes and we refuse, and why: each is a mistake whose effect is told late, or is somebody else's. */
const STRICTER: Readonly<Record<string, string>> = {
  'cert-expired': 'kubectl finds out at the server: the date is in the file',
  'cluster-missing': 'kubectl goes to localhost:8080',
  'server-empty': 'kubectl goes to localhost:8080',
  'context-empty': 'kubectl goes to localhost:8080',
  'ipv6-zone': 'a zone is one of the machine where the kubeconfig was made',
  'server-console': 'kubectl asks the console, below its path',
  'server-fragment': 'kubectl asks what is before it',
  'no-scheme': 'kubectl guesses http or https by what else there is',
  'no-scheme-name': 'kubectl guesses http or https by what else there is',
  'placeholder-angles': 'kubectl looks the placeholder up in DNS',
  'placeholder-token': 'kubectl shows the placeholder as a token',
  'server-port': 'kubectl fails when it dials',
  'server-query': 'kubectl drops it, or not, by whether there is a path',
  'view-redacted': 'kubectl shows REDACTED as a token',
};

/** Where we say something else than kubectl: the mistake, and not what follows from it. */
const NAMED_OTHERWISE: readonly string[] = [
  ...[
    'context-missing',
    'user-missing',
    'no-credential',
    'duplicate-names',
    'files-elsewhere',
    'minikube-files',
  ],
  ...[
    'token-file-missing',
    'no-break-space',
    'smart-quotes',
    'placeholder-server',
    'placeholder-braces',
    'view-omitted',
  ],
  ...[
    'token-newline',
    'exec-bad-version',
    'exec-no-version',
    'exec-and-provider',
    'provider-unknown',
    'server-ftp',
  ],
];

/** kubectl's sentence without where it is from and what it recommends. */
function coreOf(says: string): string {
  return says
    .replace(/^error: |^Unable to connect to the server: (getting credentials: )?/g, '')
    .replace(/^error loading config file "[^"]*": (json: )?/, '')
    .replace(/^invalid 'proxy-url' "[^"]*" for cluster "[^"]*": /, '')
    .replace(/ at input byte \d+$| in scheme "[^"]*"$|\. certificate-authority-data will override\.$|\.$/, '')
    .replace(/^The (\w+) auth plugin has been removed[\s\S]*$/, 'the $1 auth plugin has been removed');
}

const corpus = readCorpus();
const { kubectl: version, answers, mutants } = readAnswers();
const templates = new Map(corpus.map(({ name, template }) => [name, template]));

let stage: Stage;
beforeAll(() => {
  stage = makeStage(scratch('istio-upgrade-corpus'));
});

const textOf = ({ of, mutations }: Mutant): string =>
  stage.fill(mutations.reduce(mutate, templates.get(of) ?? ''));

describe(`the corpus, held to kubectl ${version} (K02, K03, K05)`, () => {
  test('has an answer for each of many kubeconfigs, each with a title', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(60);
    expect(corpus.map(({ name }) => name).sort()).toEqual(Object.keys(answers).sort());
    expect(corpus.filter(({ title }) => title === '')).toEqual([]);
  });

  test.each(corpus)('$name ($title): what we say is what was recorded', ({ name, template }) => {
    expect(askReader(stage, stage.fill(template))).toEqual(answers[name]?.ours);
  });

  test('kubectl takes whatever we take, as it is and as istioctl is given it', () => {
    const ours = Object.entries(answers).filter(([, { ours }]) => ours.taken);
    expect(ours.filter(([, { kubectl }]) => !kubectl.taken)).toEqual([]);
    expect(ours.filter(([, { narrowed }]) => narrowed?.taken !== true)).toEqual([]);
  });

  test('what kubectl takes we take, but for mistakes that are told late, or not at all', () => {
    const stricter = Object.entries(answers).filter(([, { kubectl, ours }]) => kubectl.taken && !ours.taken);
    expect(stricter.map(([name]) => name).sort()).toEqual(Object.keys(STRICTER).sort());
  });

  test('what both refuse is refused in the words of client-go, or the mistake is named', () => {
    const refused = Object.entries(answers).filter(([, { kubectl, ours }]) => !kubectl.taken && !ours.taken);
    const otherwise = refused.filter(([, { kubectl, ours }]) => !ours.says.includes(coreOf(kubectl.says)));
    expect(otherwise.map(([name]) => name).sort()).toEqual([...NAMED_OTHERWISE].sort());
  });

  test('no refusal quotes a secret', () => {
    const said = JSON.stringify(Object.values(answers).map(({ ours }) => ours));
    expect(said).not.toContain('made-up');
  });
});

describe('kubeconfigs that are edited at random', () => {
  test(`none that we take is refused by client-go (recorded from kubectl ${version})`, () => {
    const ours = mutants.map((mutant) => ({ mutant, taken: askReader(stage, textOf(mutant)).taken }));
    expect(ours.filter(({ mutant, taken }) => taken && !mutant.taken)).toEqual([]);
    // Else nothing was proved.
    expect(ours.filter(({ mutant, taken }) => taken && mutant.taken).length).toBeGreaterThan(50);
  });

  test('none ends in anything but taken or refused, and what is taken can be given to istioctl', () => {
    fc.assert(
      fc.property(mutantOf([...templates.keys()]), (mutant) => {
        const text = textOf(mutant);
        if (askReader(stage, text).taken) JSON.parse(textForIstioctl(stage, text));
      }),
      { numRuns: 500 },
    );
  });

  test.each(['clusters', 'users', 'contexts'])(
    'a null in the list of %s is an entry without a name',
    (list) => {
      const text = stage.fill(templates.get('kind') ?? '').replace(`\n${list}:\n`, `\n${list}:\n  - null\n`);
      expect(text).toContain('- null');
      expect(askReader(stage, text)).toEqual({ taken: true, says: '' });
      JSON.parse(textForIstioctl(stage, text));
    },
  );

  test.each(['command', 'apiVersion', 'interactiveMode'])(
    'exec with %s: null is refused as one that has none',
    (key) => {
      const template = stage.fill(templates.get('exec-and-token-file') ?? '');
      const line = new RegExp(`^( *${key}):.*$`, 'm');
      const [of, without] = [
        template.replace(/(exec:[^]*)/, (exec) => exec.replace(line, '$1: ~')),
        template,
      ];
      expect(of).not.toBe(without);
      expect(askReader(stage, of)).toMatchObject({ taken: false });
      expect(askReader(stage, of).says).toContain(`${key} must be specified for user`);
    },
  );

  test('a password without its username is refused as no credential, as kubectl asks for both', () => {
    const text = stage.fill(templates.get('basic') ?? '').replace(/^ *username:.*\n/m, '');
    expect(text).not.toContain('username');
    expect(askReader(stage, text)).toMatchObject({ taken: false });
    expect(askReader(stage, text).says).toContain('user "user": it holds no credential');
  });

  test('none that we take is refused by the kubectl that is here, if there is one', () => {
    const kubectl = findKubectl();
    const taken = fc
      .sample(mutantOf(Object.keys(answers).filter((name) => answers[name]?.ours.taken)), 150)
      .filter((mutant) => askReader(stage, textOf(mutant)).taken)
      .slice(0, 12);
    expect(taken.length).toBeGreaterThan(0);
    if (kubectl === undefined) return;
    const refused = taken.flatMap((mutant) =>
      [textOf(mutant), textForIstioctl(stage, textOf(mutant))]
        .map((text) => askKubectl(kubectl, stage, text))
        .filter((verdict) => !verdict.taken)
        .map(({ says }) => ({ mutant, says })),
    );
    expect(refused).toEqual([]);
  }, 60_000);
});
