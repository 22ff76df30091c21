import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterObject } from '../support/normalise.ts';
import { podView } from '../support/pods.ts';
import type { SuiteCluster } from './cluster.ts';
import { CutOff } from './cut-off.ts';
import { proxyOf } from './facts.ts';
import { messageOf, type Objects } from './objects.ts';
import { VIRTUAL_SERVICES, newborn } from './rehearsed.ts';

/** Milliseconds from the begin of one round to that of the next, where the cluster answers as fast. */
const EVERY_MS = 100;
/** `istioctl proxy-status` is a program to start: it is asked after so many rounds. */
const ROUNDS_A_STATUS = 20;
/** So many failures are told in words; all are counted. */
const TOLD = 5;

/** What somebody saw who asked all the time while the Action ran. */
export interface Probed {
  readonly rounds: number;
  /** Longest time between two rounds. */
  readonly longestGapMs: number;
  /** Pods that were rehearsed in namespaces with injection. */
  readonly born: number;
  /** Istio's objects that were rehearsed, right ones and wrong ones. */
  readonly validated: number;
  /** Fewest ready pods at any moment, by control plane in use and gateway: `istiod`, `gateway NAME`. */
  readonly fewestReady: Readonly<Record<string, number>>;
  /** How many times istiods were asked who is connected, and every gateway had a ready pod among them. */
  readonly statuses: number;
  /**
   * Questions that an istiod did not answer because it ended that moment, in a scenario that replaces the only one; the same
   * question was answered in the round after. Anything more is a failure.
   */
  readonly cutOff: number;
  readonly failed: number;
  /** The first of them. */
  readonly failures: readonly string[];
}

/**
 * Asks all the time, until it is stopped: would a pod that is born now be injected, and by whom; are Istio's objects still
 * validated; has the control plane, and has each gateway, a ready pod, and is a ready pod of each gateway connected to an istiod
 * (issue 13, issue 14).
 */
export class Probe {
  readonly #cluster: SuiteCluster;
  readonly #objects: Objects;
  readonly #namespaces: readonly string[];
  readonly #cutOff: CutOff;
  readonly #done: Promise<unknown>;
  readonly #seen = new Map<string, string[]>();
  readonly #fewest = new Map<string, number>();
  readonly #failures: string[] = [];
  #stopped = false;
  #rounds = 0;
  #longestGapMs = 0;
  #born = 0;
  #validated = 0;
  #statuses = 0;
  #failed = 0;
  /** Of the istiods that are ready. */
  #revisions: ReadonlySet<string> = new Set();
  #readyGateways: ReadonlyMap<string, readonly string[]> = new Map();

  /**
   * @param namespaces those whose pods are injected, whatever the Action does
   * @param isReplaced whether the istiod that answers is replaced meanwhile, so that one question may be cut off
   */
  constructor(cluster: SuiteCluster, objects: Objects, namespaces: readonly string[], isReplaced: boolean) {
    this.#cutOff = new CutOff(isReplaced);
    this.#cluster = cluster;
    this.#objects = objects;
    this.#namespaces = namespaces;
    this.#done = Promise.all(
      [this.#ask(), this.#askIstiods()].map((asking) =>
        asking.catch((error: unknown) => {
          this.#stopped = true;
          this.#fail(error instanceof Error ? error.message : String(error));
        }),
      ),
    );
  }

  /** Ends the round that is under way. */
  async stop(): Promise<Probed> {
    this.#stopped = true;
    await this.#done;
    return {
      rounds: this.#rounds,
      longestGapMs: Math.round(this.#longestGapMs),
      born: this.#born,
      validated: this.#validated,
      fewestReady: Object.fromEntries([...this.#fewest].sort()),
      statuses: this.#statuses,
      cutOff: this.#cutOff.count,
      failed: this.#failed,
      failures: this.#failures,
    };
  }

  #fail(what: string): void {
    this.#failed += 1;
    if (this.#failures.length < TOLD) this.#failures.push(`round ${String(this.#rounds)}: ${what}`);
  }

  async #ask(): Promise<void> {
    let before = performance.now();
    while (!this.#stopped) {
      await Promise.all([
        ...this.#namespaces.map((namespace) => this.#birth(namespace)),
        this.#validation(),
        this.#readiness(),
      ]);
      this.#rounds += 1;
      this.#cutOff.nextRound();
      const now = performance.now();
      this.#longestGapMs = Math.max(this.#longestGapMs, now - before);
      await sleep(Math.max(0, EVERY_MS - (now - before)));
      before = performance.now();
    }
  }

  async #birth(namespace: string): Promise<void> {
    const { status, body } = await this.#objects.rehearse(newborn(namespace));
    this.#born += 1;
    if (this.#cutOff.excuses(namespace, { status, body })) return;
    if (status !== 201) {
      this.#fail(`a pod in ${namespace} is refused: ${String(status)} ${messageOf({ status, body })}`);
      return;
    }
    const view = podView(body as ClusterObject);
    if (view.proxy === undefined) this.#fail(`a pod in ${namespace} gets no proxy`);
    else this.#inOneDirection(namespace, proxyOf(view));
  }

  /** A run goes one way: what was left does not come back. */
  #inOneDirection(namespace: string, proxy: string): void {
    const seen = this.#seen.get(namespace) ?? [];
    if (seen.at(-1) === proxy) return;
    if (seen.includes(proxy))
      this.#fail(`a pod in ${namespace} gets ${proxy} again, after ${seen.at(-1) ?? ''}`);
    this.#seen.set(namespace, [...seen, proxy]);
  }

  async #validation(): Promise<void> {
    const [right, wrong] = await Promise.all([
      this.#objects.rehearse(VIRTUAL_SERVICES.right),
      this.#objects.rehearse(VIRTUAL_SERVICES.wrong),
    ]);
    this.#validated += 2;
    if (!this.#cutOff.excuses('right', right) && right.status !== 201)
      this.#fail(`a right VirtualService is refused: ${String(right.status)} ${messageOf(right)}`);
    if (!this.#cutOff.excuses('wrong', wrong) && !messageOf(wrong).includes('denied the request'))
      this.#fail(`a wrong VirtualService is not denied: ${String(wrong.status)} ${messageOf(wrong)}`);
  }

  async #readiness(): Promise<void> {
    const pods = (await this.#objects.list('Pod')) as unknown as Pod[];
    const ready = new Map<string, string[]>();
    for (const pod of pods) {
      const component = componentOf(pod);
      if (component === undefined) continue;
      const names = ready.get(component) ?? [];
      ready.set(
        component,
        isReady(pod) ? [...names, `${pod.metadata.namespace}/${pod.metadata.name}`] : names,
      );
    }
    for (const component of new Set([...this.#fewest.keys(), ...ready.keys()])) {
      const count = ready.get(component)?.length ?? 0;
      // What begins to be there during the run counts from when it is ready.
      if (!this.#fewest.has(component) && count === 0) continue;
      if (count === 0) this.#fail(`no pod of ${component} is ready`);
      this.#fewest.set(component, Math.min(count, this.#fewest.get(component) ?? count));
    }
    this.#revisions = new Set(
      pods
        .filter((pod) => componentOf(pod) === 'istiod' && isReady(pod))
        .map(({ metadata }) => metadata.labels?.['istio.io/rev'] ?? 'default'),
    );
    this.#readyGateways = new Map([...ready].filter(([component]) => component !== 'istiod'));
  }

  async #askIstiods(): Promise<void> {
    let next = 0;
    while (!this.#stopped) {
      await sleep(EVERY_MS);
      if (this.#rounds < next) continue;
      next = this.#rounds + ROUNDS_A_STATUS;
      const before = this.#readyGateways;
      const answers = await Promise.all([...this.#revisions].map((revision) => this.#connectedTo(revision)));
      const known = answers.filter((answer) => answer !== undefined).join('\n');
      if (known === '') continue;
      this.#statuses += 1;
      for (const [gateway, names] of before) {
        // One that has come since was not asked for; one that has gone may have been the one that was connected.
        const ready = [...names, ...(this.#readyGateways.get(gateway) ?? [])];
        if (!ready.some((name) => known.includes(`"${name.split('/').reverse().join('.')}"`)))
          this.#fail(`no ready pod of ${gateway} is connected to an istiod`);
      }
    }
    // A question that nobody answers shows nothing.
    if (this.#rounds > 2 * ROUNDS_A_STATUS && this.#statuses === 0)
      this.#fail('no istiod has said who is connected');
  }

  /** In istioctl's own words; undefined where that revision's istiods don't answer, such as when they end. */
  async #connectedTo(revision: string): Promise<string | undefined> {
    const args = ['proxy-status', '--revision', revision, '--output=json'];
    const { code, stdout } = await this.#cluster.istioctl('1.31.0', args);
    return code === 0 ? stdout : undefined;
  }
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly name: string }[];
  };
  readonly spec: {
    readonly containers: readonly { readonly name: string; readonly args?: readonly string[] }[];
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Istiods of whatever revision are one; a gateway is what its ReplicaSet's Deployment is called. Undefined for all else. */
function componentOf({ metadata, spec }: Pod): string | undefined {
  if (metadata.labels?.app === 'istiod') return 'istiod';
  const router = spec.containers.some(({ name, args }) => name === 'istio-proxy' && args?.includes('router'));
  const owner = metadata.ownerReferences?.[0]?.name.replace(/-[^-]+$/, '') ?? metadata.name;
  return router ? `gateway ${owner}` : undefined;
}

/** One that ends still serves what it has, and is not counted. */
function isReady({ metadata, status }: Pod): boolean {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  return metadata.deletionTimestamp === undefined && condition?.status === 'True';
}
