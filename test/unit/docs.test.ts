import { describe, expect, test } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { readActionMetadata } from '../../scripts/action-metadata.ts';
import {
  ROLES,
  type Role,
  type RoleName,
  type Rule,
  documentedFindings,
  findingIds,
  generated,
  roleOf,
} from '../../scripts/docs.ts';
import type { Permission } from '../../src/cluster/cluster.ts';
import { permissionsFor } from '../../src/phases/permissions.ts';

const NAMESPACE = 'istio-system';

const ROOT = new URL('../../', import.meta.url);

const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

test.each(Object.entries(generated()))('%s is up to date: else run node scripts/docs.ts', (path, text) => {
  expect(read(path)).toBe(text);
});

test('each finding of the sources is in docs/findings.md once, and no other', () => {
  expect(documentedFindings()).toEqual(findingIds());
});

const DOCUMENTS = globSync(['*.md', 'docs/*.md', 'testbed/*.md'], { cwd: fileURLToPath(ROOT) });

test.each(DOCUMENTS)('%s links to files that are there', (path) => {
  const links = [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !existsSync(new URL(link, new URL(path, ROOT))))).toEqual([]);
});

test('the workflows to paste give inputs that there are, and all that are required', () => {
  const { inputs } = readActionMetadata();
  const required = Object.keys(inputs).filter((name) => inputs[name]?.required === true);
  const workflows = [...read('README.md').matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, text = '']) => parse(text) as Workflow,
  );
  const steps = workflows.flatMap(({ jobs }) => Object.values(jobs).flatMap((job) => job.steps));
  expect(steps.map((step) => step.with.phase)).toEqual([
    'precheck',
    'canary',
    'promote',
    'promote',
    'rollback',
  ]);
  for (const step of steps) {
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(step.with)));
    expect(Object.keys(step.with)).toEqual(expect.arrayContaining(required));
  }
});

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: { readonly with: Record<string, unknown> }[] }>>;
}

describe.each(Object.keys(ROLES) as RoleName[])('the role %s', (name) => {
  const needed = ROLES[name].flatMap((task) => permissionsFor(task, NAMESPACE));
  const role = shipped(name);

  test('allows all that its phases ask for', () => {
    expect(needed.filter((permission) => !allows(role, permission))).toEqual([]);
  });

  test('allows nothing else', () => {
    const asked = new Set(needed.map(keyOf));
    const granted = [...grants(role.cluster, ''), ...grants(role.namespace, NAMESPACE)];
    expect(granted.filter((grant) => !asked.has(grant))).toEqual([]);
  });

  test('is what the manifest holds', () => {
    expect(role).toEqual(roleOf(name));
  });
});

/** The role as a user would apply it. */
function shipped(name: RoleName): Role {
  const [cluster, namespace] = parseAllDocuments(read(`roles/${name}.yaml`)).map(
    (document) => document.toJS() as { kind: string; metadata: { namespace?: string }; rules: Rule[] },
  );
  expect([cluster?.kind, namespace?.kind, namespace?.metadata.namespace]).toEqual([
    'ClusterRole',
    'Role',
    NAMESPACE,
  ]);
  return { cluster: cluster!.rules, namespace: namespace!.rules };
}

function grants(rules: readonly Rule[], namespace: string): string[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => [verb, group, resource, namespace].join(' '))),
    ),
  );
}

function keyOf({ verb, group, resource, subresource, namespace = '' }: Permission): string {
  return [verb, group, subresource === undefined ? resource : `${resource}/${subresource}`, namespace].join(
    ' ',
  );
}

/** As RBAC has it: what is granted everywhere is granted in each namespace. */
function allows({ cluster, namespace }: Role, permission: Permission): boolean {
  const { verb, group, resource, subresource } = permission;
  const everywhere = keyOf({ verb, group, resource, ...(subresource !== undefined && { subresource }) });
  return grants(cluster, '').includes(everywhere) || grants(namespace, NAMESPACE).includes(keyOf(permission));
}
