/** An object that a patch of the user's is for. */
export interface OverlayAim {
  readonly kind: string;
  readonly name: string;
  /** Where it stands: `components.pilot.k8s.overlays`. */
  readonly path: string;
}

/** All that `k8s.overlays` of the components aim at; `spec` is the user's files, merged. */
export function overlayAims(spec: unknown): OverlayAim[] {
  return Object.entries(asRecord(asRecord(spec).components)).flatMap(([component, value]) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((part) => aimsOf(component, part)),
  );
}

function aimsOf(component: string, part: unknown): OverlayAim[] {
  const { overlays } = asRecord(asRecord(part).k8s);
  return (Array.isArray(overlays) ? (overlays as unknown[]) : []).flatMap((overlay) => {
    const { kind, name } = asRecord(overlay);
    if (typeof kind !== 'string' || typeof name !== 'string') return [];
    return [{ kind, name, path: `components.${component}.k8s.overlays` }];
  });
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
