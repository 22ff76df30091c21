import { describe, expect, test } from '@jest/globals';
import type { ApiGateway } from '../../../src/istio/api-gateway.ts';
import {
  type GatewayMove,
  beforeDefault,
  gatewayPatch,
  gatewaysToForget,
  gatewaysToMove,
  gatewaysToPin,
  gatewaysToPinForReturn,
} from '../../../src/istio/gateway-moves.ts';
import { NEW, OLD, type MeshSpec, mesh, plane } from '../../support/mesh.ts';

const REV = 'istio.io/rev';
const both = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const sides = { from: OLD, to: NEW };
const unrevisioned = { from: { revision: 'default' }, to: NEW };

const withGateway = (spec: Partial<MeshSpec>, facts: Partial<ApiGateway> = {}) =>
  mesh({ planes: both, tags: { default: OLD.revision }, ...spec, apiGateways: { 'edge/web': facts } });
const short = (moves: readonly GatewayMove[]) => moves.map(({ label, original }) => [label, original]);

describe('what is pinned before anything moves (H19)', () => {
  const pins = (
    spec: Partial<MeshSpec>,
    facts: Partial<ApiGateway>,
    { namespaces = [] as string[], tags = {}, withDefault = false } = {},
  ) =>
    short(
      gatewaysToPin(withGateway(spec, facts), {
        ...sides,
        scope: { namespaces, tags: [] },
        tags,
        withDefault,
      }),
    );
  const home = { namespaces: { edge: { [REV]: OLD.revision } } };

  test('a Gateway whose namespace moves, and no other', () => {
    expect(pins(home, {}, { namespaces: ['edge'] })).toEqual([[OLD.revision, null]]);
    expect(pins(home, {}, { namespaces: ['shop'] })).toEqual([]);
  });

  test('a Gateway whose tag moves, its own or that of its namespace', () => {
    const tags = { default: OLD.revision, prod: OLD.revision };
    const moves = { prod: NEW.revision };
    expect(pins({ tags }, { label: 'prod' }, { tags: moves })).toEqual([[OLD.revision, 'prod']]);
    expect(pins({ tags, namespaces: { edge: { [REV]: 'prod' } } }, {}, { tags: moves })).toEqual([
      [OLD.revision, null],
    ]);
  });

  test('a Gateway that follows the default, where the default moves', () => {
    expect(pins({}, {}, { withDefault: true })).toEqual([[OLD.revision, null]]);
    expect(pins({}, {})).toEqual([]);
  });

  test('not one that names the old revision already, or that is going', () => {
    expect(pins(home, { label: OLD.revision }, { namespaces: ['edge'] })).toEqual([]);
    expect(pins(home, { terminating: true }, { namespaces: ['edge'] })).toEqual([]);
  });
});

describe('what promote moves', () => {
  const moved = (spec: Partial<MeshSpec>, facts: Partial<ApiGateway> = {}) =>
    short(gatewaysToMove(withGateway(spec, facts), sides, 'to'));
  const pin = { label: OLD.revision, originals: { [REV]: null } };

  test('a pinned one gets its label of before, where that leads to the target', () => {
    expect(moved({ namespaces: { edge: { [REV]: NEW.revision } } }, pin)).toEqual([[null, undefined]]);
    expect(moved({ tags: { default: NEW.revision } }, pin)).toEqual([[null, undefined]]);
  });

  test('where that still leads to the old one it gets the target’s name, and what was before is kept', () => {
    expect(moved({ namespaces: { edge: { [REV]: OLD.revision } } }, pin)).toEqual([[NEW.revision, null]]);
    expect(moved({}, { label: OLD.revision })).toEqual([[NEW.revision, OLD.revision]]);
  });

  test('an annotation without a label of ours is stale, and not used (M37)', () => {
    expect(moved({ tags: { prod: OLD.revision } }, { label: 'prod', originals: { [REV]: 'x' } })).toEqual([
      [NEW.revision, 'prod'],
    ]);
  });

  test('nothing is left once it is there', () => {
    expect(moved({}, { label: NEW.revision, originals: { [REV]: OLD.revision } })).toEqual([]);
    expect(moved({ namespaces: { edge: { [REV]: NEW.revision } } })).toEqual([]);
  });

  test('one that two istiods claim gets the target’s name', () => {
    const planes = [plane('default', OLD.version), plane(NEW.revision, NEW.version)];
    const seen = withGateway({ planes, tags: { default: NEW.revision } });
    expect(short(gatewaysToMove(seen, unrevisioned, 'to'))).toEqual([[NEW.revision, null]]);
  });
});

describe('before the default leaves a control plane without a revision', () => {
  const planes = [plane('default', OLD.version), plane(NEW.revision, NEW.version)];
  const spec = { planes, tags: {}, defaultValidator: 'default' };

  test('what follows it gets the target’s name, pinned or not', () => {
    expect(short(beforeDefault(withGateway(spec), unrevisioned))).toEqual([[NEW.revision, null]]);
    expect(
      short(
        beforeDefault(withGateway(spec, { label: 'default', originals: { [REV]: 'prod' } }), unrevisioned),
      ),
    ).toEqual([[NEW.revision, 'prod']]);
  });

  test('with a revision nobody fights, and it waits for its turn', () => {
    expect(beforeDefault(withGateway({}), sides)).toEqual([]);
  });

  test('it keeps the target’s name until the old control plane has gone, and then is as before', () => {
    const gateway = { label: NEW.revision, originals: { [REV]: null } };
    const moved = { ...spec, tags: { default: NEW.revision }, defaultValidator: NEW.revision };
    expect(gatewaysToMove(withGateway(moved, gateway), unrevisioned, 'to')).toEqual([]);
    const removed = withGateway({ ...moved, planes: planes.slice(1) }, gateway);
    expect(short(gatewaysToForget(removed, unrevisioned))).toEqual([[null, undefined]]);
  });
});

describe('the way back', () => {
  test('what follows something to the canary is held there until it is its turn', () => {
    const canary = {
      namespaces: { edge: { [REV]: NEW.revision } },
      originals: { edge: { [REV]: OLD.revision } },
    };
    expect(short(gatewaysToPinForReturn(withGateway(canary), sides))).toEqual([[NEW.revision, null]]);
    expect(gatewaysToPinForReturn(withGateway(canary, { label: NEW.revision }), sides)).toEqual([]);
    expect(gatewaysToPinForReturn(withGateway({}), sides)).toEqual([]);
  });

  test('not in a namespace that stays there by somebody’s own label (M40)', () => {
    const own = { namespaces: { edge: { [REV]: NEW.revision } } };
    expect(gatewaysToPinForReturn(withGateway(own), sides)).toEqual([]);
  });

  test('it gets its label of before, or the old revision’s name where that leads elsewhere', () => {
    const back = (facts: Partial<ApiGateway>) => short(gatewaysToMove(withGateway({}, facts), sides, 'from'));
    expect(back({ label: NEW.revision, originals: { [REV]: null } })).toEqual([[null, undefined]]);
    expect(back({ label: NEW.revision, originals: { [REV]: OLD.revision } })).toEqual([
      [OLD.revision, undefined],
    ]);
    expect(back({ label: OLD.revision, originals: { [REV]: null } })).toEqual([[null, undefined]]);
    expect(back({ label: NEW.revision, originals: { [REV]: 'gone' } })).toEqual([[OLD.revision, 'gone']]);
  });

  test('what somebody labelled for the canary is theirs', () => {
    expect(gatewaysToMove(withGateway({}, { label: NEW.revision }), sides, 'from')).toEqual([]);
  });
});

test('after the removal a name that leads nowhere stays as it was moved, and nothing is remembered', () => {
  const seen = withGateway(
    { planes: both.slice(1), tags: { default: NEW.revision } },
    { label: NEW.revision, originals: { [REV]: OLD.revision } },
  );
  expect(short(gatewaysToForget(seen, sides))).toEqual([[NEW.revision, undefined]]);
});

test('label and annotation are one patch: neither may be lost, and either rolls the pods', () => {
  expect(gatewayPatch({ label: 'a', original: null })).toEqual({
    metadata: {
      labels: { [REV]: 'a' },
      annotations: { 'istio-upgrade/original-labels': '{"istio.io/rev":null}' },
    },
  });
  expect(gatewayPatch({ label: null, original: undefined })).toEqual({
    metadata: { labels: { [REV]: null }, annotations: { 'istio-upgrade/original-labels': null } },
  });
});
