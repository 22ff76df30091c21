import type { Finding } from '../../finding.ts';
import type { Seen } from './proxies.ts';

/**
 * Istio CNI that istioctl has installed with the control plane must not be replaced in place without it: an istioctl that
 * has installed it before, on the way back or down, deletes what it does not render any more (H54).
 */
export const cniInPlace = ({ mesh, phase, upgrade: { to } }: Seen): Finding[] =>
  mesh.shared
    .filter(({ kind, goesWith }) => kind === 'cni' && goesWith === to.revision)
    .map(({ object }) => ({
      id: 'cni-goes-with-revision',
      severity: 'error',
      object,
      message:
        'istioctl installed it with the control plane, and going back in place would delete it: new pods would not start on any node',
      remedy: `Install Istio CNI by itself (Helm chart cni)${phase === 'rollback' ? '' : ', or use strategy: revision, which leaves it as it is'}.`,
    }));
