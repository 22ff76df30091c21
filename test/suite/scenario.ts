import type { Outcome, Phase, UpgradeState } from '../../src/outcome.ts';
import type { ClusterObject } from '../support/normalise.ts';

/** A mesh to start from: the testbed's shop on Istio 1.30.3, with this revision; `default` is the unrevisioned one. */
export type MeshRevision = '1-30-3' | 'default';

/** The clusters that scenarios run on. */
export const CLUSTERS = ['embedded', 'testbed'] as const;
export type ClusterKind = (typeof CLUSTERS)[number];

/** An object as findings name it: `Kind namespace/name`, or `Kind name`. */
export type Ref = string;

/**
 * One story: what is there, what happens, and what must be true after each act. Plain data: no functions, no patterns, so
 * that it can be printed, compared and played anywhere.
 */
export interface Scenario {
  /** Kebab-case, its own. */
  readonly id: string;
  /** What it shows, one sentence. */
  readonly shows: string;
  readonly mesh: MeshRevision;
  /**
   * How the cluster is when it ends. `as-it-was` is checked (all objects, normalised), and another scenario may follow on
   * the same cluster; after `changed` none does.
   */
  readonly leaves: 'as-it-was' | 'changed';
  /**
   * On the testbed it is played only when all are asked for (`SCENARIOS=all`): there it takes a minute, and what it adds to
   * the others is for the embedded cluster to watch day by day. `never`: it needs what only the embedded cluster has.
   */
  readonly testbed?: 'if-asked' | 'never';
  /** On either cluster only when all are asked for: its parts are shown by others, and the whole run has its time. */
  readonly played?: 'if-asked';
  /**
   * While the Action runs on the testbed somebody asks all the time whether pods are injected and Istio's objects validated,
   * and whether control planes and gateways have a ready pod. It fails where that was once not so. `if-asked`: only when all
   * are asked for, because so many questions keep a processor busy.
   */
  readonly probed?: 'always' | 'if-asked';
  readonly acts: readonly Act[];
}

export type Act = RunAct | EventAct | KeepAct;

/** A phase is run, as a job would. */
export interface RunAct {
  readonly run: Phase;
  /** By their names in action.yml. `version` is given to precheck and canary where it is not here. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** `short`: the run's timeout is as short as this cluster allows, because it is meant to run into it. */
  readonly patience?: 'short';
  readonly credential?: Credential;
  /** Where istioctl comes from: by default the cluster's mirror, whose checksums are right. */
  readonly mirror?: 'corrupt';
  /** The same run again must be `no-changes`, with the record and without it, and must write nothing. */
  readonly again?: boolean;
  readonly then: AfterRun;
}

/** What the run is given as its kubeconfig. */
export type Credential =
  | 'admin'
  /** `admin`, who acts as somebody that may something by his extra fields alone (`as-user-extra`). */
  | 'acting'
  /** May nothing. */
  | 'viewer'
  /** The empty text, as in a pull request from a fork. */
  | 'none'
  | 'server-not-there'
  | 'other-authority'
  | 'token-not-taken'
  /** Its server's certificate is not to be checked. */
  | 'server-not-proved'
  /** It names a program that is not installed. */
  | 'plugin-not-there';

/** Somebody else does something to the cluster, or it has a fault. */
export interface EventAct {
  readonly event: Event;
  readonly then?: AfterAct;
}

/** The cluster as it is now gets a name, to be compared with later. The one at the beginning is `start`. */
export interface KeepAct {
  readonly keep: string;
}

export type Event =
  /** `makes` waits until somebody else has made that workload of it, and its pods are ready. */
  | { readonly create: ClusterObject; readonly makes?: Ref }
  /** A namespace is waited for until it has gone, but for one that `hangs`. */
  | { readonly delete: Ref; readonly hangs?: true }
  /** A merge patch; `rolled-out` waits until the workload's pods have it. */
  | { readonly patch: Ref; readonly with: object; readonly until?: 'rolled-out' }
  /** Waits until the pods are there and ready, or gone. */
  | { readonly scale: Ref; readonly to: number }
  /** Deletes an object and remembers it. */
  | { readonly take: Ref }
  /** Puts an object back that was taken, in place of what is there by now. */
  | { readonly giveBack: Ref }
  /** By somebody who has the istioctl of the old release, or that of `version`. In a scenario with a probe, this is probed, too. */
  | { readonly istioctl: readonly string[]; readonly version?: string }
  /** Runs the command that a remedy of the last run gives; what it leaves open, such as VERSION, is filled in. */
  | { readonly obey: FindingId; readonly fill?: Readonly<Record<string, string>> }
  /** Another run holds the lock and shows life, until it is free. */
  | { readonly lock: 'held' | 'free' }
  /** The workload's pods have a fault from when that revision injects them. */
  | { readonly fault: Fault; readonly workload: Ref; readonly revision: string }
  | { readonly heal: Ref }
  /** Waits until no pod or workload changes any more, whether all is well or not. */
  | { readonly quiet: true }
  /** Waits until every proxy of a revision is connected to its istiod, which its pod does not show. */
  | { readonly connected: string };

/** What a workload's pods suffer from. */
export type Fault =
  /** They run, and never get ready. */
  | 'never-ready'
  /** Their image cannot be pulled. */
  | 'image-pull'
  /** They are ready, but their proxies acknowledge nothing that istiod sends. */
  | 'proxy-stale';

export type FindingId = string;

/** What must be true after any act. */
export interface AfterAct {
  /** Which proxies run where: `revision@version` by namespace. A namespace that is not named must have none. */
  readonly dataPlane?: Readonly<Record<string, string>>;
  /** Who istiod says is connected to a revision: all pods with a proxy, some, or none. */
  readonly connected?: Readonly<Record<string, 'all' | 'some' | 'none'>>;
  /** The revision that has the default tag and the default validator. */
  readonly default?: string;
  /** Labels of namespaces, all but the one that holds the name. */
  readonly labels?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly same?: string;
  readonly differs?: string;
  readonly exists?: readonly Ref[];
  /** The objects that carry the label of a revision are exactly these, and no webhook asks its istiod. */
  readonly remains?: { readonly of: string; readonly are: readonly Ref[] };
  /** Version of the proxy that a pod would get that is born in a namespace now. */
  readonly born?: Readonly<Record<string, string>>;
  /** Istio's objects are validated: a wrong one is denied. */
  readonly validates?: true;
}

/** What must be true after a run. Its exit code must suit the outcome, always. */
export interface AfterRun extends AfterAct {
  readonly outcome: Outcome;
  readonly state?: UpgradeState | '';
  /** Ids of the findings that are errors, in order, without doubles; none where they are not named. */
  readonly errors?: readonly FindingId[];
  /** Objects of the errors, in order. */
  readonly about?: readonly (Ref | null)[];
  /** For each there is an error that fits. */
  readonly says?: readonly Saying[];
  /** Warnings and notes that are among its findings, as `id object` or `id`. */
  readonly tells?: readonly string[];
  readonly outputs?: Readonly<Record<string, string>>;
  /** `no-write`: nothing was to be persisted (promise 1). `nothing`: no request was sent at all. */
  readonly asked?: 'no-write' | 'nothing';
  /** What its steps (would) change, in words. */
  readonly changes?: { readonly has: readonly string[]; readonly lacks: readonly string[] };
  /** Objects whose content was not changed during the run, not even for a moment, by the API server's count of its changes. */
  readonly steady?: readonly Ref[];
  /** Texts that are in no log, summary or output. */
  readonly hides?: readonly string[];
  /** Whether it is the attempt of the last run that had one. */
  readonly attempt?: 'same' | 'new';
}

/** An error as it is told. `{context}` stands for the kubeconfig's current context. */
export interface Saying {
  readonly id: FindingId;
  /** A pod's name without what Kubernetes adds to it: `Pod storefront/cart-*`. */
  readonly object?: Ref;
  /** Texts that are all in the message. */
  readonly message?: readonly string[];
  /** Texts of which one is in the message. */
  readonly oneOf?: readonly string[];
  /** Words of the remedy that the next act follows. */
  readonly remedy?: string;
}
