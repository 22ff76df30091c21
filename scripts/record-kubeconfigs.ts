import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askKubectl, findKubectl, versionOf } from '../test/support/ask-kubectl.ts';
import { askReader } from '../test/support/ask-reader.ts';
import { ANSWERS, type CorpusAnswers, makeStage, readCorpus } from '../test/support/kubeconfig-corpus.ts';

/**
 * Records what kubectl, and what this Action, says of each kubeconfig of the corpus, into
 * `test/fixtures/kubeconfigs/answers.json`. Run it when the corpus, kubectl or the reader is another one, and read what
 * has changed: `node scripts/record-kubeconfigs.ts`. It takes the testbed's kubectl, or that of `$KUBECTL`.
 */
const kubectl = findKubectl();
if (kubectl === undefined) throw new Error('there is no kubectl: npm run testbed -- build, or set KUBECTL');
const dir = mkdtempSync(join(tmpdir(), 'kubeconfigs-'));
try {
  const stage = makeStage(dir);
  const recorded: CorpusAnswers = {
    kubectl: versionOf(kubectl),
    answers: Object.fromEntries(
      readCorpus().map(({ name, template }) => {
        const text = stage.fill(template);
        return [name, { kubectl: askKubectl(kubectl, stage, text), ours: askReader(stage, text) }];
      }),
    ),
  };
  writeFileSync(ANSWERS, `${JSON.stringify(recorded, null, 2)}\n`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
