/** What a change does to its object. */
export type Verb = 'install' | 'label' | 'move' | 'restart' | 'point' | 'annotate' | 'uninstall' | 'close';

/** One thing that a step would change: data, so that it can be shown, compared and counted. */
export interface Change {
  readonly verb: Verb;
  /** `Kind namespace/name`, or what istioctl calls it. */
  readonly object: string;
  readonly field?: string;
  /** Null for a value that is not there. */
  readonly from?: string | null;
  readonly to?: string | null;
  /** Namespaces and workloads that it reaches beside the object itself. */
  readonly reach?: readonly string[];
}

const value = (text: string | null | undefined): string => text ?? 'none';

/** A change in one line, as people read it. */
export function renderChange({ verb, object, field, from, to, reach = [] }: Change): string {
  switch (verb) {
    case 'restart':
      return `${object}: restart`;
    case 'install':
      return `install ${object}`;
    case 'uninstall':
      return `uninstall ${object}`;
    case 'close':
      return `${object}: ended`;
    case 'annotate':
      return `${object}: annotation ${field ?? ''} ${to === null ? 'removed' : `= ${value(to)}`}`;
    case 'label':
      return `${object}: ${field ?? ''} ${value(from)} → ${value(to)}`;
    case 'move':
      return `${object}: ${value(from)} → ${value(to)}`;
    case 'point':
      return `${object}: ${value(from)} → ${value(to)}${reach.length === 0 ? '' : ` (reaches every new pod of ${reach.join(', ')})`}`;
  }
}
