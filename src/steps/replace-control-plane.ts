import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { changedByAccident } from '../istio/accident.ts';
import type { Change } from '../istio/change.ts';
import { onceInstalled, stillDue } from '../istio/changed-by-others.ts';
import { isServing } from '../istio/health.ts';
import { renderedWhole } from '../istio/installed-gateway.ts';
import { type Mesh, nameOf, planeOfRevision } from '../istio/mesh.ts';
import { ownerKey } from '../istio/moves.ts';
import { nameOfObject } from '../istio/own-objects.ts';
import { goesDown, runs, serves } from '../istio/state-in-place.ts';
import { sameRelease } from '../istio/version.ts';
import type { Configuration } from '../istioctl/config-files.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import type { Release } from '../record/record.ts';
import type { Context } from './context.ts';
import { deniedOnTheWay } from './denied.ts';
import { excusedGateways } from './excused-gateways.ts';
import { configurationOf } from './held-proxies.ts';
import { idleInjector } from './idle-injector.ts';
import { lacking } from './install-revision.ts';
import { installFailed, letInstall, settled } from './istioctl-install.ts';
import { istiodProblem } from './istiod-problem.ts';
import { forgetInstalled, rememberInstalled } from './remember-installed.ts';
import { type Step, StepFailed } from './step.ts';

const TIMEOUT_MS = 10 * 60_000;

/** An installation over the control plane that is there. */
export interface Replacement {
  /** Whose release, and whose istioctl. */
  readonly side: 'from' | 'to';
  readonly rendered: readonly RenderedObject[];
  /** Version of the proxies that its injector and its gateways have: the release's own, or an older one's. */
  readonly proxies: string;
  readonly configuration: Configuration;
  /** What was not healthy before: on the way back a gateway of these need not get ready. */
  readonly troubled: ReadonlySet<string>;
}

/**
 * Replaces the control plane where it is, up or down: `istioctl install` with the same configuration (`upgrade` is the same
 * command, T01), with that release's own istioctl (H42). What is there is told by what the objects hold, so that a run
 * that died between two of them is gone on with.
 */
export function replaceControlPlane(side: 'from' | 'to', rendered: readonly RenderedObject[]): Step {
  return {
    id: side === 'to' ? 'replace-control-plane' : 'restore-control-plane',
    title:
      side === 'to' ? 'Replace the control plane where it is' : 'Put the control plane back to its release',
    timeoutMs: TIMEOUT_MS,
    plan: ({ mesh, record, upgrade }) => planOf(mesh, upgrade, side, stillDue(rendered, record)),
    run: async (context, { mesh, before: { troubled } }) => {
      const release = context.upgrade[side];
      await installOver(context, mesh, {
        side,
        rendered,
        proxies: release.version,
        configuration: configurationOf(context.inputs, rendered),
        troubled,
      });
      return `istiod ${release.version} runs in place`;
    },
  };
}

function planOf(
  mesh: Mesh,
  upgrade: View['upgrade'],
  side: 'from' | 'to',
  rendered: readonly RenderedObject[],
): readonly Change[] {
  const { version } = upgrade[side];
  const lacks =
    side === 'from' && !goesDown(upgrade)
      ? leftByUpgrade(mesh, upgrade, rendered)
      : lackingInPlace(mesh, upgrade, { side, rendered, proxies: version });
  return lacks.length === 0 ? [] : [{ verb: 'install', object: `istiod ${version} in place` }];
}

/** What keeps the control plane from being what an installation makes it: nothing where there is nothing to do. */
export function lackingInPlace(
  mesh: Mesh,
  upgrade: Pick<View['upgrade'], 'from' | 'to'>,
  wanted: Wanted,
): string[] {
  return [...ofAnother(mesh, upgrade, wanted), ...lacking(mesh, upgrade[wanted.side], wanted.rendered)];
}

/**
 * What an upgrade has left that a rollback has to put back. Where it ended before its first write there is none: then nothing is
 * installed, so that what its canary was only allowed to lose stays. (A downgrade holds proxies by the release that it comes
 * from, which leaves no such trace.)
 */
export function leftByUpgrade(
  mesh: Mesh,
  upgrade: Pick<View['upgrade'], 'from' | 'to'>,
  rendered: readonly RenderedObject[],
): string[] {
  return ofAnother(mesh, upgrade, { side: 'from', rendered, proxies: upgrade.from.version });
}

type Wanted = Pick<Replacement, 'side' | 'rendered' | 'proxies'>;

/** What is not of the release that is wanted, or does not serve; what its objects hold is not looked at. */
function ofAnother(
  mesh: Mesh,
  upgrade: Pick<View['upgrade'], 'from' | 'to'>,
  { side, rendered, proxies }: Wanted,
): string[] {
  const release = upgrade[side];
  const plane = planeOfRevision(mesh, release.revision);
  return [
    ...(runs(plane, release.version)
      ? []
      : [`istiod is ${plane?.version ?? 'not there'}, not ${release.version}`]),
    ...(plane !== undefined && isServing(plane) ? [] : ['istiod does not serve']),
    ...ofOtherSide(mesh, upgrade[side === 'from' ? 'to' : 'from'], rendered),
    ...gatewaysLack(mesh, proxies),
  ];
}

/**
 * Objects that the other side's istioctl has written last, by the label that it leaves. An installation that died half-way
 * leaves such, also of kinds whose content nobody compares, before istiod is replaced and after it.
 */
function ofOtherSide(mesh: Mesh, { version }: Release, rendered: readonly RenderedObject[]): string[] {
  const own = new Set(rendered.map(nameOfObject));
  return mesh.owned
    .filter((object) => !object.terminating && own.has(nameOfObject(object)))
    .filter(({ installedAs }) => installedAs !== undefined && sameRelease(installedAs, version))
    .map((object) => `${nameOfObject(object)} is still as ${version} has installed it`)
    .concat(
      (mesh.defaultInstalledAs ?? []).some((is) => sameRelease(is, version))
        ? [`${DEFAULT_TAG_STAYS} ${version} has installed it`]
        : [],
    );
}

const DEFAULT_TAG_STAYS = 'the default tag is still as';

/** Gateways that are rendered whole go with the control plane: their own proxies tell which release they are of. */
function gatewaysLack(mesh: Mesh, proxies: string): string[] {
  const gateways = new Set(
    renderedWhole(mesh)
      .filter(({ accepted }) => !accepted)
      .map(nameOf),
  );
  return mesh.pods
    .filter((pod) => !pod.terminating && gateways.has(ownerKey(pod)))
    .filter(({ version }) => version !== undefined && !sameRelease(version, proxies))
    .map(
      ({ namespace, name, version = '' }) => `gateway pod ${namespace}/${name} is ${version}, not ${proxies}`,
    );
}

/**
 * Runs istioctl, and looks at what came of it; its exit code alone proves nothing (promise 8).
 *
 * @throws StepFailed where the control plane is not what it should be, or something else changed
 */
export async function installOver(
  context: Context,
  before: Mesh,
  { side, rendered, proxies, configuration, troubled }: Replacement,
): Promise<void> {
  const release = context.upgrade[side];
  const overlays = idleInjector(before, rendered, release.version);
  await forgetInstalled(context);
  const ended = await letInstall(context, side, { ...configuration, overlays });
  const wanted = { side, rendered: onceInstalled(rendered), proxies };
  const lacks = (mesh: Mesh): string | undefined =>
    lackingInPlace(mesh, context.upgrade, wanted).find((what) => !isTolerated(what));
  // istioctl is content once the new pods are ready; the rollout is through when the old ones are gone.
  if (ended.ok) await settled(context, lacks);
  const after = await context.observe();
  const first = lacks(after);
  const findings: Finding[] = [
    ...deniedOnTheWay(ended.denied),
    ...(first === undefined
      ? []
      : [
          notReady({ mesh: after, upgrade: context.upgrade }, side, {
            lack: first,
            reason: await reasonOf(context),
            words: ended.words,
          }),
        ]),
    ...changedByAccident(before, after, {
      command: 'istioctl install',
      own: release.revision,
      meant: ['the gateways', 'the default tag', 'the default validator'],
    }),
  ];
  if (findings.length > 0) throw new StepFailed(findings);
  if (!ended.ok) {
    const { findings: told, phase } = context.report;
    const excused = phase === 'rollback' ? excusedGateways(after, ended, troubled) : [];
    if (excused.length === 0) throw installFailed(ended, 'the phase');
    told.push(
      ...excused.filter(({ id, object }) => !told.some((is) => is.id === id && is.object === object)),
    );
  }
  await rememberInstalled(context, after, rendered);
}

/** How the default tag is written only tells what an installation that died has left; one that has ended wrote all. */
function isTolerated(what: string): boolean {
  return what.startsWith(DEFAULT_TAG_STAYS);
}

async function reasonOf(context: Context): Promise<string | undefined> {
  return istiodProblem(context, context.upgrade.to.revision);
}

/**
 * @param lack what is not as it was to be installed: istiod, or something beside it
 */
export function notReady(
  { mesh, upgrade }: Pick<View, 'mesh' | 'upgrade'>,
  side: 'from' | 'to',
  {
    lack,
    reason,
    words,
  }: { readonly lack: string; readonly reason?: string | undefined; readonly words: string },
): Finding {
  return {
    id: 'control-plane-not-ready',
    severity: 'error',
    object: 'control plane default',
    message: [
      serves(mesh, upgrade, side) ? undefined : `istiod ${upgrade[side].version} is not there and ready`,
      lack,
      reason,
      words === '' ? undefined : `istioctl says: ${words}`,
    ]
      .filter(Boolean)
      .join('; '),
    remedy:
      'Remove the cause and run the phase again: it goes on from what is there. If config or set is the cause, give other ones: the phase names what to acknowledge. Or run rollback.',
  };
}
