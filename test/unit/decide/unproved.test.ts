import { describe, expect, test } from '@jest/globals';
import { unprovedOf } from '../../../src/decide/unproved.ts';
import type { ProxyVerdict } from '../../../src/istio/evidence.ts';
import { NOBODY_SEEN } from '../../../src/istio/seen-well.ts';
import { NEW, OLD, plane, pod, view, workload } from '../../support/mesh.ts';

const behind = (...objects: string[]): ProxyVerdict => ({
  kind: 'behind',
  waiting: '',
  seen: NOBODY_SEEN,
  findings: objects.map((object) => ({
    id: 'proxy-behind',
    severity: 'error',
    object,
    message: 'm',
    remedy: 'Look at the pod.',
  })),
});

describe('what keeps a canary from being proved', () => {
  const seen = view({
    planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
    tags: { prod: NEW.revision },
    namespaces: { first: { 'istio.io/rev': NEW.revision }, tagged: { 'istio.io/rev': 'prod' }, plain: {} },
    originals: { first: { 'istio.io/rev': OLD.revision } },
    workloads: [
      workload('first/web'),
      workload('tagged/api'),
      workload('plain/pin', { pinnedRevision: 'prod' }),
    ],
    pods: [
      pod('first/web-1', NEW.revision, { ready: false }),
      pod('tagged/api-1', OLD.revision),
      pod('tagged/gone-1', OLD.revision),
      pod('plain/pin-1', OLD.revision),
    ],
  });
  const remedies = (objects: string[], chosen: string[]): (string | undefined)[] =>
    unprovedOf(behind(...objects), seen, chosen).map(({ remedy }) => remedy);

  test('what is behind gets on by a canary that names its namespace, too', () => {
    expect(remedies(['Pod tagged/api-1'], ['first'])).toEqual([
      'Run canary with canary-namespaces: first, tagged. It restarts what is behind there.',
    ]);
    expect(remedies(['Pod tagged/api-1'], [])).toEqual([
      'Run canary with canary-namespaces: tagged. It restarts what is behind there.',
    ]);
  });

  test('where no namespace was moved, by a restart; and what no restart mends keeps its own remedy', () => {
    expect(remedies(['Pod plain/pin-1'], ['first'])).toEqual([
      'Restart Deployment plain/pin by hand, then run the phase again.',
    ]);
    expect(remedies(['Pod first/web-1', 'Pod tagged/gone-1'], ['first'])).toEqual([
      'Look at the pod.',
      'Look at the pod.',
    ]);
  });
});
