import { parse } from 'yaml';
import type { Finding } from '../finding.ts';
import type { Before } from './before.ts';
import type { Phase } from '../outcome.ts';
import { treeOf } from './leaves.ts';
import { type PodMaker, type Workload, nameOf } from './mesh.ts';
import { ANNOTATION_TEMPLATES } from './names.ts';
import type { Placed } from './scope.ts';
import { type Sides, isInjectedByEither } from './side.ts';

/** Names of the templates that a pod template asks its injector for; none where it leaves them to the injector. */
export function templatesAsked(annotations: Readonly<Record<string, string>> = {}): string[] {
  return (annotations[ANNOTATION_TEMPLATES] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/**
 * Names that an injector knows, templates and aliases (Istio's `inject.Config`), read from `data.config` of its ConfigMap.
 *
 * @returns undefined where it has no list of templates, as before 1.9, or is not what istiod would read
 */
export function templatesIn(config: unknown): ReadonlySet<string> | undefined {
  if (typeof config !== 'string') return undefined;
  let read: Readonly<Record<string, unknown>>;
  try {
    read = treeOf(parse(config, { logLevel: 'error' }));
  } catch {
    return undefined;
  }
  const { templates, aliases } = read;
  if (typeof templates !== 'object' || templates === null) return undefined;
  return new Set([templates, aliases].flatMap((one) => Object.keys(treeOf(one))));
}

/** What makes pods whose template may ask for injection templates. */
export type Asking = Pick<Workload | PodMaker, 'kind' | 'templates' | 'injectedBy'> &
  Placed & { readonly name: string };

/**
 * What asks for a template which the target's injector does not have: it refuses the pods (`requested template
 * "jvm" not found`). An error for those that the phase moves, a warning for those of promote, for those that were
 * broken before and are left as they are, and for what stays, of which later pods alone come to the target. What the current
 * injector refuses, too, or leaves alone whatever it asks for, is not the upgrade's doing.
 */
export function missingTemplates(
  all: readonly Asking[],
  { known, had }: { readonly known: ReadonlySet<string>; readonly had: ReadonlySet<string> | undefined },
  {
    sides,
    stays,
    isMoved,
    before,
    phase,
  }: {
    readonly sides: Sides;
    readonly stays: (asking: Asking) => boolean;
    readonly isMoved: (asking: Asking) => boolean;
    readonly before: Pick<Before, 'declined' | 'troubled'>;
    readonly phase: Phase;
  },
): Finding[] {
  return all.flatMap((asking): Finding[] => {
    const key = nameOf(asking);
    const lacking = (asking.templates ?? []).filter((name) => !known.has(name) && had?.has(name) !== false);
    if (lacking.length === 0 || !isInjectedByEither(asking, sides)) return [];
    if (before.declined.has(key)) return [];
    const moved = isMoved(asking);
    const isStaying = stays(asking);
    const isLeft = isStaying || before.troubled.has(key);
    const after = isStaying
      ? `. Those that are there may stay, and the next one${moved ? '' : ' after promote'} would be refused`
      : `: it would refuse them${moved || isLeft ? '' : '. Promote would be refused'}`;
    return [
      {
        id: 'injection-template-missing',
        severity: moved && !isLeft ? 'error' : 'warning',
        object: key,
        message: `its pods ask for ${lacking.join(', ')} (${ANNOTATION_TEMPLATES}), which the injector of ${sides.to.revision} does not have${after}`,
        remedy: isStaying
          ? 'Nothing, if it is to make none. Else correct the template, or have the target know what it asks for (values.sidecarInjectorWebhook.templates in config or set of canary).'
          : `${remedyFor(phase)}.`,
      },
    ];
  });
}

/** What gets on where an injector refuses what a template asks for. Only canary installs; the way back installs nothing. */
export function remedyFor(phase: Phase): string {
  const has = 'config or set that has it (values.sidecarInjectorWebhook.templates)';
  switch (phase) {
    case 'precheck':
      return `Give precheck and canary ${has}, or correct the template`;
    case 'canary':
      return `If config and set lack what it asks for, run canary again with ${has}; else correct the template, and run canary again`;
    case 'promote':
      return `If the target lacks what it asks for, run rollback, then canary with ${has}, and promote; else correct the template, and run promote again`;
    case 'rollback':
      return 'Correct the template, and run rollback again';
  }
}
