import type { Report } from '../../../src/report/report.ts';

/** A report at its start. */
export function emptyReport(changes: Partial<Report> = {}): Report {
  return {
    schemaVersion: 1,
    phase: 'precheck',
    dryRun: false,
    startedAt: '2026-11-23T03:00:00.000Z',
    headline: '',
    steps: [],
    findings: [],
    namespacesMoved: [],
    workloadsRestarted: [],
    next: '',
    notes: [],
    ...changes,
  };
}

/** A canary that stopped half-way, with something in every field. */
export function fullReport(changes: Partial<Report> = {}): Report {
  return emptyReport({
    phase: 'canary',
    finishedAt: '2026-11-23T03:12:00.000Z',
    outcome: 'failed',
    headline: 'Two pods of shop/cart did not get ready on revision 1-31-0 within 5 min.',
    state: 'canarying',
    cluster: { context: 'prod', server: 'https://10.0.0.1:6443', user: 'deployer', kubernetes: 'v1.35.4' },
    attempt: '7c9e6679',
    from: { revision: 'default', version: '1.30.3' },
    to: { revision: '1-31-0', version: '1.31.0' },
    steps: [
      {
        id: 'install-revision',
        title: 'Install the control plane 1-31-0',
        status: 'succeeded',
        detail: 'istiod-1-31-0 is ready.',
        changes: [
          'create Deployment istio-system/istiod-1-31-0',
          'create Service istio-system/istiod-1-31-0',
        ],
        durationMs: 41_200,
      },
      {
        id: 'restart-workloads',
        title: 'Restart workloads in "shop"',
        status: 'failed',
        detail: 'Deployment shop/cart: 2 of 3 pods not ready: ImagePullBackOff.',
        changes: ['restart Deployment shop/cart'],
        durationMs: 305_000,
      },
      { id: 'verify-proxies', title: 'Verify proxies', status: 'not-run', detail: '', changes: [] },
    ],
    findings: [
      { id: 'end-of-support-near', severity: 'info', message: 'Istio 1.30 is supported for 45 days more.' },
      {
        id: 'single-replica',
        severity: 'warning',
        message: 'has one replica',
        object: 'Deployment shop/cart',
      },
      {
        id: 'workload-not-ready',
        severity: 'error',
        message: '2 of 3 pods are not ready: ImagePullBackOff.',
        object: 'Deployment shop/cart',
        remedy: 'See `kubectl -n shop describe pod -l app=cart`, then run canary again.',
      },
    ],
    namespaces: [
      { namespace: 'shop', current: 1, target: 2, other: 0, notInSync: 0 },
      { namespace: 'pay', current: 5, target: 0, other: 1 },
    ],
    namespacesMoved: ['shop'],
    workloadsRestarted: ['Deployment shop/cart'],
    proxiesBehind: 7,
    rollback: { ready: true, how: 'Run rollback: the old control plane is untouched.' },
    next: 'Repair the image of shop/cart and run canary again, or run rollback.',
    nextPhase: 'canary',
    notes: ['The base CRDs are renewed by the installation and never go back.'],
    ...changes,
  });
}
