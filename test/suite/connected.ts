import { parseJsonDocuments } from '../../src/istioctl/json-documents.ts';
import type { SuiteCluster } from './cluster.ts';

interface ProxyStatus {
  readonly resources?: readonly {
    readonly node: { readonly id: string; readonly metadata: { readonly ISTIO_VERSION: string } };
  }[];
}

/** Whoever is connected by istiod's account, as `namespace/name`, with the version that they are of. */
export async function connectedTo(cluster: SuiteCluster, revision: string): Promise<Record<string, string>> {
  const args = ['proxy-status', '--revision', revision, '--output=json'];
  const { code, stdout, stderr } = await cluster.istioctl('1.31.0', args);
  if (code !== 0) throw new Error(`istioctl ${args.join(' ')}: ${stderr}`);
  // A document for each istiod: one that ends may still answer beside the one that is there.
  const resources = (parseJsonDocuments(stdout) as ProxyStatus[]).flatMap(
    (document) => document.resources ?? [],
  );
  // The id is `pod.namespace`; neither has a dot.
  return Object.fromEntries(
    resources.map(({ node }) => [node.id.split('.').reverse().join('/'), node.metadata.ISTIO_VERSION]),
  );
}
