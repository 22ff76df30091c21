/**
 * Records what a real istioctl makes of the files in test/fixtures/configurations, for the tests to judge by. Only what
 * the tests look at is kept: no CRDs, no roles' rules, no templates.
 *
 *     node scripts/record-configurations.ts PATH-OF-ISTIOCTL
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const DIRECTORY = fileURLToPath(new URL('../test/fixtures/configurations/', import.meta.url));
const REVISION = '1-31-0';

interface Recorded {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: unknown };
  readonly data?: Readonly<Record<string, string>>;
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: unknown }[];
  readonly spec?: unknown;
}

interface Template {
  readonly metadata?: { readonly annotations?: unknown };
  readonly spec: {
    readonly initContainers?: readonly Readonly<Record<string, unknown>>[];
    readonly containers: readonly Readonly<Record<string, unknown>>[];
  };
}

const [, , istioctl] = process.argv;
if (istioctl === undefined) throw new Error('usage: node scripts/record-configurations.ts PATH-OF-ISTIOCTL');
for (const name of readdirSync(DIRECTORY).filter((file) => file.endsWith('.yaml'))) record(istioctl, name);

function record(program: string, name: string): void {
  // Its messages name the file: without its directory, the recording is the same on every machine.
  const args = ['manifest', 'generate', '-f', name, '--revision', REVISION];
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: DIRECTORY,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const documents = stdout
    .split(/^---[ \t]*$/m)
    .filter((text) => !/^kind: CustomResourceDefinition$/m.test(text));
  const objects = parseAllDocuments(documents.join('\n---\n'))
    .map((document) => document.toJS() as Recorded | null)
    .filter((object) => object !== null)
    .map(essential);
  const path = join(DIRECTORY, 'recorded', `${basename(name, '.yaml')}.json`);
  writeFileSync(path, `${JSON.stringify({ exit: status, stderr: essentialWords(stderr), objects })}\n`);
}

function essential({ kind, metadata, data, webhooks, spec }: Recorded): Recorded {
  const { name, namespace, labels } = metadata;
  return {
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
    },
    ...(data === undefined ? {} : { data: essentialData(data) }),
    ...(webhooks === undefined
      ? {}
      : { webhooks: webhooks.map((hook) => ({ name: hook.name, clientConfig: hook.clientConfig })) }),
    ...(/^(Deployment|DaemonSet)$/.test(kind) ? { spec: essentialSpec(spec) } : {}),
    ...(kind === 'HorizontalPodAutoscaler' ? { spec: { scaleTargetRef: aimOf(spec) } } : {}),
  };
}

/** A panic's stack is of the build, not of the file. */
function essentialWords(stderr: string): string {
  return stderr.startsWith('panic:') ? `${stderr.split('\n')[0] ?? ''}\n` : stderr;
}

function essentialSpec(spec: unknown): unknown {
  const { metadata, spec: pod } = (spec as { template: Template }).template;
  const essentials = (containers: Template['spec']['containers']): unknown =>
    containers.map(({ name, image, command, args, env, resources }) => ({
      name,
      image,
      command,
      args,
      env,
      resources,
    }));
  const { containers, initContainers } = pod;
  return {
    template: {
      ...(metadata?.annotations === undefined ? {} : { metadata: { annotations: metadata.annotations } }),
      spec: {
        ...(initContainers === undefined ? {} : { initContainers: essentials(initContainers) }),
        containers: essentials(containers),
      },
    },
  };
}

function aimOf(spec: unknown): unknown {
  return (spec as { readonly scaleTargetRef?: unknown }).scaleTargetRef;
}

function essentialData({ mesh, values }: Readonly<Record<string, string>>): Record<string, string> {
  if (mesh !== undefined) return { mesh };
  if (values === undefined) return {};
  const { global } = JSON.parse(values) as { global: Record<string, unknown> };
  const { hub, tag, variant, proxy, proxy_init } = global;
  const image = (part: unknown): unknown => ({ image: (part as { image?: unknown } | undefined)?.image });
  const kept = { hub, tag, variant, proxy: image(proxy), proxy_init: image(proxy_init) };
  return { values: JSON.stringify({ global: kept }) };
}
