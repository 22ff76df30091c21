import { type Change, renderChange } from '../istio/change.ts';
import { type Step, StepFailed } from '../steps/step.ts';

/** Steps that let istioctl install: what it would install must be in order first. */
const INSTALLING = ['install-revision', 'replace-control-plane', 'restore-control-plane', 'hold-proxies'];

/** Whether a step lets istioctl install. */
export function installs({ id }: Pick<Step, 'id'>): boolean {
  return INSTALLING.includes(id);
}

/**
 * What would be installed is judged only where something is to be installed. A run that was decided to install nothing must not
 * begin to: somebody has changed the control plane since, or it does not serve for a moment.
 *
 * @returns what is thrown instead: the outcome says by itself whether anything was touched before
 */
export function installsAfterAll(changes: readonly Change[]): StepFailed {
  return new StepFailed([
    {
      id: 'changed-meanwhile',
      severity: 'error',
      message: `when this run began there was nothing to install, and now there is (${changes.map(renderChange).join(', ')}): the control plane was changed since, or does not serve`,
      remedy:
        'It was not installed. See whether istiod is ready, then run this phase again: it looks at what it would install first.',
    },
  ]);
}
