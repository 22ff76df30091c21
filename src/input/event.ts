import { Rejection, quote } from '../input-error.ts';

/** Where the event lets somebody outside choose the inputs while the secrets are there, nothing is safe to start. */
export function rejectEvent(event: string | undefined): Rejection | undefined {
  if (event !== 'pull_request_target') return undefined;
  return new Rejection(
    quote(event),
    'a workflow on pull_request_target has the secrets of the repository and the content of a pull request that anybody may open. Use push, workflow_dispatch, schedule or, for a precheck without secrets of production, pull_request.',
  );
}
