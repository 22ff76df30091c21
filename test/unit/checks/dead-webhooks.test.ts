import { describe, expect, test } from '@jest/globals';
import { deadWebhooks } from '../../../src/checks/dead-webhooks.ts';
import type { Service, WebhookConfiguration } from '../../../src/cluster/objects.ts';
import { deadWebhooksOf } from '../../../src/istio/dead-webhook.ts';
import { checkView } from '../../support/check-view.ts';
import { NEW, OLD, plane, revisionWebhook, tagWebhook } from '../../support/mesh.ts';

const GONE = '1-29-6';
const istioNamespace = 'istio-system';
const services = (...names: string[]): Service[] => names.map((name) => ({ metadata: { name }, spec: {} }));

function validator(name: string, service: string, failurePolicy = 'Fail'): WebhookConfiguration {
  const clientConfig = { service: { name: service, namespace: istioNamespace } };
  return { metadata: { name }, webhooks: [{ name: 'rev.validation.istio.io', clientConfig, failurePolicy }] };
}

function told(
  mutating: readonly WebhookConfiguration[],
  validating: readonly WebhookConfiguration[] = [],
  systemServices = services(`istiod-${OLD.revision}`),
): string[] {
  const dead = deadWebhooksOf({ istioNamespace, systemServices, mutating, validating });
  const view = checkView({
    planes: [plane(OLD.revision, OLD.version)],
    tags: { default: OLD.revision, prod: GONE },
  });
  return deadWebhooks({ ...view, mesh: { ...view.mesh, deadWebhooks: dead } }).map(
    ({ severity, id, object, message, remedy }) =>
      `${severity} ${id} ${object ?? ''}: ${message} → ${remedy ?? ''}`,
  );
}

describe('H10: webhooks that an uninstall left behind', () => {
  test('an injector and a validator are told, with the command that removes them', () => {
    const name = `istio-validator-${GONE}-istio-system`;
    expect(told([revisionWebhook(GONE)], [validator(name, `istiod-${GONE}`)])).toEqual([
      `warning webhook-asks-nobody MutatingWebhookConfiguration istio-sidecar-injector-${GONE}: it asks Service istiod-${GONE} in istio-system, which is not there: pods that it selects are refused → When nothing else brings that Service back: kubectl delete mutatingwebhookconfiguration istio-sidecar-injector-${GONE}`,
      `warning webhook-asks-nobody ValidatingWebhookConfiguration ${name}: it asks Service istiod-${GONE} in istio-system, which is not there: changes of Istio's objects that it selects are refused → When nothing else brings that Service back: kubectl delete validatingwebhookconfiguration ${name}`,
    ]);
  });

  test('one that lets pass what it can not ask says so', () => {
    expect(told([], [validator('v', 'istiod-gone', 'Ignore')])).toEqual([
      expect.stringContaining('are not validated'),
    ]);
  });

  test('healthy: those whose Service is there, also while it is another revision’s', () => {
    const both = services(`istiod-${OLD.revision}`, `istiod-${GONE}`);
    expect(told([revisionWebhook(OLD.revision)])).toEqual([]);
    expect(told([revisionWebhook(GONE)], [validator('v', `istiod-${GONE}`)], both)).toEqual([]);
  });

  test('what the upgrade’s own revisions have left is for others to tell, and a tag’s too', () => {
    expect(told([revisionWebhook(NEW.revision), revisionWebhook(OLD.revision)], [], services())).toEqual([]);
    expect(told([tagWebhook('prod', GONE)])).toEqual([]);
  });

  test('somebody else’s webhook is theirs', () => {
    expect(told([], [validator('cert-manager-webhook', 'cert-manager-webhook')])).toEqual([]);
  });
});

describe('H03: the default validator asks a Service that never was', () => {
  test('it is led to the current control plane, not deleted', () => {
    expect(told([], [validator('istiod-default-validator', 'istiod')])).toEqual([
      expect.stringContaining(
        `→ Lead it to the current control plane: istioctl tag set default --revision ${OLD.revision}`,
      ),
    ]);
  });

  test('so is the default tag of a mesh in another namespace, which is in its name', () => {
    const home = { istioNamespace: 'mesh-system' };
    const name = 'istio-revision-tag-default-mesh-system';
    const view = checkView({ ...home, planes: [plane(OLD.revision, OLD.version)] });
    const [found] = deadWebhooks({
      ...view,
      mesh: {
        ...view.mesh,
        tags: [{ tag: 'default', revision: 'gone', webhook: name, service: undefined }],
        deadWebhooks: [{ kind: 'MutatingWebhookConfiguration', name, service: 'istiod-gone', refuses: true }],
      },
    });
    expect(found?.remedy).toContain('istioctl tag set default');
  });

  test('healthy: it asks the current control plane', () => {
    expect(told([], [validator('istiod-default-validator', `istiod-${OLD.revision}`)])).toEqual([]);
  });
});
