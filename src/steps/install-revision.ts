import type { Context } from '../engine/context.ts';
import { type Step, StepFailed, type View } from '../engine/step.ts';
import type { Finding } from '../finding.ts';
import { changedByAccident } from '../istio/accident.ts';
import { type Mesh, OWNED_KINDS, planeOfRevision } from '../istio/mesh.ts';
import { beyondRevision, nameOfObject } from '../istio/own-objects.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { deniedOnTheWay } from './denied.ts';
import { istiodProblem } from './istiod-problem.ts';

const TIMEOUT_MS = 10 * 60_000;
/** istioctl's own wait ends this long before ours, so that it can say what it waited for. */
const GRACE_MS = 20_000;

/**
 * Installs the target's control plane beside the current one (istio.io, "Canary Upgrades").
 *
 * @param rendered what the configuration installs. istioctl writes one object after the other, so a control plane that
 * is ready may lack what would have come last
 */
export const installRevision = (rendered: readonly RenderedObject[]): Step => ({
  id: 'install-revision',
  title: 'Install the target control plane',
  timeoutMs: TIMEOUT_MS,
  plan: ({ mesh, upgrade: { to } }) =>
    isInstalled(mesh, to, rendered) ? [] : [`install istiod ${to.version} as revision ${to.revision}`],
  run: async (context, { mesh: before }) => {
    const { to } = context.upgrade;
    const remaining = context.remainingMs();
    const ended = await context.istioctl.to.istioctl.install(
      {
        revision: to.revision,
        ...installConfiguration(context),
        readinessTimeoutMs: Math.max(remaining - GRACE_MS, 5_000),
      },
      { timeoutMs: remaining, signal: context.signal },
      (line) => {
        context.log.info(line);
      },
    );
    context.signal.throwIfAborted();
    const after = await context.observe();
    const findings = [
      ...deniedOnTheWay(ended.denied),
      ...(await readiness(context, after, rendered, ended.words)),
      ...changedByAccident(before, after, { command: 'istioctl install', own: to.revision }),
    ];
    if (findings.length > 0) throw new StepFailed(findings);
    if (!ended.ok) {
      throw new StepFailed([
        {
          id: 'install-failed',
          severity: 'error',
          message: `istioctl install says: ${ended.words}`,
          remedy:
            'The log of this step has all it said. Remove the cause and run canary again, or run rollback.',
        },
      ]);
    }
    return `istiod ${to.version} runs as revision ${to.revision} beside ${context.upgrade.from.revision}`;
  },
});

/**
 * The user's files and values. With neither, the minimal profile: the default profile has gateways, and installing
 * these would move the mesh's only ones (H22).
 */
export function installConfiguration({ inputs }: Pick<Context, 'inputs'>): {
  configFiles: readonly string[];
  set: readonly string[];
} {
  const chosen = inputs.config.length > 0 || inputs.set.some((line) => line.startsWith('profile='));
  return { configFiles: inputs.config, set: chosen ? inputs.set : ['profile=minimal', ...inputs.set] };
}

/** Of the right version, ready, with Service and injector, and nothing of it missing. */
function isInstalled(mesh: Mesh, to: View['upgrade']['to'], rendered: readonly RenderedObject[]): boolean {
  const plane = planeOfRevision(mesh, to.revision);
  return (
    plane?.version === to.version &&
    plane.rollout.done &&
    plane.rollout.desired > 0 &&
    plane.service &&
    plane.injector !== undefined &&
    missing(mesh, to, rendered).length === 0
  );
}

/** What of the revision's own objects is not there; a rendered object need not have the label that istioctl gives it. */
function missing(
  mesh: Mesh,
  { revision }: View['upgrade']['to'],
  rendered: readonly RenderedObject[],
): string[] {
  const there = new Set(mesh.owned.filter(({ terminating }) => !terminating).map(nameOfObject));
  const shared = new Set(beyondRevision(rendered, { revision, namespace: mesh.istioNamespace }));
  return rendered
    .filter((object) => !shared.has(object) && OWNED_KINDS.some((kind) => kind === object.kind))
    .map(nameOfObject)
    .filter((name) => !there.has(name));
}

async function readiness(
  context: Context,
  mesh: Mesh,
  rendered: readonly RenderedObject[],
  words: string,
): Promise<Finding[]> {
  const { to } = context.upgrade;
  if (isInstalled(mesh, to, rendered)) return [];
  const plane = planeOfRevision(mesh, to.revision);
  const reason = plane === undefined ? undefined : await istiodProblem(context, plane.revision);
  const [first] = missing(mesh, to, rendered);
  return [
    {
      id: 'control-plane-not-ready',
      severity: 'error',
      object: `Deployment ${mesh.istioNamespace}/${plane?.deployment ?? `istiod-${to.revision}`}`,
      message: [
        `the target control plane is not ready`,
        plane?.rollout.message,
        first === undefined ? undefined : `${first} is missing`,
        reason,
        words === '' ? undefined : `istioctl says: ${words}`,
      ]
        .filter(Boolean)
        .join('; '),
      remedy:
        'No workload was moved. Remove the cause and run canary again, or run rollback, which removes the new control plane.',
    },
  ];
}
