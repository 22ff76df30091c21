import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { suffixOf } from './revision.ts';

/** An object that a patch of the user's is for. */
export interface OverlayAim {
  readonly kind: string;
  readonly name: string;
  readonly component: string;
  /** Where it stands: `components.pilot.k8s.overlays`. */
  readonly path: string;
}

/** All that `k8s.overlays` of the components aim at; `spec` is the user's files, merged. */
export function overlayAims(spec: unknown): OverlayAim[] {
  return Object.entries(asRecord(asRecord(spec).components)).flatMap(([component, value]) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((part) => aimsOf(component, part)),
  );
}

/** What is installed, as an aim may name it. */
type Named = Pick<RenderedObject, 'kind' | 'name'>;

/** Components of `spec` that are gateways. */
const GATEWAYS = ['ingressGateways', 'egressGateways'];

/**
 * Overlays that have no effect (F06): nothing of their name is rendered.
 *
 * @param offered all that is rendered, `spec` of the user's files and `set` lines, merged, and what of it was left out:
 * patches of gateways that promote moves are not looked at
 */
export function judgeOverlays(
  {
    spec,
    objects,
    without,
  }: {
    readonly spec: unknown;
    readonly objects: readonly Named[];
    readonly without?: string | undefined;
  },
  revision: string,
): Finding[] {
  const isHit = ({ kind, name }: OverlayAim): boolean =>
    objects.some((object) => object.kind === kind && object.name === name);
  return overlayAims(spec)
    .filter((aim) => !(without === 'gateways' && GATEWAYS.includes(aim.component)) && !isHit(aim))
    .map((aim) => ({
      id: 'configuration-overlay-lost',
      severity: 'warning',
      object: `${aim.kind} ${aim.name}`,
      message: `${aim.path} has patches for it, but nothing of that name would be installed: they have no effect`,
      remedy: remedyOf(meantBy(aim, objects, revision)),
    }));
}

function remedyOf(meant: string | undefined): string {
  return meant === undefined
    ? 'Correct kind and name in the overlay, or take it out.'
    : `Name it ${meant} in the overlay, or put the setting into k8s or values, which follow the revision. If it is for something else, correct kind and name, or take it out.`;
}

/** The object whose name is the aim's but for the revision: the aim has another one, or none. */
function meantBy(
  { kind, name }: OverlayAim,
  objects: readonly Named[],
  revision: string,
): string | undefined {
  const infix = suffixOf(revision);
  const [meant] = objects
    .filter((object) => object.kind === kind && object.name.includes(infix))
    .map((object) => {
      const at = infix === '' ? object.name.length : object.name.lastIndexOf(infix);
      return {
        name: object.name,
        before: object.name.slice(0, at),
        after: object.name.slice(at + infix.length),
      };
    })
    .filter(({ before, after }) => {
      const between = name.slice(before.length, name.length - after.length);
      return name === `${before}${between}${after}` && /^(-|$)/.test(between);
    })
    .sort((a, b) => b.before.length - a.before.length);
  return meant?.name;
}

function aimsOf(component: string, part: unknown): OverlayAim[] {
  const { overlays } = asRecord(asRecord(part).k8s);
  return (Array.isArray(overlays) ? (overlays as unknown[]) : []).flatMap((overlay) => {
    const { kind, name } = asRecord(overlay);
    if (typeof kind !== 'string' || typeof name !== 'string') return [];
    return [{ kind, name, component, path: `components.${component}.k8s.overlays` }];
  });
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
