import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { askKubectl, findKubectl, versionOf } from '../test/support/ask-kubectl.ts';
import { askReader, textForIstioctl } from '../test/support/ask-reader.ts';
import {
  ANSWERS,
  type CorpusAnswer,
  type CorpusAnswers,
  type Stage,
  makeStage,
  readCorpus,
} from '../test/support/kubeconfig-corpus.ts';
import { mutantOf, mutate } from '../test/support/kubeconfig-mutants.ts';

/**
 * Records what kubectl, and what this Action, says of each kubeconfig of the corpus, into
 * `test/fixtures/kubeconfigs/answers.json`. Run it when the corpus, kubectl or the reader is another one, and read what
 * has changed: `node scripts/record-kubeconfigs.ts`. It takes the testbed's kubectl, or that of `$KUBECTL`.
 */
/** Enough that each kind of slip is met at many places. */
const MUTANTS = 400;

const kubectl = findKubectl();
if (kubectl === undefined) throw new Error('there is no kubectl: npm run testbed -- build, or set KUBECTL');
const dir = mkdtempSync(join(tmpdir(), 'kubeconfigs-'));
try {
  const stage = makeStage(dir);
  const corpus = readCorpus();
  const answers = Object.fromEntries(
    corpus.map(({ name, template }) => [name, answerOf(kubectl, stage, stage.fill(template))]),
  );
  const takenNames = Object.keys(answers).filter((name) => answers[name]?.ours.taken);
  const mutants = fc.sample(mutantOf(takenNames), { seed: 11, numRuns: MUTANTS }).map((mutant) => {
    const template = corpus.find(({ name }) => name === mutant.of)?.template ?? '';
    return {
      ...mutant,
      taken: askKubectl(kubectl, stage, stage.fill(mutant.mutations.reduce(mutate, template))).taken,
    };
  });
  const recorded: CorpusAnswers = { kubectl: versionOf(kubectl), answers, mutants };
  writeFileSync(ANSWERS, linesOf(recorded));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

function answerOf(program: string, stage: Stage, text: string): CorpusAnswer {
  const ours = askReader(stage, text);
  const answer = { kubectl: askKubectl(program, stage, text), ours };
  return ours.taken
    ? { ...answer, narrowed: askKubectl(program, stage, textForIstioctl(stage, text)) }
    : answer;
}

/** A mutant a line: they are many, and each is read on its own. */
function linesOf({ mutants, ...rest }: CorpusAnswers): string {
  const head = JSON.stringify(rest, null, 2).replace(/\n\}$/, '');
  return `${head},\n  "mutants": [\n${mutants.map((mutant) => `    ${JSON.stringify(mutant)}`).join(',\n')}\n  ]\n}\n`;
}
