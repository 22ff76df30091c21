import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withLock } from './lock.ts';
import { cacheDir, sources } from './place.ts';
import { must, run } from './process.ts';
import { Refusal } from './refusal.ts';
import { stamps, versions, type Release } from './release.ts';

/** Version of Kubernetes; equal to the one in go/kubernetes/go.mod. */
export const kubernetesVersion = 'v1.35.4';

/** A program that is built from one of the Go modules beside this file. */
interface Recipe {
  readonly name: string;
  readonly module: 'kubernetes' | 'etcd' | 'istio' | 'pki';
  readonly package: string;
  readonly stamps?: string;
}

const kubernetesStamps = [
  `gitVersion=${kubernetesVersion}`,
  `gitMajor=${kubernetesVersion.slice(1).split('.')[0]}`,
  `gitMinor=${kubernetesVersion.split('.')[1]}`,
]
  .map((stamp) => `-X k8s.io/component-base/version.${stamp}`)
  .join(' ');

const kubernetes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'].map(
  (name): Recipe => ({ name, module: 'kubernetes', package: `k8s.io/kubernetes/cmd/${name}`, stamps: kubernetesStamps }),
);

const istio = versions.flatMap((version): Recipe[] => [
  { name: `istioctl-${version}`, module: 'istio', package: 'istio.io/istio/istioctl/cmd/istioctl', stamps: stamps(version) },
  { name: `pilot-${version}`, module: 'istio', package: 'istio.io/istio/pilot/cmd/pilot-discovery', stamps: stamps(version) },
]);

const recipes: readonly Recipe[] = [
  { name: 'pki', module: 'pki', package: '.' },
  { name: 'etcd', module: 'etcd', package: 'go.etcd.io/etcd/server/v3' },
  ...kubernetes,
  { name: 'kubelet', module: 'istio', package: './kubelet' },
  ...istio,
];

/** Paths of the built programs, by name. */
export type Binaries = Readonly<Record<string, string>>;

/** Builds what is missing and says where everything is. A second caller waits for the first one's builds. */
export async function build(say: (line: string) => void): Promise<Binaries> {
  const go = await goVersion();
  const binaries = Object.fromEntries(recipes.map((recipe) => [recipe.name, pathOf(recipe, go)]));
  const missing = recipes.filter((recipe) => !existsSync(binaries[recipe.name]!));
  if (missing.length === 0) return binaries;
  await withLock(
    join(cacheDir(), 'build.lock'),
    (pid) => say(`waiting for the build of process ${pid}`),
    async () => {
      for (const recipe of missing) await buildOne(recipe, binaries[recipe.name]!, say);
    },
  );
  return binaries;
}

/** The two releases that come with the testbed. */
export function builtReleases(binaries: Binaries): Release[] {
  return versions.map((version) => ({
    version,
    istioctl: binaries[`istioctl-${version}`]!,
    pilot: binaries[`pilot-${version}`]!,
  }));
}

async function goVersion(): Promise<string> {
  const { code, stdout, stderr } = await run(['go', 'env', 'GOVERSION', 'GOOS', 'GOARCH'], { cwd: moduleDir('istio') });
  if (code === 0) return stdout;
  const reason = stderr.includes('ENOENT') ? 'there is no go on PATH' : stderr.trim().split('\n')[0];
  throw new Refusal(`The testbed builds its cluster from source and needs Go 1.26 or later (https://go.dev/dl): ${reason}.`);
}

function moduleDir(module: Recipe['module']): string {
  return join(sources, 'go', module);
}

/** The name tells what a binary was built from, so a change of any of it is another file. */
function pathOf(recipe: Recipe, go: string): string {
  const hash = createHash('sha256').update(JSON.stringify([go, recipe, flagsOf(recipe)]));
  for (const file of inputsOf(recipe)) hash.update(basename(file)).update(readFileSync(file));
  return join(cacheDir(), 'bin', `${recipe.name}-${hash.digest('hex').slice(0, 16)}`);
}

function inputsOf(recipe: Recipe): string[] {
  const dir = moduleDir(recipe.module);
  const modules = ['go.mod', 'go.sum'].map((file) => join(dir, file)).filter(existsSync);
  if (!recipe.package.startsWith('.')) return modules;
  const own = readdirSync(join(dir, recipe.package)).filter((file) => file.endsWith('.go') && !file.endsWith('_test.go'));
  return [...modules, ...own.sort().map((file) => join(dir, recipe.package, file))];
}

function flagsOf(recipe: Recipe): string[] {
  return ['-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${recipe.stamps ?? ''}`.trim()];
}

async function buildOne(recipe: Recipe, target: string, say: (line: string) => void): Promise<void> {
  if (existsSync(target)) return; // built while we waited for the lock
  const started = Date.now();
  say(`building ${recipe.name}`);
  mkdirSync(join(cacheDir(), 'bin'), { recursive: true });
  const draft = `${target}.${process.pid}`;
  try {
    await must(['go', 'build', ...flagsOf(recipe), '-o', draft, recipe.package], {
      cwd: moduleDir(recipe.module),
      env: { ...process.env, CGO_ENABLED: '0' }, // no C compiler needed, and the same result with and without one
    });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { force: true });
  }
  say(`built ${recipe.name} in ${Math.round((Date.now() - started) / 1000)} s`);
}
