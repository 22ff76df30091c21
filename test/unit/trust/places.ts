/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return --
   what is hostile has no type: each place of each object can be set to anything */
import type { Phase } from '../../../src/outcome.ts';
import { LATE_SECRET } from './forms.ts';
import {
  type Command,
  type Loose,
  type World,
  credential,
  held,
  identityOf,
  proxyOf,
  recordOf,
  status,
  statusDocument,
  stored,
} from './world.ts';

/** Who puts a text where this Action reads it. */
export type Source = 'cluster' | 'record' | 'lease' | 'answer' | 'istioctl' | 'plugin';

/**
 * One place where others write. Events and nodes are none: this Action reads neither.
 */
export interface Place {
  readonly name: string;
  readonly source: Source;
  /** The phases in which it is read, where not in all. */
  readonly phases?: readonly Phase[];
  /** Nobody sees to its type: it may hold what is no text. */
  readonly untyped?: true;
  readonly put: (world: World, value: Loose) => void;
}

const CHANGING: readonly Phase[] = ['canary', 'promote', 'rollback'];
const BESIDE: readonly Phase[] = ['promote', 'rollback'];

const at = (world: World, list: string, name: string): Loose =>
  world.lists[list]?.find(({ metadata }) => metadata.name === name);
const shop = (world: World): Loose => at(world, 'namespaces', 'shop');
const web = (world: World): Loose => at(world, 'deployments', 'web');
const pod = (world: World): Loose => at(world, 'pods', 'web-0');
const istiod = (world: World): Loose => at(world, 'deployments', 'istiod');

/** A place in the cluster, set by a function. */
const inCluster = (name: string, put: Place['put'], phases?: readonly Phase[]): Place => ({
  name,
  source: 'cluster',
  put,
  ...(phases === undefined ? {} : { phases }),
});

/** An object's annotation of a name. */
const annotation = (of: (world: World) => Loose, what: string, name: string): Place =>
  inCluster(`annotation ${name} of ${what}`, (world, value) => {
    of(world).metadata.annotations[name] = value;
  });

const CLUSTER: readonly Place[] = [
  inCluster('the version of the server', (world, value) => (world.version = { gitVersion: value })),
  annotation(shop, 'a namespace', 'anybodys'),
  annotation(shop, 'a namespace', 'istio-upgrade/original-labels'),
  annotation(shop, 'a namespace', 'argocd.argoproj.io/tracking-id'),
  inCluster('a label of a namespace', (world, value) => (shop(world).metadata.labels.team = value)),
  inCluster('the key of a label of a namespace', (world, value) => {
    shop(world).metadata.labels[String(value).slice(0, 63)] = 'x';
  }),
  inCluster('the key of a label of a pod', (world, value) => {
    pod(world).metadata.labels[String(value).slice(0, 63)] = 'x';
  }),
  inCluster('the phase of a namespace', (world, value) => (shop(world).status.phase = value)),
  inCluster('who set fields of a namespace', (world, value) => {
    shop(world).metadata.managedFields = [
      { manager: value, fieldsV1: { 'f:metadata': { 'f:labels': value } } },
    ];
  }),
  annotation(pod, 'a pod', 'sidecar.istio.io/status'),
  annotation(pod, 'a pod', 'istio.io/rev'),
  annotation(pod, 'a pod', 'sidecar.istio.io/inject'),
  inCluster('the label istio.io/rev of a pod', (world, value) => {
    pod(world).metadata.labels['istio.io/rev'] = value;
    pod(world).metadata.annotations = {};
  }),
  inCluster('the image of a container', (world, value) => (pod(world).spec.containers[0].image = value)),
  inCluster('the image of a proxy', (world, value) => (pod(world).spec.containers[1].image = value)),
  inCluster('the configuration of a proxy', (world, value) => {
    pod(world).spec.containers[1].env = [{ name: 'PROXY_CONFIG', value }];
  }),
  inCluster('the arguments of a proxy', (world, value) => {
    pod(world).spec.containers[1].args = ['proxy', '--discoveryAddress', value];
  }),
  inCluster('why a pod waits', (world, value) => {
    waiting(pod(world), { state: { waiting: { reason: value, message: value } } });
  }),
  inCluster('why a container ended', (world, value) => {
    waiting(pod(world), { state: { terminated: { reason: value, exitCode: 1 } } });
  }),
  inCluster('why a pod is not scheduled', (world, value) => {
    pod(world).status.conditions = [{ type: 'PodScheduled', status: 'False', reason: value, message: value }];
  }),
  inCluster('why an istiod waits', (world, value) => {
    waiting(at(world, 'pods', 'istiod-0'), { state: { waiting: { reason: value, message: value } } });
    istiod(world).status.availableReplicas = 0;
  }),
  annotation(web, 'a workload', 'anybodys'),
  inCluster('annotations of a template', (world, value) => {
    web(world).spec.template.metadata.annotations = {
      'istio-upgrade/restarted-for': value,
      'inject.istio.io/templates': value,
      'sidecar.istio.io/inject': value,
    };
  }),
  inCluster('a condition of a workload', (world, value) => {
    web(world).status = {
      observedGeneration: 1,
      conditions: [
        { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: value },
      ],
    };
  }),
  inCluster('the image of istiod', (world, value) => {
    istiod(world).spec.template.spec.containers[0].image = value;
  }),
  inCluster('the version that istiod is labelled with', (world, value) => {
    istiod(world).spec.template.spec.containers[0].image = 'pilot@sha256:1';
    istiod(world).metadata.labels['operator.istio.io/version'] = value;
  }),
  annotation(istiod, 'istiod', 'meta.helm.sh/release-name'),
  inCluster('where a webhook asks', (world, value) => {
    const webhook = structuredClone(world.lists.mutatingwebhookconfigurations?.[0]);
    webhook.metadata.name = 'another';
    for (const item of webhook.webhooks) item.clientConfig = { url: value };
    world.lists.mutatingwebhookconfigurations?.push(webhook);
  }),
  inCluster('the class of a gateway', (world, value) => {
    at(world, 'gateways', 'gateway').spec.gatewayClassName = value;
  }),
  inCluster('annotations of a CronJob’s template', (world, value) => {
    const { template } = at(world, 'cronjobs', 'maker').spec.jobTemplate.spec;
    template.metadata.annotations['sidecar.istio.io/inject'] = value;
  }),
  ...(['template', 'template.metadata', 'template.metadata.labels', 'template.spec'] as const).map(
    (path): Place => ({
      ...inCluster(`${path} of a Rollout`, (world, value) => {
        setAt(at(world, 'rollouts', 'maker').spec, path.split('.'), value);
      }),
      untyped: true,
    }),
  ),
  ...(['labels', 'annotations'] as const).map((map): Place => ({
    ...inCluster(`one of the ${map} of a Rollout’s template`, (world, value) => {
      const { metadata } = at(world, 'rollouts', 'maker').spec.template;
      metadata[map] = { 'istio.io/rev': value, 'sidecar.istio.io/inject': value };
    }),
    untyped: true,
  })),
];

function waiting(pod: Loose, container: object): void {
  pod.status = {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ name: 'app', ready: false, ...container }],
  };
}

function setAt(object: Loose, [first = '', ...rest]: readonly string[], value: Loose): void {
  if (rest.length === 0) object[first] = value;
  else setAt(object[first], rest, value);
}

/** Every field of the record, and the record as a whole. */
const RECORD: readonly Place[] = [
  {
    name: 'the record',
    source: 'record',
    put: (world, value) => (world.record = stored({ record: value })),
  },
  ...[...Object.keys(recordOf()), 'troubled', 'unsynced', 'removing', 'tags', 'promotedAt', 'endedAt'].map(
    (field): Place => ({
      name: `${field} of the record`,
      source: 'record',
      untyped: true,
      put: (world, value) => {
        const list = ['troubled', 'unsynced', 'removing'].includes(field) && typeof value === 'string';
        world.record = stored({
          record: JSON.stringify({ ...recordOf(), [field]: list ? [value] : value }),
        });
      },
    }),
  ),
  ...(['from', 'to'] as const).map((side): Place => ({
    name: `where istioctl ${side} is from, by the record`,
    source: 'record',
    untyped: true,
    put: (world, value) => {
      const istioctl = { [side]: { source: value, sha256: 'a'.repeat(64) } };
      world.record = stored({ record: JSON.stringify({ ...recordOf(), istioctl }) });
    },
  })),
];

const SPEC = {
  holderIdentity: 'o/r/1/1/x',
  renewTime: '2026-11-25T03:00:00.000000Z',
  acquireTime: '2026-11-25T03:00:00.000000Z',
  leaseDurationSeconds: 30,
  leaseTransitions: 1,
};

const LEASE: readonly Place[] = [
  ...Object.keys(SPEC).map((field): Place => ({
    name: `${field} of the Lease`,
    source: 'lease',
    phases: ['canary'],
    untyped: true,
    // A time that is none never shows life, and is watched for 30 s: `a lock that somebody holds`.
    put: (world, value) => {
      const sign = field === 'renewTime' && typeof value !== 'string' ? { holderIdentity: '' } : {};
      world.lease = held({ ...SPEC, [field]: value, ...sign });
    },
  })),
  ...['istio-upgrade/run', 'istio-upgrade/stop-requested-by', 'anybodys'].map((name): Place => ({
    name: `annotation ${name} of the Lease`,
    source: 'lease',
    phases: ['canary'],
    put: (world, value) => (world.lease = held(SPEC, { [name]: value })),
  })),
];

/** A refusal of a request, whose body others have a say in. */
const refuses = (
  name: string,
  method: string,
  path: RegExp,
  code: number,
  bodyOf: (value: Loose) => string,
  phases?: readonly Phase[],
): Place => ({
  name,
  source: 'answer',
  untyped: true,
  ...(phases === undefined ? {} : { phases }),
  put: (world, value) => {
    world.refusals.push({ method, path, status: code, body: bodyOf(value) });
  },
});
const inMessage = (code: number) => (value: Loose) => JSON.stringify(status(code, 'Forbidden', value));
const inReason = (code: number) => (value: Loose) => JSON.stringify(status(code, value, 'no'));

const ANSWERS: readonly Place[] = [
  refuses('why a list is refused', 'GET', /\/pods$/, 403, inMessage(403)),
  refuses('the reason for which a list is refused', 'GET', /\/deployments$/, 422, inReason(422)),
  refuses('the page of a proxy', 'GET', /\/namespaces$/, 403, (value) =>
    typeof value === 'string' ? value : JSON.stringify(value),
  ),
  refuses('why the credential is refused', 'GET', /\/services$/, 401, inMessage(401)),
  refuses('why the record is refused', 'GET', /\/configmaps\/istio-upgrade$/, 403, inMessage(403)),
  refuses('why the Lease is refused', 'GET', /\/leases/, 403, inMessage(403), CHANGING),
  refuses('what a webhook says of the Lease', 'POST', /\/leases/, 400, denial, CHANGING),
  refuses('what a webhook says of the record', 'PATCH', /\/configmaps/, 403, denial, BESIDE),
  refuses('what a webhook says of a namespace', 'PATCH', /\/namespaces\/\w+$/, 403, denial, BESIDE),
  refuses('why a namespace is not patched', 'PATCH', /\/namespaces\/\w+$/, 422, inMessage(422), BESIDE),
  refuses('why a pod is refused', 'POST', /\/pods$/, 403, inMessage(403)),
];

function denial(value: Loose): string {
  return JSON.stringify(
    status(
      403,
      'Forbidden',
      `admission webhook "x.example" denied the request: ${JSON.stringify(value).replace(/^"|"$/g, '')}`,
    ),
  );
}

/** What a command of istioctl prints, when it ends well and when it does not. */
const prints = (command: Command, phases?: readonly Phase[]): Place[] =>
  (
    [
      ['stdout', 0],
      ['stderr', 1],
    ] as const
  ).map(([stream, code]) => ({
    name: `${stream} of istioctl's ${command}, which ends with ${String(code)}`,
    source: 'istioctl' as const,
    ...(phases === undefined ? {} : { phases }),
    put: (world, value) => {
      const usual = world.istioctl[command];
      world.istioctl[command] = { ...usual, [stream]: value, code };
    },
  }));

/** A value in what a command prints as JSON. */
const tells = (name: string, command: Command, text: (value: Loose) => string): Place => ({
  name,
  source: 'istioctl',
  untyped: true,
  put: (world, value) => {
    world.istioctl[command] = { stdout: text(value), stderr: '', code: 0 };
  },
});

const precheckMessage = (more: object): string =>
  JSON.stringify([{ code: 'IST0136', level: 'Warning', message: 'a', origin: 'Pod a.b', ...more }]);
/** Of the target's istioctl, which says JSON; with the older one's answer there is no reader for it. */
const ISTIOCTL: readonly Place[] = [
  ...prints('version'),
  ...prints('listTags'),
  ...prints('proxyStatus'),
  ...prints('manifest', ['precheck', 'canary']),
  ...prints('precheck', ['precheck']),
  ...prints('install', ['canary']),
  ...prints('uninstall', ['rollback']),
  tells('the version in what istioctl says', 'version', (version) =>
    JSON.stringify({ clientVersion: { version } }),
  ),
  tells('the id of a proxy', 'proxyStatus', (id) => statusDocument([proxyOf(id)], identityOf())),
  tells('the version of a proxy', 'proxyStatus', (version) =>
    statusDocument([proxyOf('web-0.shop', version)], identityOf()),
  ),
  tells('the state of a proxy', 'proxyStatus', (state) =>
    statusDocument([proxyOf('web-0.shop', '1.30.3', state)], identityOf()),
  ),
  tells('a proxy', 'proxyStatus', (value) => statusDocument([value], identityOf())),
  tells('the proxies', 'proxyStatus', (resources) => statusDocument(resources, identityOf())),
  tells('which istiod it is', 'proxyStatus', (id) => statusDocument([proxyOf()], identityOf(id))),
  tells('how it is said which istiod it is', 'proxyStatus', (value) => statusDocument([proxyOf()], value)),
  ...['code', 'level', 'message', 'origin', 'documentationUrl'].map((field) => ({
    ...tells(`${field} of a message of precheck`, 'precheck', (value) => precheckMessage({ [field]: value })),
    phases: ['precheck' as const],
  })),
];

/** A value in what the plugin prints. */
const gives = (name: string, answer: (value: Loose) => object): Place => ({
  name: `${name} of the plugin`,
  source: 'plugin',
  untyped: true,
  put: ({ plugin }, value) => {
    plugin.stdout = JSON.stringify(answer(value));
  },
});

const PLUGIN: readonly Place[] = [
  {
    name: 'stdout of the plugin',
    source: 'plugin',
    put: ({ plugin }, value) => (plugin.stdout = value),
  },
  {
    name: 'stderr of the plugin, which goes well',
    source: 'plugin',
    put: ({ plugin }, value) => (plugin.stderr = value),
  },
  {
    name: 'stderr of the plugin, which fails',
    source: 'plugin',
    put: ({ plugin }, value) => Object.assign(plugin, { stderr: value, code: 1 }),
  },
  {
    name: 'stdout of the plugin, which fails',
    source: 'plugin',
    put: ({ plugin }, value) => Object.assign(plugin, { stdout: value, code: 1 }),
  },
  gives('the answer', (value) => value as object),
  gives('the kind', (kind) => ({ ...credential(), kind })),
  gives('the API version', (apiVersion) => ({ ...credential(), apiVersion })),
  gives('the status', (value) => ({ ...credential(), status: value })),
  gives('the token', (token) => credential({ token })),
  gives('the end', (expirationTimestamp) => credential({ token: LATE_SECRET, expirationTimestamp })),
  gives('the certificate', (value) => credential({ clientCertificateData: value, clientKeyData: value })),
  gives('the key', (value) => credential({ token: LATE_SECRET, clientKeyData: value })),
];

export const PLACES: readonly Place[] = [...CLUSTER, ...RECORD, ...LEASE, ...ANSWERS, ...ISTIOCTL, ...PLUGIN];
