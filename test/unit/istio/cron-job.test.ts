import { describe, expect, test } from '@jest/globals';
import { jobOfCronJob, withAcceptedJobs } from '../../../src/istio/cron-job.ts';
import { makerOf } from '../../../src/istio/pod-maker.ts';
import { acceptedBy } from '../../../src/istio/stragglers.ts';
import { OLD, mesh, plane, pod } from '../../support/mesh.ts';

const nightly = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly' };
const accepted = acceptedBy({ names: ['b/nightly'], selectors: [] });

describe('the CronJob of a Job', () => {
  test.each([
    ['by its controller', [{ ...nightly, controller: true }], 'nightly'],
    ['by an owner that is not called so', [nightly], 'nightly'],
    ['not another kind', [{ ...nightly, kind: 'Workflow' }], undefined],
    ['not that of somebody else', [{ ...nightly, apiVersion: 'example.com/v1' }], undefined],
    ['not without an owner', undefined, undefined],
  ])('%s', (_, ownerReferences, cronJob) => {
    const metadata = { namespace: 'b', name: 'by-hand', ...(ownerReferences && { ownerReferences }) };
    expect(jobOfCronJob(metadata)?.cronJob).toBe(cronJob);
  });
});

describe('a Job that was made from a CronJob by hand', () => {
  const jobs = [
    { namespace: 'b', job: 'by-hand', cronJob: 'nightly' },
    { namespace: 'b', job: 'other', cronJob: 'weekly' },
    { namespace: 'c', job: 'by-hand', cronJob: 'nightly' },
  ];
  const accepts = (name: string, kind: string, owner: string) =>
    withAcceptedJobs([pod(name, OLD.revision, { owner: { kind, name: owner } })], jobs, accepted)[0]
      ?.accepted;

  test('may stay where its CronJob was named, and no other pod', () => {
    expect(accepts('b/x-1', 'Job', 'by-hand')).toBe(true);
    expect(accepts('b/x-1', 'Job', 'other')).toBe(false);
    expect(accepts('c/x-1', 'Job', 'by-hand')).toBe(false);
    expect(accepts('b/x-1', 'Deployment', 'by-hand')).toBe(false);
  });

  test('so may its template, where its owner is no controller', () => {
    const frame = mesh({
      planes: [plane(OLD.revision, OLD.version)],
      namespaces: { b: { 'istio.io/rev': OLD.revision } },
    });
    const job = {
      metadata: { namespace: 'b', name: 'by-hand', ownerReferences: [nightly] },
      spec: { template: { metadata: {}, spec: { containers: [] } } },
    } as unknown as Parameters<typeof makerOf>[1];
    expect(makerOf('Job', job, frame, accepted)?.accepted).toBe(true);
    expect(makerOf('Job', job, frame)?.accepted).toBe(false);
  });
});
