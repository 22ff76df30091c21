import { boundedText } from '../istio/text.ts';
import { parseOneByOne, splitJsonDocuments } from './json-documents.ts';
import {
  type ProxyStatus,
  type StatusContent,
  type TypeState,
  describeStates,
  splitProxyId,
  syncOf,
} from './proxy-state.ts';

/** Longer than any name of a pod with its namespace. */
const TEXT_LENGTH = 400;

/** One istiod's `DiscoveryResponse`, as far as it is read (recording 079-proxy-status-canary-json). */
interface StatusDocument {
  /** Absent where no proxy is connected. */
  readonly resources?: readonly unknown[];
  readonly controlPlane?: { readonly identifier?: string };
}

interface Resource {
  readonly node?: { readonly id?: string; readonly metadata?: { readonly ISTIO_VERSION?: string } };
  readonly genericXdsConfigs?: readonly { readonly typeUrl?: string; readonly configStatus?: string }[];
}

/**
 * Reads the JSON of 1.30 and later: one document for each istiod. A document that does not say which istiod it is
 * from proves nothing.
 */
export function readStatusDocuments(text: string): StatusContent {
  const answers = splitJsonDocuments(text).map((one) => {
    const { document, objects } = parseOneByOne(one, 'resources', (item) => toProxy(item as Resource));
    const answer = document as StatusDocument;
    // Of what is no object nothing is known.
    if ((answer.resources ?? []).length !== objects.length)
      throw new Error('a proxy is told in a form that is not known');
    const istiod = identify(answer);
    return { istiod, proxies: objects.map((proxy): ProxyStatus => ({ ...proxy, istiod })) };
  });
  return { istiods: answers.map(({ istiod }) => istiod), proxies: answers.flatMap(({ proxies }) => proxies) };
}

/** The identifier is itself JSON: `{"Component":"istiod","ID":"istiod-1-31-0-…","Info":{…}}`. */
function identify({ controlPlane }: StatusDocument): string {
  const { ID } = JSON.parse(controlPlane?.identifier ?? '{}') as { ID?: unknown };
  if (typeof ID !== 'string' || ID === '') throw new Error('an answer does not say which istiod it is from');
  return ID;
}

function toProxy({ node, genericXdsConfigs = [] }: Resource): Omit<ProxyStatus, 'istiod'> {
  const states = genericXdsConfigs.map(
    // protojson leaves out what is zero, and zero is UNKNOWN.
    ({ typeUrl, configStatus = 'UNKNOWN' }): TypeState => ({
      type: shortType(textOf(typeUrl)),
      state: textOf(configStatus),
    }),
  );
  const id = textOf(node?.id);
  return {
    // The proxy says both of itself, and whoever reaches istiod may be one: it must not spoil the answer (issue 12).
    ...(splitProxyId(id) ?? { name: id, namespace: '' }),
    version: textOf(node?.metadata?.ISTIO_VERSION),
    sync: syncOf(states),
    detail: describeStates(states),
  };
}

function textOf(value: unknown): string {
  return boundedText(value, TEXT_LENGTH);
}

/** `Cluster` for `type.googleapis.com/envoy.config.cluster.v3.Cluster`. */
function shortType(typeUrl: string): string {
  return typeUrl.slice(Math.max(typeUrl.lastIndexOf('.'), typeUrl.lastIndexOf('/')) + 1);
}
