import { dialectOfText } from '../istio/dialect.ts';
import type { Injector } from '../istio/injection.ts';
import type { Mesh } from '../istio/mesh.ts';
import { DEFAULT_TAG, UNREVISIONED } from '../istio/names.ts';
import type { Overlay } from '../istioctl/config-files.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';

/** A selector that selects nothing, by which istioctl itself switches an injector off (`util.NeverMatch`). */
const NEVER = { matchLabels: { 'istio.io/deactivated': 'never-match' } };

/**
 * Lets `istioctl install` write the injector without a revision as it is live: switched off, because the default tag's does
 * its work. By itself istioctl writes it switched on, waits until istiod is ready, and only then switches it off again. Until
 * then two injectors answer for each new pod, and pods were seen to be refused (`Duplicate value: "istio-proxy"`): by istiod's
 * code, where one of them does not know the nodes yet, and so decides otherwise about native sidecars. What is there
 * afterwards is the same.
 *
 * @param rendered what is going to be installed
 * @param version of the istioctl that installs it
 * @returns nothing where that injector is not switched off, or the default tag has none: then it has work to do; nor where
 *   istioctl drops the default tag first (1.12 to 1.15) or makes none (before): until its end nothing else injects
 */
export function idleInjector(
  { injectors }: Pick<Mesh, 'injectors'>,
  rendered: readonly RenderedObject[],
  version: string,
): Overlay[] {
  const dialect = dialectOfText(version);
  if (dialect?.dropsDefaultFirst === true || dialect?.takesDefault === 'never') return [];
  const isTagged = injectors.some(({ tag, revision }) => tag === DEFAULT_TAG && revision === UNREVISIONED);
  if (!isTagged) return [];
  return rendered.flatMap(({ kind, name, tag, webhooks = [] }) => {
    if (kind !== 'MutatingWebhookConfiguration' || tag !== undefined) return [];
    const live = injectors.filter(({ configuration }) => configuration === name);
    if (live.length === 0 || !live.every(isOff)) return [];
    const patches = webhooks.flatMap((webhook) =>
      ['namespaceSelector', 'objectSelector'].map((selector) => ({
        path: `webhooks.[name:${webhook.replaceAll('.', '\\.')}].${selector}`,
        value: NEVER,
      })),
    );
    return [{ apiVersion: 'admissionregistration.k8s.io/v1', kind, name, patches }];
  });
}

function isOff({ namespaceSelector, objectSelector }: Injector): boolean {
  const [[label, value] = []] = Object.entries(NEVER.matchLabels);
  return [namespaceSelector, objectSelector].every(
    ({ matchLabels }) => label !== undefined && matchLabels?.[label] === value,
  );
}
