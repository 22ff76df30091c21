import type { Finding } from '../finding.ts';
import type { NamespaceSelection } from '../inputs.ts';
import { matches } from '../istio/injection.ts';
import { parseSelector } from '../istio/label-selector.ts';
import { type Mesh, type MeshNamespace, planeOfRevision } from '../istio/mesh.ts';
import { labelsBefore, lacksDefault, meshNamespaces, movedNamespaces, runsOn } from '../istio/scope.ts';
import { type Sides, isInPlace } from '../istio/side.ts';

/** So many namespaces are offered in place of one that is not there. */
const OFFERED = 5;

/** The canary's namespaces, or why there are none. */
export interface Selected {
  readonly names: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * Those named, and those of the mesh that a selector matches, by their labels as they were before the move: a re-run
 * selects what the first run selected, also by a label that canary takes away (M05). In place no label is moved, and a
 * namespace is in the mesh by what is injected there, too.
 */
export function selectNamespaces(
  { names, selectors }: NamespaceSelection,
  mesh: Mesh,
  sides: Sides,
): Selected {
  const target = sides.to.revision;
  const others = isInPlace(sides) ? injectedNamespaces(mesh) : movedNamespaces(mesh, target);
  const ofMesh = new Map(
    [...meshNamespaces(mesh), ...others].map((namespace) => [namespace.name, namespace]),
  );
  const findings: Finding[] = names.flatMap((name) => {
    if (ofMesh.has(name)) return [];
    const flaw = flawOf(
      mesh.namespaces.find((namespace) => namespace.name === name),
      mesh,
      sides,
      [...ofMesh.keys()],
    );
    return flaw === undefined ? [] : [{ ...flaw, object: `Namespace ${name}` }];
  });
  const all = [...ofMesh.values()];
  const found = selectors.map((given) => {
    const selector = parseSelector(given);
    return { given, by: all.filter((namespace) => matches(selector, labelsBefore(namespace, target))) };
  });
  const matched = new Set(found.flatMap(({ by }) => by));
  const selected = all.filter((namespace) => names.includes(namespace.name) || matched.has(namespace));
  const idle = found.flatMap(({ given, by }) => (by.length === 0 ? [given] : []));
  // A name that is being deleted finds nothing, either, and is nobody's mistake.
  const lacking = selected.length === 0 ? [...names, ...selectors] : idle;
  if (findings.length === 0 && lacking.length > 0) {
    findings.push({
      id: 'no-namespace-selected',
      severity: selected.length === 0 ? 'error' : 'warning',
      message: `no namespace of the mesh matches ${lacking.join(' or ')}`,
      remedy: 'Correct the input canary-namespaces.',
    });
  }
  return { names: selected.map(({ name }) => name).sort(), findings };
}

/** Namespaces, but Istio's own, in which something has a proxy of this mesh or would get one. */
function injectedNamespaces({ namespaces, workloads, pods, istioNamespace }: Mesh): MeshNamespace[] {
  const holding = new Set([...workloads, ...pods].map(({ namespace }) => namespace));
  return namespaces.filter(
    ({ name, terminating }) => holding.has(name) && !terminating && name !== istioNamespace,
  );
}

/** Undefined for one that is being deleted: nothing is left to be done there (M41). */
function flawOf(
  namespace: MeshNamespace | undefined,
  mesh: Mesh,
  { to }: Sides,
  others: readonly string[],
): Finding | undefined {
  if (namespace === undefined) {
    const known = others.slice(0, OFFERED).join(', ');
    return {
      id: 'namespace-not-found',
      severity: 'error',
      message: 'it does not exist in this cluster',
      // It may have been deleted since canary moved it: another one gets on.
      remedy: `Correct the input canary-namespaces${known === '' ? '' : ` (in the mesh there are: ${known}${others.length > OFFERED ? ', …' : ''})`}, or the context.`,
    };
  }
  const { choice, foreign, labels, terminating } = namespace;
  if (terminating) return undefined;
  if (foreign.length > 0) {
    return {
      id: 'namespace-not-in-mesh',
      severity: 'error',
      message: `it belongs to another mesh: ${foreign.join(' and ')} injects it`,
      remedy: 'Choose a namespace of this mesh, or give the istio-namespace of the other one.',
    };
  }
  return {
    id: 'namespace-not-in-mesh',
    severity: 'error',
    message:
      choice === 'none'
        ? labels['istio-injection'] === undefined
          ? 'it has neither istio-injection=enabled nor istio.io/rev: there is no label to move'
          : `it has istio-injection=${labels['istio-injection']}: nothing is injected there`
        : 'its labels choose a revision that nobody serves',
    // The default may have gone with the target: then no namespace that follows it is in the mesh until it is put back.
    remedy:
      choice !== 'none' &&
      lacksDefault(mesh) &&
      runsOn(mesh, to.revision) &&
      planeOfRevision(mesh, to.revision) === undefined
        ? `Somebody has removed ${to.revision}. Run rollback (version: ${to.version}, revision: ${to.revision}): it leads back what was moved. Then begin again.`
        : 'Choose a namespace that is in the mesh by its label.',
  };
}
