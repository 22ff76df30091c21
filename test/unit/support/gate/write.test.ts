import { describe, expect, test } from '@jest/globals';
import { digestOf, isHeartbeat, isPersisting } from '../../../support/gate/write.ts';

const CONFIG_MAPS = '/api/v1/namespaces/a/configmaps';
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/istio-system/leases/istio-upgrade';

describe('which requests persist', () => {
  test.each([
    ['POST', `${CONFIG_MAPS}?fieldManager=x`, '{}', true],
    ['PUT', `${CONFIG_MAPS}/b`, '{}', true],
    ['PATCH', `${CONFIG_MAPS}/b?fieldManager=x`, 'apiVersion: v1', true],
    ['DELETE', `${CONFIG_MAPS}/b`, '', true],
    ['DELETE', `${CONFIG_MAPS}/b`, '{"kind":"DeleteOptions"}', true],
    ['POST', '/api/v1/namespaces/a/pods/b/eviction', '{}', true],
    ['GET', `${CONFIG_MAPS}?dryRun=None`, '', false],
    ['POST', `${CONFIG_MAPS}?dryRun=All`, '{}', false],
    ['DELETE', `${CONFIG_MAPS}/b`, '{"dryRun":["All"]}', false],
    ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', '{}', false],
    ['POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', '{}', false],
    ['POST', '/api/v1/namespaces/a/serviceaccounts/b/token', '{}', false],
    ['POST', '/api/v1/namespaces/a/pods/b/portforward?ports=1', '', false],
  ])('%s %s %s: %s', (method, path, body, persists) => {
    expect(isPersisting({ method, path, body })).toBe(persists);
  });
});

describe('which requests only renew the lock', () => {
  const renewal = { spec: { renewTime: 'now' }, metadata: { resourceVersion: '1' } };
  test.each([
    ['a renewal', 'PATCH', LEASE, renewal, true],
    ['taking it', 'PATCH', LEASE, { spec: { renewTime: 'now', holderIdentity: 'me' } }, false],
    ['giving it up', 'PATCH', LEASE, { spec: { holderIdentity: null }, metadata: {} }, false],
    ['asking to stop', 'PATCH', LEASE, { metadata: { annotations: { a: 'b' } } }, false],
    ['another Lease', 'PATCH', `${LEASE}-2`, renewal, false],
    ['creating it', 'POST', LEASE.replace('/istio-upgrade', ''), renewal, false],
  ])('%s', (_, method, path, body, beats) => {
    expect(isHeartbeat({ method, path: `${path}?fieldManager=x`, body: JSON.stringify(body) })).toBe(beats);
  });
});

describe('whether two requests ask for the same thing', () => {
  const patch = (body: object, path = '/a'): string =>
    digestOf({ method: 'PATCH', path, body: JSON.stringify(body) });
  const one = patch({ metadata: { resourceVersion: '1', labels: { a: 'b' } } });
  test('is not told by the version they build on', () => {
    expect(patch({ metadata: { resourceVersion: '2', labels: { a: 'b' } } })).toBe(one);
  });
  test.each([
    ['another path', patch({ metadata: { labels: { a: 'b' } } }, '/b')],
    ['another label', patch({ metadata: { labels: { a: 'c' } } })],
    ['more', patch({ metadata: { labels: { a: 'b' } }, data: {} })],
    ['YAML', digestOf({ method: 'PATCH', path: '/a', body: 'metadata: {}' })],
  ])('%s', (_, other) => {
    expect(other).not.toBe(one);
  });
});
