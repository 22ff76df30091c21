import { describe, expect, test } from '@jest/globals';
import { installedGateways } from '../../../src/checks/installed-gateways.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import type { RenderedGateway } from '../../../src/istioctl/gateway-manifest.ts';
import { record } from '../../support/facts.ts';
import { checkView } from '../../support/check-view.ts';
import { NEW, OLD, installedGateway } from '../../support/mesh.ts';

const rendered = (name = 'gw', images: readonly string[] = []) => ({
  readable: true as const,
  gateways: [{ namespace: 'istio-system', name, objects: [], images }] satisfies RenderedGateway[],
});

function found(
  gateways: CheckView['gateways'],
  changes: Partial<CheckView> = {},
  gateway = installedGateway('istio-system/gw', OLD.revision),
): string[] {
  return installedGateways(
    checkView({ planes: [], installedGateways: [gateway] }, { gateways, ...changes }),
  ).map(({ severity, id }) => `${severity} ${id}`);
}

describe('gateways that istioctl installed come out of the configuration, or nothing is touched', () => {
  test('of both istioctls as it is: nothing to say', () => {
    expect(found({ from: rendered(), to: rendered() })).toEqual([]);
  });

  test('nobody asked yet: nothing is said', () => {
    expect(found(undefined)).toEqual([]);
  });

  test.each<[string, CheckView['gateways']]>([
    ['the target', { from: rendered(), to: rendered('other') }],
    ['H42: the current version', { from: rendered('other'), to: rendered() }],
  ])('%s does not render it', (_, gateways) => {
    expect(found(gateways)).toEqual(['error gateway-not-in-configuration']);
  });

  test('neither does, which is said once', () => {
    const none = { readable: true as const, gateways: [] };
    expect(found({ from: none, to: none })).toEqual(['error gateway-not-in-configuration']);
  });

  test('leave to stay is no way out where the control plane goes from under it', () => {
    const remedy = (changes: Partial<CheckView>) =>
      installedGateways(
        checkView(
          {
            planes: [],
            installedGateways: [OLD, NEW].map(({ revision }) =>
              installedGateway(`istio-system/gw-${revision}`, revision),
            ),
          },
          { gateways: { from: rendered() }, ...changes },
        ),
      )[0]?.remedy;
    expect(remedy({ phase: 'promote' })).toContain('allow-stragglers');
    for (const changes of [
      { phase: 'rollback' },
      { phase: 'promote', removal: { removeOld: true, removeOldAfterMs: 0 } },
    ] as const) {
      expect(remedy(changes)).toContain('gateway-config');
      expect(remedy(changes)).not.toContain('allow-stragglers');
    }
  });

  test('istioctl can’t', () => {
    expect(found({ to: { readable: false, reason: 'x' } })).toEqual(['error gateways-not-rendered']);
  });

  test('a tag that is pinned would give both sides one release', () => {
    const of = (version: string) => rendered('gw', [`docker.io/istio/proxyv2:${version}`]);
    const digest = rendered('gw', ['docker.io/istio/proxyv2@sha256:1']);
    expect(found({ from: of(OLD.version), to: of(`${NEW.version}-distroless`) })).toEqual([]);
    expect(found({ from: digest, to: digest })).toEqual([]);
    expect(found({ from: of(NEW.version), to: of(NEW.version) })).toEqual(['error gateway-other-version']);
    expect(found({ from: of(OLD.version), to: of(OLD.version) })).toEqual(['error gateway-other-version']);
  });

  test('what they are rendered by is named', () => {
    const told = installedGateways(
      checkView(
        { planes: [], installedGateways: [installedGateway('istio-system/gw', OLD.revision)] },
        { gateways: { to: { readable: false, reason: 'x' } } },
      ),
    );
    expect(told[0]?.remedy).toContain('Correct gateway-config, config and set.');
  });

  test('H08, H23: what was set since is lost, on any of its objects, and the way back tells it, too', () => {
    const named = { name: 'gw', namespace: 'istio-system' };
    const service = (annotations: object) => ({ kind: 'Service', metadata: { ...named, annotations } });
    const hpa = (most: number) => ({
      kind: 'HorizontalPodAutoscaler',
      metadata: named,
      spec: { maxReplicas: most },
    });
    const by = (most: number) => ({
      readable: true as const,
      gateways: [
        {
          ...rendered().gateways[0]!,
          objects: [service({}), hpa(most)] as unknown as RenderedGateway['objects'],
        },
      ],
    });
    const internal = { 'example.com/scheme': 'internal' };
    const applied = { fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:example.com/scheme': {} } } } };
    const isSet = service(internal);
    const set = {
      ...isSet,
      metadata: { ...isSet.metadata, managedFields: [{ manager: 'istio-operator', ...applied }] },
    };
    const liveOf = (...objects: object[]) => [{ ...named, objects }];
    const said = (
      gateways: CheckView['gateways'],
      changes: Partial<CheckView> = {},
      revision = OLD.revision,
    ) =>
      installedGateways(
        checkView(
          { planes: [], installedGateways: [installedGateway('istio-system/gw', revision)] },
          { gateways, ...changes },
        ),
      ).map(({ id, severity, message }) => `${severity} ${id} ${message}`);

    const lost = said({ from: by(5), to: by(5), live: liveOf(set, hpa(30)) });
    expect(lost).toEqual([
      expect.stringMatching(
        /^warning gateway-differs-from-configuration HorizontalPodAutoscaler\/gw:spec.maxReplicas: it is "30" on the cluster, and gateway-config, config and set make it "5"/,
      ),
      expect.stringMatching(/Service\/gw:.*scheme: it is "internal".*a rollback does not bring it back$/),
    ]);
    // What the release changes is no loss, and what somebody else has added stays.
    expect(said({ from: by(5), to: by(7), live: liveOf(isSet, hpa(5)) })).toEqual([]);
    const back = said(
      { from: by(5), to: by(7), live: liveOf(set, hpa(7)) },
      { phase: 'rollback' },
      NEW.revision,
    );
    expect(back).toEqual([expect.stringMatching(/scheme: it is "internal".*when the gateway moves back$/)]);
    // By other inputs than those that moved it: that is no change of the release's and no hand's, and stops it.
    const given = (configuration: string, acknowledge: readonly string[] = [], before?: string) =>
      said(
        {
          from: by(5),
          to: by(7),
          live: liveOf(set, hpa(7)),
          configuration,
          ...(before === undefined ? {} : { before }),
        },
        {
          phase: 'rollback',
          record: record({ gateways: 'a'.repeat(64) }),
          asked: { ...checkView({ planes: [] }).asked, acknowledge },
        },
        NEW.revision,
      );
    expect(given('a'.repeat(64))).toEqual(back);
    expect(given('b'.repeat(64))).toEqual([
      expect.stringMatching(
        /^error .*scheme: it is "internal".*when the gateway moves back: this run has other inputs than those by which it was moved$/,
      ),
    ]);
    expect(given('b'.repeat(64), ['Service/gw'])).toEqual([expect.stringMatching(/^warning .*"internal"/)]);
    // On record as it was written by a build that took a file of gateway-config alone.
    expect(given('b'.repeat(64), [], 'a'.repeat(64))).toEqual(back);
    // One side alone can't tell a change of the release from one of a person.
    expect(said({ to: by(7) })).toEqual([]);
  });

  test('one that may stay behind, or is of no side of the upgrade, needs no configuration', () => {
    const none = { to: { readable: true as const, gateways: [] } };
    expect(found(none, {}, installedGateway('istio-system/gw', OLD.revision, { accepted: true }))).toEqual(
      [],
    );
    expect(found(none, {}, installedGateway('istio-system/gw', 'another'))).toEqual([]);
    expect(found(none, {}, installedGateway('istio-system/gw', NEW.revision))).toEqual([]);
  });

  test('rollback asks for those of the canary', () => {
    const none = { from: { readable: true as const, gateways: [] } };
    const moved = installedGateway('istio-system/gw', NEW.revision);
    expect(found(none, { phase: 'rollback' }, moved)).toEqual(['error gateway-not-in-configuration']);
    expect(found({ from: rendered() }, { phase: 'rollback' }, moved)).toEqual([]);
    // The target's own rendering is of no use to it.
    expect(found({ from: rendered(), to: none.from }, { phase: 'rollback' }, moved)).toEqual([]);
    expect(found(none, { phase: 'rollback' })).toEqual([]);
  });
});
