import type { Client } from './client.ts';
import { speaksXds } from './releases.ts';
import { Refusal } from './refusal.ts';

/** What one istiod says, as JSON. */
export interface StatusDocument {
  readonly resources?: readonly {
    readonly node: {
      readonly id: string;
      readonly metadata: { readonly CLUSTER_ID: string; readonly ISTIO_VERSION: string };
    };
    readonly genericXdsConfigs?: readonly { readonly typeUrl: string; readonly configStatus: string }[];
  }[];
  readonly controlPlane: { readonly identifier: string };
  readonly [field: string]: unknown;
}

/**
 * Asks the running istiods of a revision, or of all of them, who is connected to them: one document for each.
 *
 * A real istioctl forwards a port to the pod and speaks XDS there, with a token of its namespace, or until 1.21 asks its
 * debug interface without one; here a path of the server that is not of Kubernetes stands for all of it.
 */
export async function statusDocuments(
  client: Client,
  namespace: string,
  revision: string | undefined,
  version: string,
): Promise<StatusDocument[]> {
  const pods = await client.list(
    `/api/v1/namespaces/${namespace}/pods`,
    revision === undefined ? 'app=istiod' : `app=istiod,istio.io/rev=${revision}`,
    'status.phase=Running',
  );
  if (pods.length === 0) throw new Refusal(`no running Istio pods in "${namespace}"`);
  if (speaksXds(version)) {
    await client.create(`/api/v1/namespaces/${namespace}/serviceaccounts/default/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: ['istio-ca'] },
    });
  }
  return Promise.all(
    pods.map(
      async ({ metadata }) =>
        (await client.get(
          `/embedded-cluster.not-kubernetes/istiod/${namespace}/${metadata.name}/syncz`,
        )) as StatusDocument,
    ),
  );
}

/** Ids of the proxies, `pod.namespace`. */
export async function connectedProxies(
  client: Client,
  namespace: string,
  revision: string,
  version: string,
): Promise<string[]> {
  const documents = await statusDocuments(client, namespace, revision, version);
  return documents.flatMap(({ resources = [] }) => resources.map(({ node }) => node.id));
}
