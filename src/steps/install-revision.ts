import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { changedByAccident } from '../istio/accident.ts';
import { alongChanges, alongOf, besides } from '../istio/along.ts';
import type { Change } from '../istio/change.ts';
import { onceInstalled, stillDue } from '../istio/changed-by-others.ts';
import { isServing } from '../istio/health.ts';
import { type ControlPlane, type Mesh, OWNED_KINDS, nameOf, planeOfRevision } from '../istio/mesh.ts';
import { beyondRevision, nameOfObject } from '../istio/own-objects.ts';
import { isHealthy } from '../istio/rollout.ts';
import { proxiesAre, proxiesOn } from '../istio/target-loss.ts';
import { sameRelease } from '../istio/version.ts';
import type { Configuration } from '../istioctl/config-files.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import type { Context } from './context.ts';
import { deniedOnTheWay } from './denied.ts';
import { installFailed, letInstall, settled } from './istioctl-install.ts';
import { istiodProblem } from './istiod-problem.ts';
import { forgetInstalled, rememberInstalled } from './remember-installed.ts';
import { type Step, StepFailed } from './step.ts';

const TIMEOUT_MS = 10 * 60_000;

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
  plan: ({ mesh, record, upgrade: { to } }) => {
    const due = stillDue(rendered, record);
    const along = alongChanges(due, mesh, to);
    return isInstalled(mesh, to, due) && along.length === 0
      ? []
      : [{ verb: 'install', object: `istiod ${to.version} as revision ${to.revision}` }, ...along];
  },
  run: async (context, { mesh: before }) => {
    const { to } = context.upgrade;
    await forgetInstalled(context);
    const ended = await letInstall(context, 'to', installConfiguration(context));
    // Who changes its Deployment makes it roll once more.
    if (ended.ok) await settled(context, (mesh) => rolling(planeOfRevision(mesh, to.revision)));
    const wanted = ended.ok ? onceInstalled(rendered) : rendered;
    const after = await context.observe();
    const findings = [
      ...deniedOnTheWay(ended.denied),
      ...(await readiness(context, after, wanted, ended.words)),
      ...alongChanges(wanted, after, to).map((change) =>
        notUpgraded(change, ended.words, movedBefore(context.upgrade, after)),
      ),
      ...changedByAccident(besides(before, rendered), besides(after, rendered), {
        command: 'istioctl install',
        own: to.revision,
      }),
    ];
    if (findings.length > 0) throw new StepFailed(findings);
    if (!ended.ok) throw installFailed(ended, 'canary');
    await rememberInstalled(context, after, rendered);
    const { gateways, cni } = alongOf(rendered, after);
    const along = [...gateways.map(nameOf), ...cni.map(({ object }) => object)];
    return [
      `istiod ${to.version} runs as revision ${to.revision} beside ${context.upgrade.from.revision}`,
      ...(along.length === 0 ? [] : [`upgraded along with it: ${along.join(', ')}`]),
    ].join('; ');
  },
});

/**
 * The user's files and values, without their gateways: installing these would move the mesh's only ones, which promote does
 * (H22). With neither files nor a profile, the minimal one.
 *
 * Where the gateways are to go along (`gateways: with-install`), it is what was given, and with nothing at all istioctl's own
 * default profile.
 */
export function installConfiguration({ inputs }: Pick<Context, 'inputs'>): Configuration {
  const { config: configFiles, set } = inputs;
  if (inputs.gateways === 'with-install') return { configFiles, set };
  const chosen = configFiles.length > 0 || set.some((line) => line.startsWith('profile='));
  return chosen
    ? { configFiles, set, without: 'gateways' }
    : { configFiles: [], set: ['profile=minimal', ...set] };
}

function rolling(plane: ControlPlane | undefined): string | undefined {
  return plane === undefined || isHealthy(plane.rollout) ? undefined : plane.rollout.message;
}

/** Serving, of the right version, with nothing of it missing and nothing in it other than it is wanted (M14). */
function isInstalled(mesh: Mesh, to: View['upgrade']['to'], rendered: readonly RenderedObject[]): boolean {
  return servesTarget(mesh, to) && lacking(mesh, to, rendered).length === 0;
}

/** Whether the target serves, and is of its version as far as that is known. */
export function servesTarget(mesh: Mesh, { revision, version }: View['upgrade']['to']): boolean {
  const plane = planeOfRevision(mesh, revision);
  return isServing(plane) && (plane.version === undefined || sameRelease(plane.version, version));
}

/**
 * What of the revision's own objects is not there, or says something else than what is wanted; a rendered object need not
 * have the label that istioctl gives it.
 */
export function lacking(
  mesh: Mesh,
  { revision }: View['upgrade']['to'],
  rendered: readonly RenderedObject[],
): string[] {
  const there = new Map(
    mesh.owned.filter(({ terminating }) => !terminating).map((object) => [nameOfObject(object), object]),
  );
  const shared = new Set(beyondRevision(rendered, { revision, namespace: mesh.istioNamespace }));
  return rendered
    .filter((object) => !shared.has(object) && OWNED_KINDS.some((kind) => kind === object.kind))
    .flatMap((object) => {
      const name = nameOfObject(object);
      const is = there.get(name);
      if (is === undefined) return [`${name} is missing`];
      return object.content !== undefined && is.content !== undefined && object.content !== is.content
        ? [`${name} is not as it is wanted`]
        : [];
    });
}

/** What the plan said would go along did not. */
function notUpgraded({ object, from, to }: Change, words: string, moved: string): Finding {
  return {
    id: 'not-upgraded-along',
    severity: 'error',
    object,
    message: `istioctl install should have upgraded it along with the control plane; it is still of ${from ?? 'another revision'}, not of ${to ?? ''}${words === '' ? '' : `. istioctl says: ${words}`}`,
    remedy: `${moved} Look at its pods and at the log of this step, remove the cause and run canary again; or run rollback, which brings back what went along.`,
  };
}

/** Whom it concerns that the target is not as it should be: an earlier run may have moved workloads to it. */
function movedBefore({ from, to }: View['upgrade'], mesh: Mesh): string {
  const proxies = proxiesOn(mesh, to.revision);
  return proxies === 0
    ? 'No workload was moved.'
    : `${proxiesAre(proxies)} on revision ${to.revision} already, and a rollback moves them back to ${from.revision} first.`;
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
  const [first] = lacking(mesh, to, rendered);
  return [
    {
      id: 'control-plane-not-ready',
      severity: 'error',
      object: `Deployment ${mesh.istioNamespace}/${plane?.deployment ?? `istiod-${to.revision}`}`,
      message: [
        `the target control plane is not ready`,
        plane?.rollout.message,
        first,
        reason,
        words === '' ? undefined : `istioctl says: ${words}`,
      ]
        .filter(Boolean)
        .join('; '),
      remedy: `${movedBefore(context.upgrade, mesh)} Remove the cause and run canary again, or run rollback, which removes the new control plane.`,
    },
  ];
}
