/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument --
   what is hostile has no type: each place of each object can be set to anything */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Phase } from '../../../src/outcome.ts';
import { revisionWebhook, tagWebhook } from '../../support/mesh.ts';
import { LATE_SECRET } from './forms.ts';

/** An object as anybody could have written it: every place of it can be set. */
export type Loose = any;

/** What a program prints, and how it ends. */
export interface Said {
  stdout: string | Buffer;
  stderr: string | Buffer;
  code: number;
}

/** The commands of istioctl, by words of their command lines. */
export const COMMANDS = {
  version: 'version',
  listTags: 'tag list',
  proxyStatus: 'proxy-status',
  manifest: 'manifest generate',
  precheck: 'x precheck',
  install: 'install',
  uninstall: 'uninstall',
  setTag: 'tag set',
} as const;
export type Command = keyof typeof COMMANDS;

/** What a server answers to a request that it does not grant. */
export interface Refusal {
  readonly method: string;
  readonly path: RegExp;
  readonly status: number;
  readonly body: string;
}

/** All that a run is told: by the API server, by istioctl, by the kubeconfig's exec plugin. */
export interface World {
  version: Loose;
  /** Lists, by the end of their path. */
  readonly lists: Record<string, Loose[]>;
  record: Loose;
  lease: Loose;
  readonly refusals: Refusal[];
  readonly istioctl: Record<Command, Said>;
  readonly plugin: Said;
}

const OLD = { revision: 'default', version: '1.30.3' };
const NEW = { revision: '1-31-0', version: '1.31.0' };
type Side = typeof OLD;

const said = (stdout: string, code = 0, stderr = ''): Said => ({ stdout, stderr, code });

/** The record of a canary that is through. */
export function recordOf(): Record<string, unknown> {
  return {
    schemaVersion: 1,
    attempt: '6a040c4c',
    from: OLD,
    to: NEW,
    istioctl: {},
    intent: 'canary',
    run: 'https://github.example/o/r/actions/runs/1',
    writtenAt: '2026-11-25T03:00:00.000Z',
  };
}

/** A mesh on its old control plane, or, for promote and rollback, with a canary beside it. */
export function newWorld(phase: Phase): World {
  const isBeside = phase === 'promote' || phase === 'rollback';
  const sides = isBeside ? [OLD, NEW] : [OLD];
  const shop = isBeside ? NEW : OLD;
  return {
    version: { gitVersion: 'v1.35.4' },
    lists: {
      namespaces: [
        namespace('kube-system', {}),
        namespace('istio-system', {}),
        isBeside ? moved('shop') : namespace('shop', { 'istio-injection': 'enabled' }),
        namespace('other', { 'istio-injection': 'enabled' }),
      ],
      deployments: [...sides.map(istiod), workload('shop', 'web'), workload('other', 'app')],
      pods: [pod('shop', 'web', shop), pod('other', 'app', OLD), ...sides.map(podOfIstiod)],
      services: sides.map((side) => ({ metadata: ofSystem(nameOf(side), side), spec: {} })),
      mutatingwebhookconfigurations: [
        ...sides.map(({ revision }) => revisionWebhook(revision)),
        tagWebhook('default', OLD.revision),
      ],
      validatingwebhookconfigurations: [
        {
          metadata: meta(undefined, 'istiod-default-validator', { labels: { 'istio.io/rev': OLD.revision } }),
        },
      ],
      rollouts: [maker('shop', { template: template() })],
      cronjobs: [maker('shop', { jobTemplate: { spec: { template: template() } } })],
      gateways: [{ metadata: meta('shop', 'gateway'), spec: { gatewayClassName: 'another' } }],
    },
    record: isBeside ? stored({ record: JSON.stringify(recordOf()) }) : undefined,
    lease: undefined,
    refusals: [],
    istioctl: {
      version: said(JSON.stringify({ clientVersion: { version: NEW.version } })),
      listTags: said(''),
      proxyStatus: said(
        statusDocument([proxyOf('web-0.shop', shop.version)], identityOf(`${nameOf(shop)}-0`)),
      ),
      manifest: said(MANIFEST),
      precheck: said('[]'),
      install: said('', 1, 'Error: no'),
      uninstall: said('', 1, 'Error: no'),
      setTag: said('', 1, 'Error: no'),
    },
    plugin: said(JSON.stringify(credential())),
  };
}

/** What the plugin prints where nothing is wrong. */
export function credential(status: object = { token: LATE_SECRET }): object {
  return { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status };
}

/** What proxy-status of 1.31 says of one istiod and its proxies. */
export function statusDocument(resources: readonly unknown[], identifier: unknown): string {
  return JSON.stringify({ resources, controlPlane: { identifier } });
}

/** One proxy of it. */
export function proxyOf(
  id: unknown = 'web-0.shop',
  version: unknown = OLD.version,
  state: unknown = 'SYNCED',
): Loose {
  return {
    node: { id, metadata: { ISTIO_VERSION: version } },
    genericXdsConfigs: [
      { typeUrl: 'type.googleapis.com/envoy.config.cluster.v3.Cluster', configStatus: state },
    ],
  };
}

export function identityOf(id: unknown = 'istiod-0'): string {
  return JSON.stringify({ Component: 'istiod', ID: id });
}

/** As little of a control plane as is one. */
const MANIFEST = (
  [
    ['Deployment', 'istiod-1-31-0'],
    ['Service', 'istiod-1-31-0'],
    ['ConfigMap', 'istio-1-31-0'],
    ['ConfigMap', 'istio-sidecar-injector-1-31-0'],
    ['MutatingWebhookConfiguration', 'istio-sidecar-injector-1-31-0-istio-system'],
  ] as const
)
  .map(([kind, name]) =>
    JSON.stringify({
      kind,
      metadata: {
        name,
        ...(kind.startsWith('Mut') ? {} : { namespace: 'istio-system' }),
        labels: { 'istio.io/rev': NEW.revision, 'operator.istio.io/component': 'Pilot' },
      },
      ...(kind === 'Deployment'
        ? {
            spec: {
              template: { spec: { containers: [{ name: 'discovery', image: 'istio/pilot:1.31.0' }] } },
            },
          }
        : {}),
      ...(kind.startsWith('Mut') ? { webhooks: revisionWebhook(NEW.revision).webhooks } : {}),
    }),
  )
  .join('\n---\n');

function meta(namespace: string | undefined, name: string, more: object = {}): Loose {
  return {
    name,
    namespace,
    uid: `uid-${name}`,
    resourceVersion: '1',
    generation: 1,
    labels: {},
    annotations: {},
    ...more,
  };
}

function nameOf({ revision }: Side): string {
  return revision === 'default' ? 'istiod' : `istiod-${revision}`;
}

function ofSystem(name: string, { revision, version }: Side): Loose {
  const labels = {
    app: 'istiod',
    'istio.io/rev': revision,
    'operator.istio.io/managed': 'Reconcile',
    'operator.istio.io/component': 'Pilot',
    'operator.istio.io/version': version,
  };
  return meta('istio-system', name, { labels });
}

function namespace(name: string, labels: object): Loose {
  return { metadata: meta(undefined, name, { labels }), status: { phase: 'Active' } };
}

/** One that canary has moved. */
function moved(name: string): Loose {
  const there = namespace(name, { 'istio.io/rev': NEW.revision });
  there.metadata.annotations['istio-upgrade/original-labels'] =
    '{"istio-injection":"enabled","istio.io/rev":null}';
  return there;
}

function template(): Loose {
  return {
    metadata: { labels: {}, annotations: {} },
    spec: { containers: [{ name: 'app', image: 'app:1' }] },
  };
}

function rolledOut(): Loose {
  return {
    observedGeneration: 1,
    replicas: 1,
    readyReplicas: 1,
    availableReplicas: 1,
    updatedReplicas: 1,
    conditions: [],
  };
}

function istiod(side: Side): Loose {
  const spec = template();
  spec.spec.containers = [{ name: 'discovery', image: `docker.io/istio/pilot:${side.version}` }];
  const selector = { matchLabels: { app: 'istiod', 'istio.io/rev': side.revision } };
  return {
    metadata: ofSystem(nameOf(side), side),
    spec: { replicas: 1, template: spec, selector },
    status: rolledOut(),
  };
}

function workload(where: string, name: string): Loose {
  const spec = { replicas: 1, template: template(), selector: { matchLabels: { app: name } } };
  return { metadata: meta(where, name), spec, status: rolledOut() };
}

function maker(where: string, spec: object): Loose {
  return { metadata: meta(where, 'maker'), spec, status: {} };
}

function pod(where: string, owner: string, { revision, version }: Side): Loose {
  return {
    metadata: meta(where, `${owner}-0`, {
      labels: { 'pod-template-hash': 'abc' },
      annotations: { 'sidecar.istio.io/status': JSON.stringify({ revision }), 'istio.io/rev': revision },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${owner}-abc`, controller: true },
      ],
    }),
    spec: {
      containers: [
        { name: 'app', image: 'app:1' },
        { name: 'istio-proxy', image: `docker.io/istio/proxyv2:${version}`, env: [], args: [] },
      ],
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [] },
  };
}

function podOfIstiod(side: Side): Loose {
  return {
    metadata: ofSystem(`${nameOf(side)}-0`, side),
    spec: { containers: [{ name: 'discovery', image: 'pilot' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [] },
  };
}

/** The record's ConfigMap. */
export function stored(data: unknown): Loose {
  return { metadata: meta('istio-system', 'istio-upgrade'), data };
}

/** The Lease, as somebody has it. */
export function held(spec: object, annotations: object = {}): Loose {
  return { metadata: meta('istio-system', 'istio-upgrade', { annotations }), spec };
}

/** Answers as the API server of this world. */
export function answer(world: World, request: IncomingMessage, response: ServerResponse, body: string): void {
  const { pathname } = new URL(request.url ?? '/', 'https://x');
  const method = request.method ?? '';
  const send = (status: number, text: string | object): void => {
    const type = typeof text === 'string' ? 'text/html' : 'application/json';
    response.writeHead(status, { 'content-type': type });
    response.end(typeof text === 'string' ? text : JSON.stringify(text));
  };
  const refused = world.refusals.find((item) => item.method === method && item.path.test(pathname));
  if (refused !== undefined) send(refused.status, refused.body);
  else if (pathname === '/version') send(200, world.version);
  else if (pathname.endsWith('/selfsubjectaccessreviews')) send(201, { status: { allowed: true } });
  else if (/\/leases(\/|$)/.test(pathname)) lease(world, method, body, send);
  else if (pathname.endsWith('/configmaps/istio-upgrade') && method === 'GET') {
    if (world.record === undefined) send(404, status(404, 'NotFound', 'there is none'));
    else send(200, world.record);
  } else if (pathname.includes('/configmaps') && method !== 'GET') send(200, JSON.parse(body) as object);
  else if (method !== 'GET')
    send(403, status(403, 'Forbidden', 'admission webhook "x.example" denied the request: no'));
  else read(world, pathname, send);
}

/** Kubernetes' answer to what it does not grant. */
export function status(code: number, reason: unknown, message: unknown): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
}

function read(world: World, path: string, send: (status: number, body: object) => void): void {
  const parts = path.replace(/^\/(?:api|apis\/[^/]+)\/[^/]+\//, '').split('/');
  const place = parts[0] === 'namespaces' && parts.length > 2 ? parts[1] : undefined;
  const [plural = '', name] = place === undefined ? parts : parts.slice(2);
  const items = (world.lists[plural] ?? []).filter(
    ({ metadata }) => place === undefined || metadata.namespace === place,
  );
  const one = items.find(({ metadata }) => metadata.name === name) as object | undefined;
  if (name === undefined) send(200, { kind: 'List', metadata: { resourceVersion: '1' }, items });
  else if (one === undefined) send(404, status(404, 'NotFound', 'there is none'));
  else send(200, one);
}

/** The Lease shows life each time that it is looked at, as that of a run that goes on does. */
function lease(
  world: World,
  method: string,
  body: string,
  send: (status: number, body: object) => void,
): void {
  if (method === 'GET') {
    if (world.lease === undefined) send(404, status(404, 'NotFound', 'there is none'));
    else {
      const { renewTime } = world.lease.spec ?? {};
      if (typeof renewTime === 'string')
        world.lease.spec.renewTime = `${renewTime.slice(0, 2 * 1024 * 1024)}.`;
      send(200, world.lease as object);
    }
    return;
  }
  const given: Loose = JSON.parse(body);
  world.lease = {
    ...world.lease,
    ...given,
    metadata: { ...world.lease?.metadata, ...given.metadata, name: 'istio-upgrade', resourceVersion: '2' },
    spec: { ...world.lease?.spec, ...given.spec },
  };
  send(200, world.lease as object);
}

/** Writes programs that say what a world has them say: istioctl, the one before it, and the plugin. */
export function programs(directory: string): {
  istioctl: string;
  previous: string;
  plugin: string;
  say: (world: World) => void;
} {
  mkdirSync(directory, { recursive: true });
  const path = (name: string): string => join(directory, name);
  const tell = (name: string): string =>
    `cat "${path(name)}.out"; cat "${path(name)}.err" >&2; exit $(cat "${path(name)}.rc")`;
  const cases = Object.entries(COMMANDS).map(([name, words]) => `*" ${words} "*) ${tell(name)};;`);
  const write = (name: string, text: string): string => {
    writeFileSync(path(name), `#!/bin/sh\n${text}\n`);
    chmodSync(path(name), 0o755);
    return path(name);
  };
  const body = `case " $* " in\n${cases.join('\n')}\nesac`;
  const old = `case " $* " in *" version "*) echo '{"clientVersion":{"version":"${OLD.version}"}}'; exit 0;; esac\n${body}`;
  return {
    istioctl: write('istioctl', body),
    previous: write('istioctl-previous', old),
    plugin: write('plugin', tell('credential')),
    say: ({ istioctl, plugin }) => {
      for (const [name, { stdout, stderr, code }] of Object.entries({ ...istioctl, credential: plugin })) {
        writeFileSync(`${path(name)}.out`, stdout);
        writeFileSync(`${path(name)}.err`, stderr);
        writeFileSync(`${path(name)}.rc`, String(code));
      }
    },
  };
}
