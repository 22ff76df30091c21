import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

interface Snippet {
  readonly file: string;
  readonly text: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Lints with the configuration of the repository, only without types: the files are not there. In a process of its own,
 * because ESLint loads its configuration in a way that jest's modules do not know.
 */
function crossings(snippets: readonly Snippet[]): string[][] {
  const script = `
    import { ESLint } from 'eslint';
    import tseslint from 'typescript-eslint';
    const eslint = new ESLint({ overrideConfig: [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }] });
    const found = [];
    for (const { file, text } of ${JSON.stringify(snippets)}) {
      const [{ messages }] = await eslint.lintText(text, { filePath: file });
      for (const message of messages) if (message.fatal) throw new Error(message.message);
      found.push(messages.filter(({ ruleId }) => ruleId === 'walls/imports').map(({ message }) => message));
    }
    console.log(JSON.stringify(found));`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as string[][];
}

function snippet(file: string, text: string): Snippet {
  return { file, text: `${text}\n` };
}

const CLOSED: readonly Snippet[] = [
  snippet('src/steps/a.ts', `import { Cluster } from '../cluster/cluster.ts';`),
  snippet('src/steps/a.ts', `import '../cluster/cluster.ts';`),
  snippet('src/steps/a.ts', `import { type Cluster, connect } from '../cluster/cluster.ts';`),
  snippet('src/steps/a.ts', `export * from '../istioctl/argv.ts';`),
  snippet('src/steps/a.ts', `export { tag } from '../istioctl/argv.ts';`),
  snippet('src/steps/a.ts', `const x = await import('../process/command.ts');`),
  snippet('src/steps/a.ts', 'const x = await import(`../process/${name}`);'),
  snippet('src/steps/deep/a.ts', `import { x } from '../../process/command.ts';`),
  snippet('src/phases/a.ts', `import { x } from '../process/command.ts';`),
  snippet('src/checks/a.ts', `import { x } from '../cluster/api.ts';`),
  snippet('src/istio/a.ts', `import { readFileSync } from 'node:fs';`),
  snippet('src/istio/a.ts', `import { readFileSync } from 'fs';`),
  snippet('src/istio/a.ts', `import * as core from '@actions/core';`),
  snippet('src/istio/a.ts', `import { x } from '../cluster/cluster.ts';`),
  snippet('src/report/summary.ts', `import { readFileSync } from 'node:fs';`),
  snippet('src/report/summary.ts', `import * as core from '@actions/core';`),
  snippet('src/report/summary.ts', `import type { V1Pod } from '@kubernetes/client-node';`),
  snippet('src/main.ts', `import * as core from '@actions/core';`),
  snippet('src/inputs.ts', `import * as core from '@actions/core';`),
  snippet('src/engine/a.ts', `import { KubeConfig } from '@kubernetes/client-node';`),
  snippet('src/engine/a.ts', `import { Agent } from 'undici';`),
  snippet('src/engine/a.ts', `import { request } from 'node:https';`),
  snippet('src/istioctl/a.ts', `import { spawn } from 'node:child_process';`),
  snippet('src/istioctl/a.ts', `import { exec } from '@actions/exec';`),
  snippet('src/istioctl/a.ts', `import { downloadTool } from '@actions/tool-cache';`),
  snippet('src/main.ts', `import { createRequire } from 'node:module';`),
  snippet('src/main.ts', `import { runAction } from '../scripts/run-action.ts';`),
  snippet('src/main.ts', `import { Store } from '../embedded/api/store.ts';`),
  snippet('embedded/istio/a.ts', `import { matches } from '../../src/istio/injection.ts';`),
  snippet('embedded/a.ts', `import type { Mesh } from '../src/istio/mesh.ts';`),
  snippet('embedded/istioctl/a.ts', `import { Store } from '../api/store.ts';`),
  snippet('embedded/release/a.ts', `import { render } from '../istioctl/render.ts';`),
];

const OPEN: readonly Snippet[] = [
  snippet('src/steps/a.ts', `import type { Cluster } from '../cluster/cluster.ts';`),
  snippet('src/steps/a.ts', `import { type Cluster } from '../cluster/cluster.ts';`),
  snippet('src/steps/a.ts', `export type { Cluster } from '../cluster/cluster.ts';`),
  snippet('src/steps/a.ts', `import { parseVersion } from '../istio/version.ts';`),
  snippet('src/istio/a.ts', `import semver from 'semver';`),
  snippet('src/report/file.ts', `import { writeFileSync } from 'node:fs';`),
  snippet('src/report/annotations.ts', `import * as core from '@actions/core';`),
  snippet('src/cluster/a.ts', `import { KubeConfig } from '@kubernetes/client-node';`),
  snippet('src/cluster/a.ts', `import { request } from 'node:https';`),
  snippet('src/process/a.ts', `import { spawn } from 'node:child_process';`),
  snippet('src/istioctl/acquire.ts', `import { downloadTool } from '@actions/tool-cache';`),
  snippet('src/log.ts', `import * as core from '@actions/core';`),
  snippet('src/main.ts', `import { connect } from './cluster/cluster.ts';`),
  snippet('embedded/istioctl/a.ts', `import { render } from './render.ts';`),
  snippet('embedded/istio/a.ts', `import { Store } from '../api/store.ts';`),
  snippet('test/unit/a.test.ts', `import { spawn } from 'node:child_process';`),
];

test('each wall of the house stops what would cross it, and nothing else', () => {
  const all = [...CLOSED, ...OPEN];
  const found = crossings(all).map((messages, index) => ({ ...all[index]!, crossings: messages.length }));
  expect(found).toEqual(all.map((one, index) => ({ ...one, crossings: index < CLOSED.length ? 1 : 0 })));
}, 30_000);
