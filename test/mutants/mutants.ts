/** A protection taken out of the Action. */
export interface Mutation {
  /** Kebab-case, its own. */
  readonly id: string;
  /** What is taken out, as a sentence. */
  readonly without: string;
  /** From the top of the repository. */
  readonly file: string;
  /** Found there exactly once. */
  readonly replaced: string;
  readonly by: string;
}

/** The same, and the tests that must fail then. */
export interface Mutant extends Mutation {
  /** Where it must be noticed; `name` is a pattern for the titles of tests. */
  readonly noticed: { readonly project: Project; readonly path: string; readonly name: string };
}

/** `unit` reads the sources; the others run `dist/`, which is built of the mutant. */
export type Project = 'unit' | 'embedded' | 'scenario';

type Noticed = Mutant['noticed'];
const embedded = (name: string): Noticed => ({ project: 'embedded', path: 'suite/embedded', name });
const unit = (path: string, name = ''): Noticed => ({ project: 'unit', path: `unit/${path}`, name });
const scenario = (path: string, name: string): Noticed => ({
  project: 'scenario',
  path: `scenario/${path}`,
  name,
});

/** By promise: looking changes nothing, lock, cancellation, way back, network, secrets, texts, rights, supply. */
export const MUTANTS: readonly Mutant[] = [
  {
    id: 'dry-run-acts',
    without: 'A dry run does what it would do',
    file: 'src/engine/change.ts',
    replaced: 'if (inputs.dryRun) {',
    by: 'if (false) {',
    noticed: embedded('dry-runs'),
  },
  {
    id: 'finished-phase-locks',
    without: 'A phase with nothing to do takes the lock and writes the record all the same',
    file: 'src/engine/change.ts',
    replaced: 'if (pending === 0 && (await isSettled(run(first.view, deps.signal, false)))) {',
    by: 'if (false) {',
    noticed: embedded('upgrade-default'),
  },
  {
    id: 'lock-not-respected',
    without: 'A lock that another run holds is taken as free',
    file: 'src/engine/lease.ts',
    replaced: "return holderOf(lease) === '';",
    by: 'return lease !== undefined;',
    noticed: scenario('interruptions', 'two at once'),
  },
  {
    id: 'lock-never-free',
    without: 'The lock of a run that is dead is never taken over',
    file: 'src/engine/lease.ts',
    replaced: 'return silentMs >= DURATION_S * 1000;',
    by: 'return silentMs < 0;',
    noticed: scenario('interruptions', 'frozen, taken over, and woken'),
  },
  {
    id: 'lock-lost-unnoticed',
    without: 'A run whose lock ran out, or was taken over, goes on writing',
    file: 'src/engine/lock.ts',
    replaced: '      lost.signal.throwIfAborted();\n      if (released)',
    by: '      if (Date.now() > 0) return undefined;\n      if (released)',
    noticed: unit('engine/lock'),
  },
  {
    id: 'rollback-does-not-insist',
    without: 'A rollback does not ask a run that is at work to stop',
    file: 'src/engine/change.ts',
    replaced: 'insist: phase.insists,',
    by: 'insist: false,',
    noticed: scenario('interruptions', 'a rollback asks a canary'),
  },
  {
    id: 'istioctl-not-relayed',
    without: 'istioctl reaches the API server by itself, not through the relay',
    file: 'src/engine/istioctl-way.ts',
    replaced: 'return { text: kubeconfig.through(url), actsAs };',
    by: 'return { text: kubeconfig.text, actsAs };',
    noticed: scenario('interruptions', 'killed alone'),
  },
  {
    id: 'relay-not-fenced',
    without: 'The relay carries on when the lock is lost',
    file: 'src/cluster/fence.ts',
    replaced: '      passage(fence).then(\n        () => {\n          done(null, piece);',
    by: '      Promise.resolve().then(\n        () => {\n          done(null, piece);',
    noticed: unit('cluster/relay'),
  },
  {
    id: 'cancellation-unheard',
    without: 'A cancelled run is not told, and ends as any process does',
    file: 'src/index.ts',
    replaced: "process.once('SIGINT', cancel).once('SIGTERM', cancel);",
    by: "process.once('SIGUSR2', cancel);",
    noticed: scenario('interruptions', 'cancelled'),
  },
  {
    id: 'lock-not-given-back',
    without: 'A run that ends keeps the lock',
    file: 'src/engine/change.ts',
    replaced: '      lock.release().then(() => {',
    by: '      Promise.resolve().then(() => {',
    noticed: scenario('interruptions', 'cancelled'),
  },
  {
    id: 'half-installed-is-installed',
    without: 'A control plane that is ready is taken for whole',
    file: 'src/steps/install-revision.ts',
    replaced: 'lacking(mesh, to, rendered).length === 0',
    by: 'lacking(mesh, to, []).length === 0',
    noticed: embedded('order-incomplete-install'),
  },
  {
    id: 'tag-service-overlooked',
    without: 'A default tag whose Service is elsewhere is taken for moved',
    file: 'src/steps/move-default.ts',
    replaced: 'mesh.defaultService === undefined ||',
    by: 'mesh.defaultService !== revision ||',
    noticed: embedded('order-tag-half-moved'),
  },
  {
    id: 'originals-not-kept',
    without: 'The labels of before are not kept with the labels that replace them',
    file: 'src/istio/moves.ts',
    replaced: 'namespace.originals : originalsOf(namespace, target)',
    by: "namespace.originals : { 'istio.io/rev': null, 'istio-injection': null }",
    noticed: embedded('rollback-default'),
  },
  {
    id: 'removal-unproved',
    without: 'A control plane is removed without a look at who still uses it',
    file: 'src/istio/removal.ts',
    replaced: '  return [\n    ...mesh.tags',
    by: '  if (mesh.pods.length > 0) return [];\n  return [\n    ...mesh.tags',
    noticed: embedded('rollback-in-use-default'),
  },
  {
    id: 'signer-may-go',
    without: 'An istiod is removed from which pods of the other revision get their certificates',
    file: 'src/istio/asking-pods.ts',
    replaced: '  if (isKept) return [];',
    by: '  if (isKept || mesh.pods.length > 0) return [];',
    noticed: embedded('signer-of-default'),
  },
  {
    id: 'led-elsewhere',
    without: 'A target is installed whose proxies are led to another istiod',
    file: 'src/engine/weigh-move.ts',
    replaced: '    ...(await weighAddresses(session, view, target, phase)),\n',
    by: '',
    noticed: embedded('signer-of-default'),
  },
  {
    id: 'no-point-of-no-return',
    without: 'Half of a control plane is taken for a way back',
    file: 'src/istio/way-back.ts',
    replaced: '  const [first] = missing;',
    by: '  const [first] = missing.slice(missing.length);',
    noticed: unit('istio/way-back'),
  },
  {
    id: 'writes-repeated-blindly',
    without: 'A write whose answer was lost is sent again as it is',
    file: 'src/cluster/retry.ts',
    replaced: 'status === 429 || (onlyReads(request) && isUncertain(status))',
    by: "status === 429 || (request.method !== '' && isUncertain(status))",
    noticed: unit('cluster/'),
  },
  {
    id: 'too-many-requests-is-the-end',
    without: 'A request that is answered 429 is given up',
    file: 'src/cluster/retry.ts',
    replaced: 'status === 429 || (onlyReads',
    by: '(onlyReads',
    noticed: unit('cluster/'),
  },
  {
    id: 'secrets-not-masked',
    without: 'The runner is not told the secrets of the kubeconfig',
    file: 'src/log.ts',
    replaced: '  core.setSecret(secret);',
    by: '',
    noticed: scenario('secrets', 'bad input'),
  },
  {
    id: 'set-values-not-redacted',
    without: 'What istioctl quotes of the values in `set` and `config` is passed on',
    file: 'src/istioctl/istioctl.ts',
    replaced: 'const more = await secretsOfConfiguration(configuration);',
    by: 'const more = (await secretsOfConfiguration(configuration)).slice(0, 0);',
    noticed: scenario('secrets', 'a canary that fails on a set value'),
  },
  {
    id: 'kubeconfig-readable',
    without: 'The kubeconfig in the temporary directory can be read by others',
    file: 'src/engine/session.ts',
    replaced: '{ mode: 0o600 }',
    by: '{ mode: 0o644 }',
    noticed: scenario('secrets', 'a canary: of what is on the cluster'),
  },
  {
    id: 'inputs-left-to-children',
    without: 'A credential plugin sees the inputs of the Action',
    file: 'src/action.ts',
    replaced: 'withholdFromChildren(process.env);',
    by: 'void withholdFromChildren;',
    noticed: scenario('secrets', 'rollback, with a credential plugin'),
  },
  {
    id: 'post-leaves-the-kubeconfig',
    without: 'Nothing is cleaned up after a run that was killed',
    file: 'src/post.ts',
    replaced: "if (path !== '') await removeTempDirectory(path);",
    by: "if (path === '') await removeTempDirectory(path);",
    noticed: scenario('secrets', 'killed in the middle'),
  },
  {
    id: 'log-not-escaped',
    without: 'Texts from the cluster go into the log as they are',
    file: 'src/report/escape.ts',
    replaced: "return oneLine(text, max).replaceAll('##[', '## [').replace(/^::/, ': :');",
    by: 'return text.slice(0, max);',
    noticed: scenario('hostile', ''),
  },
  {
    id: 'markdown-not-escaped',
    without: 'Texts from the cluster go into the summary as they are',
    file: 'src/report/escape.ts',
    replaced: '.replace(/[&<>|`*_~[\\]\\\\#$]/g, entity)',
    by: '',
    noticed: scenario('hostile', ''),
  },
  {
    id: 'rights-not-asked',
    without: 'A phase begins without asking whether it has the rights it needs',
    file: 'src/steps/permissions.ts',
    replaced: 'if (!(await cluster.may(next))) missing.add(next);',
    by: '',
    noticed: scenario('permissions', 'without one permission'),
  },
  {
    id: 'refused-istioctl-asked-again',
    without: 'A step waits for an istioctl that has no right to ask',
    file: 'src/steps/denied.ts',
    replaced: 'if (answer.readable || answer.denied',
    by: 'if (answer !== undefined) return;\n  if (answer.readable || answer.denied',
    noticed: unit('steps/denied'),
  },
  {
    id: 'checksum-not-checked',
    without: 'An istioctl whose checksum is wrong is used',
    file: 'src/istioctl/acquire.ts',
    replaced: 'if (got !== expected.sum) throw',
    by: 'if (got === undefined) throw',
    noticed: embedded('refused-checksum'),
  },
  {
    id: 'pull-request-target-allowed',
    without: 'A workflow on `pull_request_target` may run it',
    file: 'src/input/event.ts',
    replaced: "if (event !== 'pull_request_target') return undefined;",
    by: "if (event !== 'never') return undefined;",
    noticed: unit('inputs/inputs'),
  },
  {
    id: 'older-api-unseen',
    without: 'A kind is asked for in the version that the cluster serves',
    file: 'src/cluster/versions.ts',
    replaced: 'if (other === version) throw error;',
    by: 'if (other !== undefined) throw error;',
    noticed: unit('cluster/versions'),
  },
  {
    id: 'older-rendering-unread',
    without: 'What older releases render is read in the version that is written',
    file: 'src/istioctl/newest-api.ts',
    replaced: 'if (newest === undefined) return object;',
    by: 'if (newest !== null) return object;',
    noticed: unit('istioctl/newest-api'),
  },
  {
    id: 'file-names-the-revision',
    without: 'A revision in the user’s files outweighs the side that is rendered',
    file: 'src/istioctl/config-files.ts',
    replaced: 'if (named !== undefined) behind.push(specText(named));',
    by: '',
    noticed: unit('istioctl/istioctl', 'the revision is the one that is asked for'),
  },
];
