import type { View } from '../decide/upgrade.ts';
import { type Finding, hasError } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import {
  type Weighed,
  configurationLost,
  defaultsChanged,
  isInstalled,
} from '../istio/configuration-loss.ts';
import { gatewaysLeftOut } from '../istio/gateways-in-place.ts';
import { oneByOne, withinLimits } from '../istio/setting-differences.ts';
import { type Naming, type Settings, settingsOf } from '../istio/settings.ts';
import { goesDown } from '../istio/state-in-place.ts';
import type { Configuration } from '../istioctl/config-files.ts';
import { configurationDigest } from '../istioctl/configuration-digest.ts';
import { readObjects } from '../istioctl/manifest.ts';
import type { UpgradeRecord } from '../record/record.ts';
import type { Context } from '../steps/context.ts';
import {
  type InPlaceRenders,
  NO_RENDERS,
  heldConfiguration,
  inPlaceConfiguration,
} from '../steps/held-proxies.ts';
import { leftByUpgrade } from '../steps/replace-control-plane.ts';
import { comparedKinds, liveSettings } from './live-settings.ts';
import { givenUpBy, heldOf, notRestored } from './given-up.ts';
import { rememberedOf } from './record-of.ts';
import { lostOnTheWay, namedExactly, otherThanRecorded } from './recorded-configuration.ts';
import { type Rendered, renderInPlace } from './rendered.ts';
import type { Session } from './session.ts';
import { surgeRoom } from './surge-room.ts';
import { weighDowngrade } from './weigh-downgrade.ts';

/** What an upgrade in place would install, on either side and while proxies are held back, and what is wrong with it. */
export interface WeighedRenders {
  readonly renders: InPlaceRenders;
  readonly findings: readonly Finding[];
  /** For the record, where it is installed: sha256 of the files and values, and what is lost by leave. */
  readonly installed: Pick<UpgradeRecord, 'configuration' | 'givenUp' | 'had'>;
}

/**
 * Renders the given configuration with both istioctls, and holds it against what is live (issue 14, "The same
 * configuration"). A phase that goes on with an upgrade is given the configuration that its canary has installed, or the one
 * that is live by now; with another one, as where nothing tells which that was, it answers for what is lost as canary does.
 * So there is a way back from a configuration that no istiod can run with.
 *
 * @param begins whether the phase is the one that begins an upgrade
 * @throws what reading the cluster throws; UnfaithfulSetValue
 */
export async function weigh(
  session: Session,
  istioctl: Context['istioctl'],
  view: View,
  begins: boolean,
): Promise<WeighedRenders> {
  const { upgrade, mesh } = view;
  const { phase } = session.inputs;
  const remembered = rememberedOf(view, phase);
  // Sha256 of what the canary of this upgrade has installed; undefined where nothing tells.
  const recorded = begins ? undefined : remembered?.configuration;
  const { own, configuration } = await given(session.inputs, mesh, recorded);
  const signal = session.deps.signal;
  const one = (side: 'from' | 'to', what: Configuration): Promise<Rendered> =>
    renderInPlace(
      istioctl[side],
      { revision: upgrade.to.revision, ...what },
      {
        mesh,
        comeBack: recorded === configuration,
        other: istioctl[side === 'to' ? 'from' : 'to'].istioctl.version.text,
      },
      signal,
    );
  const [from, to] = [await one('from', own), await one('to', own)];
  const [newer, older] = goesDown(upgrade) ? (['from', to] as const) : (['to', from] as const);
  const held = await one(newer, heldConfiguration(own, older.objects));
  const renders: InPlaceRenders = { from: from.objects, to: to.objects, held: held.objects };
  const installsOlder = goesDown(upgrade) !== (phase === 'rollback');
  const findings = distinct([
    ...to.findings,
    ...from.findings.filter(({ severity }) => severity === 'error'),
    ...(installsOlder
      ? await weighDowngrade(session, mesh, { newer: newer === 'to' ? to : from, older })
      : []),
  ]);
  // Precheck may not rehearse, and promote of an upgrade installs nothing.
  if (phase === 'canary' || phase === 'rollback' || (phase === 'promote' && goesDown(upgrade)))
    findings.push(...(await surgeRoom(session, mesh, upgrade.to.revision)));
  const told = { renders, installed: { configuration } };
  // A promote of an upgrade installs nothing.
  if (recorded === configuration && phase === 'promote' && !goesDown(upgrade)) return { ...told, findings };
  // What can't be rendered is told by the rendering itself, and stops it.
  const isRendered = [from, to].every(({ yaml }) => yaml !== '');
  const weighed = isRendered ? await weighedOf(session, view, { from, to, held }) : undefined;
  const isBack = phase === 'rollback';
  if (weighed === undefined)
    return { ...told, findings: [...findings, ...(isBack ? notRestored(remembered?.givenUp) : [])] };
  const isOther = recorded !== undefined && recorded !== configuration;
  const isUntried = isOther && !isInstalled(weighed);
  const { acknowledge } = session.inputs;
  const leave = isUntried ? namedExactly(weighed, acknowledge) : acknowledge;
  const answers = recorded === undefined || isUntried;
  const back = backBy(view, session.inputs, { weighed, from });
  const givenUp = givenUpBy(weighed, remembered ?? {}, answers ? leave : [], back);
  const lost = answers
    ? configurationLost(weighed, leave, isUntried ? oneByOne : withinLimits)
    : lostOnTheWay(weighed, remembered);
  return {
    renders,
    installed: { configuration, ...givenUp },
    findings: [
      ...findings,
      ...(isBack ? notRestored(givenUp.givenUp) : []),
      ...(isUntried ? [otherThanRecorded(hasError(lost) ? 'error' : 'warning')] : []),
      ...lost,
      ...(answers ? defaultsChanged(weighed) : []),
    ],
  };
}

/** Both sides as settings, by the phase's direction: rollback installs what the upgrade has left. */
async function weighedOf(
  session: Session,
  { upgrade, mesh }: View,
  { from, to, held }: Readonly<Record<'from' | 'to' | 'held', Rendered>>,
): Promise<Weighed> {
  const { phase, istioNamespace } = session.inputs;
  const [leaving, coming] = phase === 'rollback' ? [to, from] : [from, to];
  const naming: Naming = {
    istioNamespace,
    versions: [upgrade.from.version, upgrade.to.version],
    kinds: comparedKinds(phase),
  };
  const namespaces = new Set([
    istioNamespace,
    ...coming.objects.flatMap(({ namespace }) => namespace ?? []),
    ...mesh.installedGateways.map(({ namespace }) => namespace),
  ]);
  const settings = ({ yaml }: Rendered): Settings =>
    yaml === '' ? new Map() : settingsOf(readObjects(yaml), naming);
  return {
    live: await liveSettings(session, upgrade.to.revision, [...namespaces], naming),
    leaving: settings(leaving),
    coming: settings(coming),
    between: settings(held),
    told: gatewaysLeftOut(coming.objects, mesh).map(({ object = '' }) => object.replace(/^.*\//, '')),
  };
}

/** What both releases' renderings lack is told once. */
function distinct(findings: readonly Finding[]): Finding[] {
  return [
    ...new Map(findings.map((item) => [`${item.id} ${item.object ?? ''} ${item.message}`, item])).values(),
  ];
}

/** Where nothing is weighed. */
export const UNWEIGHED: WeighedRenders = {
  renders: NO_RENDERS,
  findings: [],
  installed: {},
};

/**
 * What is installed, and its sha256. What neither files nor values say depends on whether the mesh has gateways: there it is
 * as it was when canary began, where the record bears that out, whatever somebody has deleted since.
 */
async function given(
  inputs: Inputs,
  { installedGateways }: View['mesh'],
  recorded: string | undefined,
): Promise<{ readonly own: Configuration; readonly configuration: string }> {
  const now = installedGateways.length > 0;
  const read = async (withGateways: boolean) => {
    const own = inPlaceConfiguration(inputs, withGateways);
    return { own, configuration: await configurationDigest(own) };
  };
  const is = await read(now);
  if (recorded === undefined || is.configuration === recorded) return is;
  const was = await read(!now);
  return was.configuration === recorded ? was : is;
}

/**
 * What there is of a key once the old release is installed with the given configuration: by a rollback now, or by a later one.
 * Where a rollback has nothing to install it is what is live.
 */
function backBy(
  { mesh, upgrade }: View,
  { phase }: Inputs,
  { weighed, from }: { readonly weighed: Weighed; readonly from: Rendered },
): (key: string) => Settings {
  if (phase !== 'rollback') return () => weighed.leaving;
  const installs = goesDown(upgrade) || leftByUpgrade(mesh, upgrade, from.objects).length > 0;
  return (key) => (installs ? weighed.coming : heldOf(weighed, key));
}

/**
 * What of it is told by a run that installs nothing, and stops it no more: that canary was given less than is live, which
 * stays, and what does not come back.
 */
export function withoutInstalling(findings: readonly Finding[], begins: boolean): Finding[] {
  return findings.flatMap((finding): Finding[] => {
    if (finding.id === 'given-up-not-restored') return [finding];
    if (finding.id !== 'configuration-would-be-lost' || !begins) return [];
    return [
      {
        ...finding,
        severity: 'warning',
        remedy:
          'This run installs nothing: it stays as it is. For a rollback give the inputs config and set that were installed: others it takes only once what they would lose is acknowledged.',
      },
    ];
  });
}
