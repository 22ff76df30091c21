import { gatewaysOf } from '../istio/installed-gateway.ts';
import { nameOf } from '../istio/mesh.ts';
import { agentsOf } from '../istio/shared-component.ts';
import { sameRelease } from '../istio/version.ts';
import { awaitRollouts } from '../wait/rollouts.ts';
import { awaitGatewayProxies } from './gateway-proxies.ts';
import { type Step, StepFailed } from './step.ts';

/**
 * Sees that what went along with the installation of the canary works there (issue 13: the documents' own way): each
 * gateway rolled out, its pods connected to the new istiod and in sync; the node agent updated and available on every node,
 * and of the target's release. What is still on the other side is the goal's to tell.
 */
export const verifyAlong: Step = {
  id: 'verify-along',
  title: 'See what went along with the installation',
  timeoutMs: 10 * 60_000,
  run: async (context) => {
    const { to } = context.upgrade;
    const mesh = await context.observe();
    const gateways = gatewaysOf(mesh, to.revision).filter(({ accepted }) => !accepted);
    const agents = agentsOf(mesh.shared, to.revision);
    const findings = await awaitRollouts(
      [
        ...gateways,
        ...agents.map(({ namespace, name }) => ({ kind: 'DaemonSet' as const, namespace, name })),
      ],
      {
        cluster: context.cluster,
        log: context.log,
        timeoutMs: context.remainingMs(),
        signal: context.signal,
      },
    );
    const other = agents.filter(({ version }) => version !== undefined && !sameRelease(version, to.version));
    findings.push(
      ...other.map(({ object, version = '' }) => ({
        id: 'not-upgraded-along',
        severity: 'error' as const,
        object,
        message: `it should be of ${to.version} by now, and its image is of ${version}`,
        remedy:
          'Take a tag that config or set pins for it out (values.cni.tag, values.global.tag), then run canary again; or run rollback.',
      })),
    );
    if (findings.length > 0) throw new StepFailed(findings);
    for (const gateway of gateways) {
      const { namespace, name: deployment } = gateway;
      await awaitGatewayProxies(context, { namespace, deployment, called: nameOf(gateway) }, 'to');
    }
    const seen = [...gateways.map(nameOf), ...agents.map(({ object }) => object)];
    return seen.length === 0
      ? 'nothing went along: the mesh has no gateway and no Istio CNI of istioctl’s'
      : `of ${to.version}, and serving: ${seen.join(', ')}`;
  },
};
