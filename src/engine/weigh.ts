import { createHash } from 'node:crypto';
import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { type Weighed, configurationLost, defaultsChanged } from '../istio/configuration-loss.ts';
import { isInPlace } from '../istio/side.ts';
import { type Settings, settingsOf } from '../istio/settings.ts';
import { goesDown, runs } from '../istio/state-in-place.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import { readConfiguration } from '../istioctl/config-files.ts';
import type { Configuration } from '../istioctl/config-files.ts';
import { readObjects } from '../istioctl/manifest.ts';
import type { Context } from '../steps/context.ts';
import {
  type InPlaceRenders,
  NO_RENDERS,
  heldConfiguration,
  inPlaceConfiguration,
} from '../steps/held-proxies.ts';
import { type Rendered, renderInPlace } from './rendered.ts';
import type { Session } from './session.ts';

/** What an upgrade in place would install, on either side and while proxies are held back, and what is wrong with it. */
export interface WeighedRenders {
  readonly renders: InPlaceRenders;
  readonly findings: readonly Finding[];
  /** Sha256 of the files and values, for the record. */
  readonly configuration: string;
}

/**
 * Renders the given configuration with both istioctls, and holds it against what is live (issue 14, "The same
 * configuration"). A phase that goes on with an upgrade must be given the configuration that its canary was given.
 *
 * @param begins whether the phase is the one that begins an upgrade, and so answers for what is lost
 * @throws what reading the cluster throws; UnfaithfulSetValue
 */
export async function weigh(
  session: Session,
  istioctl: Context['istioctl'],
  view: View,
  begins: boolean,
): Promise<WeighedRenders> {
  const { upgrade, mesh } = view;
  const own = inPlaceConfiguration(session.inputs, mesh);
  const configuration = await digestOf(own);
  const signal = session.deps.signal;
  const one = (side: 'from' | 'to', what: Configuration): Promise<Rendered> =>
    renderInPlace(istioctl[side], { revision: upgrade.to.revision, ...what }, mesh, signal);
  const [from, to] = [await one('from', own), await one('to', own)];
  const [newer, older] = goesDown(upgrade) ? (['from', to] as const) : (['to', from] as const);
  const held = await one(newer, heldConfiguration(own, older.objects));
  const renders: InPlaceRenders = { from: from.objects, to: to.objects, held: held.objects };
  const findings = distinct([
    ...to.findings,
    ...from.findings.filter(({ severity }) => severity === 'error'),
  ]);
  if (!begins)
    return { renders, configuration, findings: [...findings, ...otherThanRecorded(view, configuration)] };
  const plane = planeOfRevision(mesh, upgrade.to.revision);
  const weighed: Weighed = {
    live: await liveSettings(session),
    known: settingsIn(runs(plane, upgrade.to.version) ? to : from),
    coming: settingsIn(to),
  };
  return {
    renders,
    configuration,
    findings: [
      ...findings,
      ...configurationLost(weighed, session.inputs.acknowledge),
      ...defaultsChanged(weighed),
    ],
  };
}

/** What both releases' renderings lack is told once. */
function distinct(findings: readonly Finding[]): Finding[] {
  return [
    ...new Map(findings.map((item) => [`${item.id} ${item.object ?? ''} ${item.message}`, item])).values(),
  ];
}

/** Where nothing is weighed. */
export const UNWEIGHED: WeighedRenders = { renders: NO_RENDERS, findings: [], configuration: '' };

async function digestOf(what: Configuration): Promise<string> {
  const { texts } = await readConfiguration(what);
  const hash = createHash('sha256');
  for (const { text } of texts) hash.update(`${String(text.length)}:`).update(text);
  return hash.digest('hex');
}

/** The way back with another file would be a third configuration, which nobody has seen. */
function otherThanRecorded({ record, upgrade }: View, configuration: string): Finding[] {
  const recorded = record !== undefined && isInPlace(record) ? record.configuration : undefined;
  if (recorded === undefined || recorded === configuration || record?.to.version !== upgrade.to.version)
    return [];
  return [
    {
      id: 'configuration-not-the-recorded',
      severity: 'error',
      message:
        'config and set are not those that canary was given: what is installed now would be a configuration that nobody has tried',
      remedy:
        'Give the same inputs config and set as in canary (the same commit). To change them, run canary again with the new ones first.',
    },
  ];
}

function settingsIn({ yaml }: Rendered): Settings {
  // What can't be rendered is told by the rendering itself, and stops it.
  return yaml === '' ? new Map() : settingsOf(readObjects(yaml));
}

/** By lists where a precheck may list and not get: its role reads no single Deployment or Service. */
async function liveSettings({ reader, inputs }: Session): Promise<Settings> {
  const namespace = inputs.istioNamespace;
  const live: object[] = [];
  for (const name of ['istio', 'istio-sidecar-injector'])
    live.push({ ...(await reader.get('ConfigMap', name, namespace)), kind: 'ConfigMap' });
  for (const kind of ['Deployment', 'Service'] as const)
    for await (const item of reader.list(kind, { namespace })) live.push({ ...item, kind });
  return settingsOf(live);
}
