import { KINDS, type Kind, apiVersionOf } from '../kinds.ts';
import { Refusal, badRequest, unknown } from './refusal.ts';
import type { Answer, ApiRequest } from './request.ts';

/** A version of a kind that Kubernetes served before the one in `kinds.ts`, and a while beside it. */
interface Older {
  readonly kind: Kind;
  readonly version: string;
  /** The minor release of Kubernetes that brought the newer one. */
  readonly newerSince: number;
  /** The last minor release that serves this one. */
  readonly until: number;
}

/** From Kubernetes' deprecation guide. The fields are the same in both; autoscaling/v2beta1, whose are not, is not served. */
const OLDER: readonly Older[] = [
  { kind: KINDS.CronJob, version: 'v1beta1', newerSince: 21, until: 24 },
  { kind: KINDS.PodDisruptionBudget, version: 'v1beta1', newerSince: 21, until: 24 },
  { kind: KINDS.HorizontalPodAutoscaler, version: 'v2beta2', newerSince: 23, until: 25 },
];

/** A kind once for each version in which that Kubernetes serves it. */
export function servedVersions(kind: Kind, kubernetes: string): Kind[] {
  const minor = minorOf(kubernetes);
  const older = OLDER.filter((one) => one.kind === kind);
  return [
    ...(older.some(({ newerSince }) => minor < newerSince) ? [] : [kind]),
    ...older.filter(({ until }) => minor <= until).map(({ version }) => ({ ...kind, version })),
  ];
}

/** A request as it is about the kinds in `kinds.ts`, and what makes its answer one in the version that was asked for. */
export interface Translated {
  readonly request: ApiRequest;
  readonly back: (answer: Answer) => Answer;
}

/**
 * Objects are kept in the newest version of their kind; where another one is asked for, request and answer are translated.
 *
 * @throws Refusal with 404 for a version that this Kubernetes does not serve
 */
export function translated(request: ApiRequest, kubernetes: string): Translated {
  const [, group, version, plural] =
    /^\/apis\/([^/]+)\/([^/]+)\/(?:namespaces\/[^/]+\/)?([^/]+)/.exec(request.url.pathname) ?? [];
  const older = OLDER.find(({ kind }) => kind.group === group && kind.plural === plural);
  if (older === undefined || version === undefined) return { request, back: (answer) => answer };
  const { kind } = older;
  if (!servedVersions(kind, kubernetes).some((served) => served.version === version))
    throw new Refusal(404, 'NotFound', 'the server could not find the requested resource');
  if (version === kind.version) return { request, back: (answer) => answer };
  const [asked, kept] = [apiVersionOf({ ...kind, version }), apiVersionOf(kind)];
  const url = new URL(request.url);
  url.pathname = url.pathname.replace(`/apis/${asked}/`, `/apis/${kept}/`);
  return {
    request: { ...request, url, body: bodyIn(request, asked, kept) },
    back: (answer) => {
      if (answer.watch !== undefined) throw unknown(`a watch of ${asked}`);
      return answer.body === undefined ? answer : { ...answer, body: answerIn(answer.body, asked, kept) };
    },
  };
}

function bodyIn({ method, body }: ApiRequest, asked: string, kept: string): unknown {
  if (method === 'DELETE' || typeof body !== 'object' || body === null || !('apiVersion' in body))
    return body;
  if (body.apiVersion !== asked)
    throw badRequest(`the body is of ${String(body.apiVersion)}, the path of ${asked}`);
  return { ...body, apiVersion: kept };
}

function answerIn(body: object, asked: string, kept: string): object {
  if (!('apiVersion' in body) || body.apiVersion !== kept) return body;
  const items =
    'items' in body ? { items: (body.items as object[]).map((item) => answerIn(item, asked, kept)) } : {};
  return { ...body, ...items, apiVersion: asked };
}

function minorOf(kubernetes: string): number {
  return Number(/^v1\.(\d+)/.exec(kubernetes)?.[1]);
}
