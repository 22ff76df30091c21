import type { Finding } from '../finding.ts';
import { istioctlAt } from '../istio/home.ts';
import { nameOf } from '../istio/mesh.ts';
import { anothersDefault, knowsDefaultTag } from '../istio/movable-default.ts';
import { followsByGit } from '../istio/scope.ts';
import type { Check, CheckView } from './check.ts';
import { oldApiGateways, oldInstalledGateways } from './old-gateways.ts';

const MOVES_SINCE = 'before 1.12 Istio has no default that could move';

/**
 * Before 1.12 each namespace is moved by its label, and what can't be moved by it stays behind: it would hold the old
 * control plane up for ever, or lose its sidecar with it (Istio's upgrade pages of 1.6 to 1.11).
 */
export const noDefault: Check = (view) => {
  if (knowsDefaultTag(view.upgrade)) return [];
  return [told(view), ...stuck(view), ...oldInstalledGateways(view), ...oldApiGateways(view)];
};

function told({ mesh, upgrade: { to } }: CheckView): Finding {
  return {
    id: 'no-default-to-move',
    severity: 'info',
    message: `${MOVES_SINCE}: every namespace is labelled istio.io/rev=${to.revision}, and stays so`,
    remedy:
      anothersDefault(mesh) === undefined
        ? `Label new namespaces istio.io/rev=${to.revision}, too: once the old control plane is gone, istio-injection=enabled injects nothing. From 1.12 on, ${istioctlAt(mesh, `tag set default --revision ${to.revision}`)} makes a default.`
        : `Label new namespaces istio.io/rev=${to.revision}, too: istio-injection=enabled is another mesh's.`,
  };
}

/** Git keeps the label that would have to go; or nothing but the pod's own label asks for injection. */
function stuck({ mesh, upgrade: { from } }: CheckView): Finding[] {
  const finding = (object: string, why: string, remedy: string): Finding => ({
    id: 'default-cannot-move',
    severity: 'error',
    object,
    message: `it is injected by default, ${why}, and ${MOVES_SINCE}`,
    remedy,
  });
  const unlabelled = new Set(
    mesh.namespaces
      .filter(({ choice, terminating }) => choice === 'none' && !terminating)
      .map(({ name }) => name),
  );
  const leftBehind = [
    ...mesh.workloads,
    ...mesh.pods
      .filter(({ owner }) => owner === undefined)
      .map((pod) => ({ ...pod, kind: 'Pod', restartedFor: undefined })),
  ].filter(
    ({ namespace, injectedBy, pinnedRevision, accepted }) =>
      unlabelled.has(namespace) &&
      injectedBy.includes(from.revision) &&
      pinnedRevision === undefined &&
      !accepted,
  );
  return [
    ...mesh.namespaces
      .filter(followsByGit)
      .map(({ name }) =>
        finding(
          `Namespace ${name}`,
          'by a label that Git keeps',
          'Take that label out of Git for this namespace; canary or promote labels it for the revision.',
        ),
      ),
    ...leftBehind.map((item) =>
      finding(
        nameOf(item),
        'by its own label',
        `Label its namespace, too: kubectl label namespace ${item.namespace} istio-injection=enabled.`,
      ),
    ),
  ];
}
