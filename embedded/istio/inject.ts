import type { Container, Pod } from '../objects.ts';
import { type InjectorConfig, type Istiod, suffixOf } from './istiod.ts';
import { DEFAULT_ADDRESS, PROXY, STATUS } from './proxy.ts';
import { wantsProxy } from './wants.ts';

const INIT = 'istio-init';
const VOLUMES = [
  'workload-socket',
  'credential-socket',
  'workload-certs',
  'istio-envoy',
  'istio-data',
  'istio-podinfo',
  'istio-token',
  'istiod-ca-cert',
  'istio-ca-crl',
];

/** What an injector of a release does, as its templates and its code say. */
function injectedAs(version: string): {
  /** An init container that stays, by default; on Kubernetes 1.33 and later from 1.27 on. */
  readonly native: boolean;
  /** The revision is told by an annotation; from 1.6 until 1.17 by a label. */
  readonly annotated: boolean;
  readonly labelled: boolean;
  /** The record of the injection has the revision. */
  readonly recorded: boolean;
  /** Until 1.5 a proxy is told by its arguments where istiod is, and by nothing else. */
  readonly byArguments: boolean;
} {
  const minor = Number(version.split('.')[1]);
  return {
    native: minor >= 27,
    annotated: minor >= 18,
    labelled: minor >= 6 && minor < 18,
    recorded: minor >= 11,
    byArguments: minor < 6,
  };
}

/**
 * What istiod makes of a pod that it is asked to inject: native sidecar (an init container) where its release does that
 * and unless the pod asks for the classic one, and the record of what was done. It leaves alone what it does not want to inject.
 */
export function inject(pod: Pod, istiod: Istiod, config: InjectorConfig): Pod {
  const { annotations = {}, labels = {} } = pod.metadata;
  if (!wantsProxy(pod, config.policy)) return pod;
  if (isGateway(annotations)) return injectGateway(pod, istiod, config);
  const is = injectedAs(istiod.version);
  const native = is.native && annotations['sidecar.istio.io/nativeSidecar'] !== 'false';
  const init: Container = { name: INIT, image: config.init, args: ['istio-iptables'] };
  const proxy = sidecar(
    { ...config, proxy: annotations['sidecar.istio.io/proxyImage'] ?? config.proxy },
    istiod,
    native,
  );
  const others = (list: readonly Container[]): Container[] =>
    list.filter(({ name }) => name !== PROXY && name !== INIT);
  const own = others(pod.spec.containers);
  const { revision } = istiod;
  const status = {
    initContainers: native ? [INIT, PROXY] : [INIT],
    containers: native ? null : [PROXY],
    volumes: VOLUMES,
    imagePullSecrets: null,
    ...(is.recorded ? { revision } : {}),
  };
  const app = labels.app ?? own[0]?.name ?? '';
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: {
        ...labels,
        'security.istio.io/tlsMode': 'istio',
        'service.istio.io/canonical-name': app,
        'service.istio.io/canonical-revision': labels.version ?? 'latest',
        ...(is.labelled ? { 'istio.io/rev': revision } : {}),
      },
      annotations: {
        ...annotations,
        ...(is.annotated ? { 'istio.io/rev': revision } : {}),
        'kubectl.kubernetes.io/default-container': own[0]?.name ?? '',
        'kubectl.kubernetes.io/default-logs-container': own[0]?.name ?? '',
        'prometheus.io/path': '/stats/prometheus',
        'prometheus.io/port': '15020',
        'prometheus.io/scrape': 'true',
        [STATUS]: JSON.stringify(status),
      },
    },
    spec: {
      ...pod.spec,
      containers: native ? own : [proxy, ...own],
      initContainers: [init, ...(native ? [proxy] : []), ...others(pod.spec.initContainers ?? [])],
      volumes: [
        ...VOLUMES.map((name) => ({ name })),
        ...(pod.spec.volumes ?? []).filter(({ name }) => !VOLUMES.includes(name)),
      ],
    },
  };
}

/** One that a pod which is injected asks for, and that the injector does not have. */
export function missingTemplate({ metadata, ...pod }: Pod, config: InjectorConfig): string | undefined {
  if (!wantsProxy({ ...pod, metadata }, config.policy)) return undefined;
  return templatesOf(metadata.annotations ?? {}).find((name) => !config.templates.includes(name));
}

function isGateway(annotations: Readonly<Record<string, string>>): boolean {
  return templatesOf(annotations).includes('gateway');
}

function templatesOf(annotations: Readonly<Record<string, string>>): string[] {
  const asked = annotations['inject.istio.io/templates'];
  return asked === undefined ? [] : asked.split(',').map((name) => name.trim());
}

/** The template `gateway`: the pod's own proxy container gets image, arguments and environment, and nothing beside it. */
function injectGateway(pod: Pod, istiod: Istiod, config: InjectorConfig): Pod {
  const proxy = router(istiod, config);
  const status = {
    initContainers: null,
    containers: [PROXY],
    volumes: VOLUMES,
    imagePullSecrets: null,
    revision: istiod.revision,
  };
  const { annotations = {}, labels } = pod.metadata;
  const { annotated } = injectedAs(istiod.version);
  const own = { 'istio.io/rev': istiod.revision };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(annotated ? {} : { labels: { ...labels, ...own } }),
      annotations: { ...annotations, ...(annotated ? own : {}), [STATUS]: JSON.stringify(status) },
    },
    spec: {
      ...pod.spec,
      containers: pod.spec.containers.map((item) => (item.name === PROXY ? { ...item, ...proxy } : item)),
      volumes: [...VOLUMES.map((name) => ({ name })), ...(pod.spec.volumes ?? [])],
    },
  };
}

/** The container of a gateway. */
export function router(istiod: Istiod, config: Signed): Container {
  return { ...sidecar(config, istiod, false), args: ['proxy', 'router'] };
}

/** The image of a proxy, and who signs its certificate. */
type Signed = Pick<InjectorConfig, 'proxy' | 'caAddress'>;

function sidecar(
  { proxy: image, caAddress }: Signed,
  { revision, namespace, version }: Istiod,
  native: boolean,
): Container {
  const address = `istiod${suffixOf(revision)}.${namespace}.svc:15012`;
  const { byArguments } = injectedAs(version);
  // What is Istio's default is left out (`cleanProxyConfig`).
  return {
    name: PROXY,
    image,
    args: ['proxy', 'sidecar', ...(byArguments ? ['--discoveryAddress', address] : [])],
    env: [
      { name: 'CA_ADDR', value: caAddress ?? address },
      ...(byArguments
        ? []
        : [
            {
              name: 'PROXY_CONFIG',
              value: `${JSON.stringify(address === DEFAULT_ADDRESS ? {} : { discoveryAddress: address })}\n`,
            },
          ]),
      { name: 'ISTIO_META_CLUSTER_ID', value: 'Kubernetes' },
    ],
    ...(native ? { restartPolicy: 'Always' } : {}),
    startupProbe: { httpGet: { path: '/healthz/ready', port: 15021 } },
  };
}
