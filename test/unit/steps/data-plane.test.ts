import { expect, test } from '@jest/globals';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import { describeDataPlane } from '../../../src/steps/data-plane.ts';
import { NEW, OLD, plane, pod, view } from '../../support/mesh.ts';
import { emptyReport } from '../report/reports.ts';

test('what istiod declines never had a proxy: it is neither counted nor behind', () => {
  const seen = view({
    planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
    pods: [
      pod('a/web-1', OLD.revision),
      pod('a/declined-1', undefined, { injectedBy: [OLD.revision] }),
      pod('a/bare-1', undefined, { injectedBy: [OLD.revision] }),
    ],
  });
  const proxies = [
    { namespace: 'a', name: 'web-1', sync: 'synced', detail: '', istiod: 'istiod', version: OLD.version },
  ] as const;
  const of = (...declined: string[]) => {
    const report = emptyReport({});
    describeDataPlane(
      { report, upgrade: seen.upgrade },
      { ...seen, before: { ...NOTHING_BEFORE, declined: new Set(declined) } },
      { side: 'from', status: { readable: true, proxies, istiods: [] } },
    );
    return report;
  };
  expect(of()).toMatchObject({ proxiesBehind: 2, namespaces: [{ namespace: 'a', current: 1, other: 2 }] });
  expect(of('Deployment a/declined', 'Deployment a/web')).toMatchObject({
    proxiesBehind: 1,
    namespaces: [{ namespace: 'a', current: 1, other: 1 }],
  });
});
