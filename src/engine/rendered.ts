import type { Finding } from '../finding.ts';
import { gatewaysLeftOut, withoutGateways } from '../istio/gateways-in-place.ts';
import { isPartOf } from '../istio/along.ts';
import type { Mesh } from '../istio/mesh.ts';
import { judgeAutoscalers } from '../istio/autoscalers.ts';
import { judgeOverlays } from '../istio/overlays.ts';
import type { Judged } from '../istio/judged-images.ts';
import { judgePlaceholders } from '../istio/left-overs.ts';
import { type Offered, judgeRendered } from '../istio/rendered.ts';
import { readConfiguration } from '../istioctl/config-files.ts';
import { configurationDigest } from '../istioctl/configuration-digest.ts';
import { type RenderedObject, UnreadableManifest, parseManifest } from '../istioctl/manifest.ts';
import type { RevisionConfiguration } from '../istioctl/istioctl.ts';
import type { Facts } from '../decide/facts.ts';
import type { Upgrade } from '../decide/upgrade.ts';
import { isGatewayComponent } from '../istio/gateway.ts';
import { gatewaySources, gatewayTexts } from '../istio/gateway-configuration.ts';
import { gatewaysOf } from '../istio/installed-gateway.ts';
import { isInPlace } from '../istio/side.ts';
import type { Release } from '../record/record.ts';
import type { Context, ProvedIstioctl } from '../steps/context.ts';
import { liveGateways } from './live-gateways.ts';
import type { Session } from './session.ts';

const RENDER_MS = 60_000;

/** What the target's configuration would install, or has. */
export interface Rendered {
  /** Empty where istioctl can't tell. */
  readonly objects: readonly RenderedObject[];
  /** YAML of all of them; empty where there are none. */
  readonly yaml: string;
  /** Why it must not be installed. */
  readonly findings: readonly Finding[];
}

/** Nothing is installed. */
export const NOTHING_RENDERED: Rendered = { objects: [], yaml: '', findings: [] };

/**
 * Asks istioctl what the target's configuration would install, and holds it against what was asked for: see
 * `judgeRendered`.
 *
 * @param judged what of it has to be the control plane's own
 * @throws UnfaithfulSetValue
 */
export async function renderTarget(
  { istioctl }: Pick<ProvedIstioctl, 'istioctl'>,
  what: RevisionConfiguration,
  signal: AbortSignal,
  judged: (objects: readonly RenderedObject[]) => readonly RenderedObject[] = (objects) => objects,
): Promise<Rendered> {
  return rendered({ istioctl }, what, signal, { parts: (all) => ({ objects: judged(all), gateways: [] }) });
}

/**
 * The same for an installation over the control plane that is there: gateways that istioctl has installed go with it, as
 * Istio does it. One that is not there yet must not come by an upgrade, one that is left out would stay behind, and one
 * whose proxy is pinned could not be both of the release to come and, on the way back, of the one before.
 *
 * @param other version of the other release, which is rendered from the same configuration
 * @param comeBack whether gateways that are not there were when the upgrade began: what was deleted since comes back
 */
export async function renderInPlace(
  { istioctl }: Pick<ProvedIstioctl, 'istioctl'>,
  what: RevisionConfiguration,
  { mesh, comeBack, other }: { readonly mesh: Mesh; readonly comeBack: boolean; readonly other: string },
  signal: AbortSignal,
): Promise<Rendered> {
  const mayStay = mesh.installedGateways.filter(({ accepted }) => accepted);
  const own = (objects: readonly RenderedObject[]): readonly RenderedObject[] =>
    comeBack
      ? objects.filter(({ component }) => !isGatewayComponent(component))
      : withoutGateways(objects, mesh);
  const parts = (all: readonly RenderedObject[]): Parts => {
    const objects = own(all);
    const gateways = all.filter(
      (object) => !objects.includes(object) && !mayStay.some((gateway) => isPartOf(object, gateway)),
    );
    return { objects, gateways };
  };
  const all = await rendered({ istioctl }, what, signal, { parts, other });
  return { ...all, findings: [...all.findings, ...gatewaysLeftOut(all.objects, mesh)] };
}

type Parts = Pick<Offered, 'objects' | 'gateways'>;

/** How a rendering is judged. */
interface Judging {
  readonly parts: (all: readonly RenderedObject[]) => Parts;
  /** In place: version of the other release. */
  readonly other?: string;
}

async function rendered(
  { istioctl }: Pick<ProvedIstioctl, 'istioctl'>,
  what: RevisionConfiguration,
  signal: AbortSignal,
  { parts, ...other }: Judging,
): Promise<Rendered> {
  const judged = { version: istioctl.version.text, ...other };
  const { texts, spec } = await readConfiguration(what);
  const answer = await istioctl.manifestGenerate(what, { timeoutMs: RENDER_MS, signal });
  if (!answer.readable) {
    // What was not filled in is often why.
    return {
      objects: [],
      yaml: '',
      findings: [...judgePlaceholders({ texts, objects: [] }), notRendered(answer.reason, judged)],
    };
  }
  const objects = readObjects(answer.yaml);
  if (objects instanceof UnreadableManifest)
    return { objects: [], yaml: '', findings: [notRendered(objects.message, judged)] };
  const findings = judgeRendered(
    { ...parts(objects), texts, warnings: answer.warnings },
    { revision: what.revision, ...judged, istioNamespace: istioctl.istioNamespace },
  );
  return {
    objects,
    yaml: answer.yaml,
    findings: [
      ...findings,
      ...judgeAutoscalers(objects),
      ...judgeOverlays({ spec, objects, without: what.without }, what.revision),
    ],
  };
}

/**
 * Facts with what the gateways would be rendered as, where istioctl has installed some for a side of the upgrade.
 *
 * @param asks the sides whose istioctl is at hand
 * @throws UnfaithfulSetValue
 */
export async function withGateways(
  facts: Facts,
  { from, to }: Pick<Upgrade, 'from' | 'to'>,
  asks: Partial<Context['istioctl']>,
  session: Pick<Session, 'inputs' | 'deps' | 'reader'>,
): Promise<Facts> {
  const { inputs, deps } = session;
  // In place they come with the control plane, and are weighed with it.
  const due = isInPlace({ from, to })
    ? []
    : [...new Set([from, to].flatMap(({ revision }) => gatewaysOf(facts.mesh, revision)))];
  if (due.length === 0) return facts;
  const toMove = due.filter(({ accepted }) => !accepted);
  const render = (release: Release, proved: ProvedIstioctl | undefined) =>
    proved?.istioctl.renderGateways(
      { due: toMove, sources: gatewaySources(inputs, release) },
      { timeoutMs: RENDER_MS, signal: deps.signal },
    );
  const [back, on] = await Promise.all([render(from, asks.from), render(to, asks.to)]);
  return {
    ...facts,
    gateways: {
      configuration: await configurationDigest(gatewayTexts(inputs)),
      ...(inputs.gatewayConfig.length === 1
        ? { before: await configurationDigest({ configFiles: inputs.gatewayConfig, set: [] }) }
        : {}),
      ...(back === undefined ? {} : { from: back }),
      ...(on === undefined ? {} : { to: on }),
      ...(back?.readable === true && on?.readable === true
        ? { live: await liveGateways(session, toMove) }
        : {}),
    },
  };
}

function readObjects(yaml: string): readonly RenderedObject[] | UnreadableManifest {
  try {
    return parseManifest(yaml);
  } catch (error) {
    if (error instanceof UnreadableManifest) return error;
    throw error;
  }
}

function notRendered(reason: string, { version, other }: Judged): Finding {
  return {
    id: 'configuration-not-rendered',
    severity: 'error',
    message: `istioctl ${version} can't render the configuration: ${reason}`,
    remedy:
      other === undefined
        ? 'Correct the inputs config and set. They must suit the target version.'
        : `Correct the inputs config and set. In place ${version} and ${other} are both installed by them, there and on the way back: leave out what one of the two does not understand.`,
  };
}
