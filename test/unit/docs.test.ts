import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { ROLES, type Role, type RoleName, type Rule, generated, roleOf } from '../../scripts/docs.ts';
import type { Permission } from '../../src/cluster/cluster.ts';
import { permissionsFor, wantedBy } from '../../src/phases/permissions.ts';

const NAMESPACE = 'istio-system';

const ROOT = new URL('../../', import.meta.url);

const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

test.each(Object.entries(generated()))('%s is up to date: else run node scripts/docs.ts', (path, text) => {
  expect(read(path)).toBe(text);
});

describe.each(Object.keys(ROLES) as RoleName[])('the role %s', (name) => {
  const needed = ROLES[name].flatMap((task) => [...permissionsFor(task, NAMESPACE), ...wantedBy(task)]);
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
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [''] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.flatMap((name) =>
          verbs.map((verb) => [verb, group, resource, name, namespace].join(' ')),
        ),
      ),
    ),
  );
}

function keyOf({ verb, group, resource, subresource, name = '', namespace = '' }: Permission): string {
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  return [verb, group, full, name, namespace].join(' ');
}

/** As RBAC has it: what is granted everywhere is granted in each namespace. */
function allows({ cluster, namespace }: Role, permission: Permission): boolean {
  const { verb, group, resource, subresource } = permission;
  const everywhere = keyOf({ verb, group, resource, ...(subresource !== undefined && { subresource }) });
  return grants(cluster, '').includes(everywhere) || grants(namespace, NAMESPACE).includes(keyOf(permission));
}
