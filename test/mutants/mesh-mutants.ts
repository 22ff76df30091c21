import { MUTANTS, type Mutation } from './mutants.ts';

/** Of those that single tests must notice: the generator is to find them, too. */
const SHARED = ['removal-unproved', 'lock-not-respected', 'originals-not-kept', 'dry-run-acts'];

/** Protections that generated meshes must miss: the generator is to find each by itself, in how many stories is counted. */
export const MESH_MUTANTS: readonly Mutation[] = [
  {
    id: 'direction-not-looked-at',
    without: 'An upgrade may go from a newer version to an older one',
    file: 'src/decide/sides.ts',
    replaced: 'const goesUp = older === undefined || compareVersions(older, newer) < 0;',
    by: 'const goesUp = older !== newer;',
  },
  {
    id: 'record-believed',
    without: 'A record that the cluster does not bear out is believed',
    file: 'src/decide/credit.ts',
    replaced: '  const flaw = revisionFlaw(to.revision);\n',
    by: '  if (mesh.planes.length >= 0) return undefined;\n  const flaw = revisionFlaw(to.revision);\n',
  },
  {
    id: 'other-meshes-ours',
    without: 'What control planes of another Istio namespace inject is taken for this mesh',
    file: 'src/istio/frame.ts',
    replaced: 'all.filter((injector) => injector.istioNamespace === istioNamespace);',
    by: 'all;',
  },
  {
    id: 'destination-not-proved',
    without: 'Rollback begins although the control plane to go back to is not ready',
    file: 'src/checks/destination.ts',
    replaced: 'if (flaw !== undefined) {',
    by: 'if (flaw === "never") {',
  },
  {
    id: 'canary-not-proved',
    without: 'Promote begins from a canary that does not work',
    file: 'src/decide/decide.ts',
    replaced: "  if (verdict.kind === 'proved') return { state, findings: [] };",
    by: '  if (verdict.kind !== undefined) return { state, findings: [] };',
  },
  {
    id: 'before-blamed',
    without: 'What was broken before the upgrade is blamed on it',
    file: 'src/istio/before.ts',
    replaced: 'return new Set([...found, ...now.map(nameOf)].slice(0, KEPT));',
    by: 'return new Set(now.length < 0 ? found : []);',
  },
  {
    id: 'stale-annotation-believed',
    without: 'A namespace with the annotation is taken for moved, whatever its labels are',
    file: 'src/istio/scope.ts',
    replaced:
      '(labels[LABEL_REVISION] === target || isAdopted(namespace, target)) &&\n    labels[LABEL_INJECTION] === undefined',
    by: "(target !== '' || isAdopted(namespace, target) || labels[LABEL_REVISION] === labels[LABEL_INJECTION])",
  },
  {
    id: 'failed-without-a-write',
    without: 'A run that wrote nothing may be said to have failed',
    file: 'src/main.ts',
    replaced: 'session?.touched ?? false,',
    by: 'session !== undefined,',
  },
  {
    id: 'selected-by-labels-of-now',
    without: 'A selector selects by the labels that canary has taken away',
    file: 'src/decide/selection.ts',
    replaced: 'matches(selector, labelsBefore(namespace, target))',
    by: 'matches(selector, namespace.labels)',
  },
  {
    id: 'gateways-not-pinned',
    without: 'Gateways of the Gateway API follow their namespace in canary, before it is their turn',
    file: 'src/phases/canary.ts',
    replaced: '    pinGateways(false),\n',
    by: '',
  },
  {
    id: 'control-plane-down-first',
    without: 'In place the control plane goes back to the older release before the proxies do',
    file: 'src/phases/in-place/rollback.ts',
    replaced: "  holdProxies('to', { rendered: renders.held, older: renders.from }, heldOnTarget, false),\n",
    by: "  replaceControlPlane('from', renders.from),\n",
  },
  ...MUTANTS.filter(({ id }) => SHARED.includes(id)),
];
