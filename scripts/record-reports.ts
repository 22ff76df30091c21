import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, Phase } from '../src/outcome.ts';
import { down, inside, launcher, up } from '../test/support/testbed.ts';
import { type RecordedName, recordedPath } from './recorded-reports.ts';
import { runAction } from './run-action.ts';

// `node scripts/record-reports.ts` runs the built Action through an upgrade on a testbed of its own and keeps the
// reports, from which the pictures in docs/images are made without a cluster.

/** Its name is in the pictures, as that of the cluster. */
const CLUSTER = 'shop';

/** A workload whose new pods never get ready, and only on the target: the sidecar's fault, as it looks. */
const FAULT = { 'testbed/ready': 'never', 'testbed/only-revision': '1-31-0' };
const HEALTHY = { 'testbed/ready': null, 'testbed/only-revision': null };

/** One run that is recorded. */
interface Recording {
  readonly name: RecordedName;
  readonly phase: Phase;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outcome: Outcome;
  /** Set on the template of storefront/cart before the run. */
  readonly annotations?: Readonly<Record<string, string | null>>;
}

const CANARY = { version: '1.31.0', 'canary-namespaces': 'storefront, checkout' };

/** In this order on one cluster: a canary that fails, the way back, and the same upgrade once the cause is gone. */
const RECORDINGS: readonly Recording[] = [
  { name: 'precheck', phase: 'precheck', inputs: { version: '1.31.0' }, outcome: 'succeeded' },
  {
    name: 'canary-failed',
    phase: 'canary',
    inputs: { ...CANARY, timeout: '60s' },
    outcome: 'failed',
    annotations: FAULT,
  },
  { name: 'rollback', phase: 'rollback', inputs: {}, outcome: 'rolled-back' },
  { name: 'canary', phase: 'canary', inputs: CANARY, outcome: 'succeeded', annotations: HEALTHY },
  { name: 'promote', phase: 'promote', inputs: {}, outcome: 'succeeded' },
];

async function must(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await inside(CLUSTER, argv);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${String(code)}: ${stderr}`);
  return stdout;
}

async function annotate(annotations: Recording['annotations']): Promise<void> {
  if (annotations === undefined) return;
  const patch = JSON.stringify({ spec: { template: { metadata: { annotations } } } });
  const cart = ['deployment/cart', '-n', 'storefront'];
  await must(['kubectl', 'patch', ...cart, '-p', patch]);
  await must(['kubectl', 'rollout', 'status', ...cart, '--timeout=120s']);
}

async function record(recording: Recording, place: Readonly<Record<string, string>>): Promise<void> {
  const { name, phase, inputs, outcome, annotations } = recording;
  await annotate(annotations);
  const { report, stdout } = await runAction({
    inputs: {
      phase,
      kubeconfig: readFileSync(join(place.TESTBED_DIR ?? '', 'admin.kubeconfig'), 'utf8'),
      'istioctl-base-url': place.TESTBED_MIRROR ?? '',
      ...inputs,
    },
    launcher: launcher(CLUSTER),
  });
  if (report?.outcome !== outcome) throw new Error(`${name} did not end as ${outcome}:\n${stdout}`);
  writeFileSync(recordedPath(name, 'json'), `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${name}: ${report.headline}\n`);
}

try {
  await up(CLUSTER);
  const environment = await must([process.execPath, '-p', 'JSON.stringify(process.env)']);
  for (const recording of RECORDINGS) {
    await record(recording, JSON.parse(environment) as Record<string, string>);
  }
} finally {
  await down(CLUSTER);
}
