import type { Client } from './client.ts';
import { answer, note } from './print.ts';
import { oldestKubernetes, precheckSpeaksJson } from './releases.ts';
import { Refusal } from './refusal.ts';

/** What installing has to create, by its API group. */
const CREATED: readonly (readonly [group: string, resource: string])[] = [
  ['', 'namespaces'],
  ['rbac.authorization.k8s.io', 'clusterroles'],
  ['rbac.authorization.k8s.io', 'clusterrolebindings'],
  ['apiextensions.k8s.io', 'customresourcedefinitions'],
  ['rbac.authorization.k8s.io', 'roles'],
  ['', 'serviceaccounts'],
  ['', 'services'],
  ['apps', 'deployments'],
  ['', 'configmaps'],
  ['admissionregistration.k8s.io', 'mutatingwebhookconfigurations'],
  ['admissionregistration.k8s.io', 'validatingwebhookconfigurations'],
];

const ISSUES = 'Issues found when checking the cluster. Istio may not be safe to install or upgrade.';

interface Message {
  readonly code: string;
  readonly level: 'Error' | 'Warning';
  readonly message: string;
}

/** `x precheck`: whether Istio can be installed. Without a finding its answer is silence and exit code 0. */
export async function precheck(client: Client, version: string): Promise<void> {
  // The Gateway API's version is looked for among the CRDs; the right to list them is all that matters here.
  await client.list('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
  const messages = [...(await tooOld(client, version)), ...(await missingRights(client))];
  if (messages.length === 0) {
    note('✔ No issues found when checking the cluster. Istio is safe to install or upgrade!');
    return;
  }
  if (!precheckSpeaksJson(version)) {
    for (const { level, code, message } of messages) answer(`${level} [${code}] (Cluster) ${message}`);
    throw new Refusal(ISSUES);
  }
  const documented = messages.map((message) => ({
    ...message,
    documentationUrl: `https://istio.io/latest/docs/reference/config/analysis/${message.code.toLowerCase()}/`,
    origin: 'Cluster',
  }));
  answer(JSON.stringify(documented, null, '\t'));
  throw new Refusal(ISSUES);
}

async function tooOld(client: Client, version: string): Promise<Message[]> {
  const minimum = oldestKubernetes(version);
  const { gitVersion, minor } = (await client.get('/version')) as { gitVersion: string; minor: string };
  if (Number.parseInt(minor, 10) >= minimum) return [];
  const message = `The Kubernetes Version "${gitVersion}" is lower than the minimum version: 1.${String(minimum)}`;
  return [{ code: 'IST0142', level: 'Error', message }];
}

async function missingRights(client: Client): Promise<Message[]> {
  const answers = await Promise.all(
    CREATED.map(async ([group, resource]) => {
      const review = (await client.create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb: 'create', group, resource } },
      })) as { status: { allowed: boolean } };
      return { resource, allowed: review.status.allowed };
    }),
  );
  return answers
    .filter(({ allowed }) => !allowed)
    .map(({ resource }) => ({
      code: 'IST0141',
      level: 'Error',
      message: `Missing required permission to create resource ${resource} (not allowed by RBAC)`,
    }));
}
