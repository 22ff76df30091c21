import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import type { RunResult } from '../../scripts/run-action.ts';
import type { Phase } from '../../src/outcome.ts';
import {
  NEW,
  TARGET,
  errorsOf,
  expectEnding,
  expectNothingPersisted,
  withCluster,
} from '../support/cluster.ts';
import { expectHonest } from '../support/honest.ts';
import type { Snapshot } from '../support/normalise.ts';
import { differences } from '../suite/differences.ts';

/** In one line, for where Kubernetes takes no line breaks. */
const LINE =
  '::set-output name=outcome::succeeded ##[error]forged %0A::error::forged \u001b[31mred\u001b[0m \u202egnp.txt\u200b </td></tr></table><script>alert(1)</script> | ✅ done | [x](https://evil.example) ![x](https://evil.example/x.png) @octocat `code` **bold** <!-- ';
const HOSTILE = `x\r\n::set-output name=state::completed\n::stop-commands::forged\n##[command]forged\n${LINE}\n| ❌ | row |\n## ✅ Istio canary: succeeded\n${'long '.repeat(4000)}`;

const CANARY = { 'canary-namespaces': 'storefront' };

/** What others may write where Kubernetes lets them is text in what a run says, and nothing else; and never the end. */
describe('hostile texts from the cluster', () => {
  const cluster = withCluster('hostile', ['--revision', '1-30-3']);
  let before: Snapshot = {};
  beforeAll(async () => {
    before = await cluster.snapshot();
  });

  /** A test that failed half-way leaves nothing to the next. */
  afterEach(async () => {
    for (const kind of ['configmap', 'lease']) {
      await cluster.kubectl('delete', kind, 'istio-upgrade', '-n', 'istio-system', '--ignore-not-found');
    }
    await cluster.kubectl('annotate', 'namespace', 'catalog', 'istio-upgrade/original-labels-');
  });

  async function honest(phase: Phase, inputs: Record<string, string> = {}): Promise<RunResult> {
    const run = await cluster.phase(phase, {
      inputs: phase === 'canary' ? { ...CANARY, ...inputs } : inputs,
    });
    expectHonest(run);
    return run;
  }

  /** Does what a finding says, by the command that it gives. */
  async function follow(run: RunResult): Promise<void> {
    const commands = errorsOf(run).map(({ remedy = '' }) => /`kubectl ([^`]+)`/.exec(remedy)?.[1] ?? '');
    expect(commands).not.toContain('');
    for (const command of commands) await cluster.kubectl(...command.split(' '));
  }

  async function create(object: object): Promise<void> {
    await cluster.run(['kubectl', 'create', '-f', '-'], JSON.stringify(object));
  }

  test('names in the kubeconfig', async () => {
    const config = parse(cluster.kubeconfig('admin')) as {
      clusters: { name: string }[];
      users: { name: string }[];
      contexts: { name: string; context: object }[];
    };
    const name = HOSTILE.slice(0, 600);
    config.clusters[0]!.name = name;
    config.users[0]!.name = name;
    config.contexts[0] = { name, context: { cluster: name, user: name } };
    const kubeconfig = stringify({ ...config, 'current-context': name });
    expectEnding(await honest('precheck', { kubeconfig }), { outcome: 'succeeded', state: 'none' });
    const refused = await honest('precheck', { kubeconfig, context: 'other' });
    expectEnding(refused, { outcome: 'refused', errors: ['kubeconfig-not-usable'] });
  });

  const RECORD = {
    schemaVersion: 1,
    attempt: 'a1',
    from: { revision: '1-30-3', version: '1.30.3' },
    to: { revision: TARGET, version: NEW },
    istioctl: {},
    before: { defaultInjector: '1-30-3', defaultValidator: '1-30-3', tags: {} },
    intent: 'canary',
    run: '',
    writtenAt: '2026-11-25T03:00:00.000Z',
  };

  test.each([
    ['that is none', HOSTILE],
    ['with a hostile attempt', JSON.stringify({ ...RECORD, attempt: HOSTILE })],
    ['of another shape', JSON.stringify({ ...RECORD, from: HOSTILE, to: 7 })],
  ])('a record %s: refused, with a way on', async (_, record) => {
    await create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'istio-upgrade', namespace: 'istio-system' },
      data: { record },
    });
    for (const phase of ['precheck', 'canary', 'rollback'] as const) {
      const run = await expectNothingPersisted(cluster, () => honest(phase));
      expectEnding(run, { outcome: 'refused', errors: ['record-unreadable'] });
      if (phase === 'rollback') await follow(run);
    }
    expectEnding(await honest('rollback'), { outcome: 'no-changes' });
  });

  test.each([
    ['no JSON', HOSTILE],
    ['a label that is not ours', '{"istio.io/rev":null,"pod-security.kubernetes.io/enforce":"privileged"}'],
  ])(
    'labels of before that hold %s: told by name, and they stop and write nothing (M37)',
    async (_, text) => {
      await cluster.kubectl('annotate', 'namespace', 'catalog', `istio-upgrade/original-labels=${text}`);
      for (const inputs of [{}, { 'dry-run': 'true' }]) {
        const phase = 'dry-run' in inputs ? 'canary' : 'precheck';
        const run = await expectNothingPersisted(cluster, () => honest(phase, inputs));
        expectEnding(run, { outcome: 'succeeded' });
        const told = run.report?.findings.filter(({ id }) => id === 'original-labels-unreadable') ?? [];
        expect(told.map(({ object, severity }) => [object, severity])).toEqual([
          ['Namespace catalog', 'warning'],
        ]);
      }
      await cluster.kubectl('annotate', 'namespace', 'catalog', 'istio-upgrade/original-labels-');
      expect(differences(await cluster.snapshot(), before)).toEqual([]);
    },
  );

  test('a lock that somebody else holds', async () => {
    const now = () => new Date().toISOString().replace('Z', '000Z');
    await create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: 'istio-upgrade',
        namespace: 'istio-system',
        annotations: { 'istio-upgrade/run': HOSTILE },
      },
      spec: { holderIdentity: HOSTILE, leaseDurationSeconds: 30, acquireTime: now(), renewTime: now() },
    });
    const beat = setInterval(() => {
      const patch = JSON.stringify({ spec: { renewTime: now() } });
      const lease = ['lease', 'istio-upgrade', '-n', 'istio-system'];
      void cluster.kubectl('patch', ...lease, '--type=merge', '-p', patch).catch(() => undefined);
    }, 4000);
    const run = await honest('canary').finally(() => {
      clearInterval(beat);
    });
    expectEnding(run, { outcome: 'refused', errors: ['locked'] });
  });

  test('what an admission policy says, and what a pod that does not start says', async () => {
    const policy = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'forged' },
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
          ],
        },
        // Of the rehearsals of what has moved alone, so that nothing else is held up.
        validations: [
          {
            expression:
              "!has(object.metadata.generateName) || !object.metadata.generateName.startsWith('istio-upgrade-rehearsal-')",
            message: LINE.trim(),
          },
        ],
      },
    };
    await create(policy);
    await create({
      apiVersion: policy.apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'forged' },
      spec: { policyName: 'forged', validationActions: ['Deny'] },
    });
    await untilDenied();
    const denied = await honest('canary');
    // It refuses dry runs alone, so it says nothing of the injection: the restart showed it (M26).
    expectEnding(denied, { outcome: 'succeeded', state: 'canary' });
    const told = denied.report?.findings.filter(({ id }) => id === 'injection-not-rehearsed') ?? [];
    expect(JSON.stringify(told)).toContain('<script>');
    expectEnding(await honest('rollback'), { outcome: 'rolled-back' });
    await cluster.kubectl('delete', 'validatingadmissionpolicybinding,validatingadmissionpolicy', 'forged');

    const container = { name: 'app', image: `registry.example/${LINE.trim()}\n::error::forged` };
    const annotations = { 'testbed/pull': 'fail', 'testbed/only-revision': TARGET };
    const template = { metadata: { annotations }, spec: { containers: [container] } };
    const patch = ['patch', 'deployment', 'cart', '-n', 'storefront', '-p'];
    const [old] = await cluster.list(
      'deployment',
      '-n',
      'storefront',
      '--field-selector',
      'metadata.name=cart',
    );
    const app = (old as unknown as Cart).spec.template.spec.containers[0];
    await cluster.kubectl(
      ...patch,
      JSON.stringify({
        spec: { template: { ...template, spec: { containers: [{ ...container, name: app?.name }] } } },
      }),
    );
    // What is not ready before is left alone: it has to be broken by the canary.
    await cluster.kubectl('rollout', 'status', 'deployment/cart', '-n', 'storefront', '--timeout=120s');
    const stuck = await honest('canary', { timeout: '60s' });
    expectEnding(stuck, { outcome: 'failed', errors: ['workload-not-ready'] });
    expect(JSON.stringify(errorsOf(stuck))).toMatch(/Back-off pulling image.*<script>/);
    expectEnding(await honest('rollback'), { outcome: 'rolled-back' });
  });

  interface Cart {
    readonly spec: {
      readonly template: { readonly spec: { readonly containers: readonly { readonly name: string }[] } };
    };
  }

  /** A policy takes some time until the API server heeds it. */
  async function untilDenied(): Promise<void> {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { generateName: 'istio-upgrade-rehearsal-', namespace: 'outside' },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    };
    for (let tries = 0; tries < 60; tries++) {
      const denied = await cluster
        .run(['kubectl', 'create', '--dry-run=server', '-f', '-'], JSON.stringify(pod))
        .then(() => false)
        .catch(() => true);
      if (denied) return;
      await sleep(500);
    }
    throw new Error('the policy is not heeded');
  }
});
