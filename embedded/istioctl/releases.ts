/** In what the releases that are stood in for differ; as in `accepted.ts`, from Istio's code at its release tags. */

export function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}

/** From 1.28 on a tag has a Service beside its webhook. */
export function hasTagService(version: string): boolean {
  return minorOf(version) >= 28;
}

/** From 1.31 on `tag remove default` takes the default's validator, too. */
export function removesValidator(version: string): boolean {
  return minorOf(version) >= 31;
}

/**
 * When an install takes the default tag, beside that without a revision, which always does; `never`, not even that.
 *
 * - `first`: where no injector was there before it; from 1.24 on it took its own new one for such
 * - `vacant`: where nobody has it
 */
export function takesDefault(version: string): 'never' | 'first' | 'unrevisioned' | 'vacant' {
  const minor = minorOf(version);
  if (minor < 12) return 'never';
  if (minor < 24) return 'first';
  return minor < 27 ? 'unrevisioned' : 'vacant';
}

/** From 1.12 until 1.15.3 an install without a revision takes the default tag away before it installs anything. */
export function dropsDefaultFirst(version: string): boolean {
  const minor = minorOf(version);
  return minor >= 12 && (minor < 15 || (minor === 15 && Number(version.split('.')[2]) <= 3));
}

/** From 1.26 on the values are kept in a ConfigMap. */
export function keepsValues(version: string): boolean {
  return minorOf(version) >= 26;
}

/** From 1.6 until 1.20 an install leaves what it was made of on the cluster, as an IstioOperator; 1.21 to 1.23 still define the kind. */
export function keepsOperator(version: string): boolean {
  return knowsRevisions(version) && minorOf(version) <= 20;
}

/** Until 1.5 there is one control plane, and no object or pod says which revision it is of. */
export function knowsRevisions(version: string): boolean {
  return minorOf(version) >= 6;
}

/** From 1.21 to 1.23 an install takes that IstioOperator away; later ones let it be. */
export function forgetsOperator(version: string): boolean {
  return minorOf(version) >= 21 && minorOf(version) <= 23;
}

/** From 1.8 on it applies on the server; before, it writes what it brings over what is there, and leaves the rest. */
export function appliesOnServer(version: string): boolean {
  return minorOf(version) >= 8;
}

/** The labels by which charts are known, and the one of the owner's namespace among uninstall's conditions, came with 1.24. */
export function isRewritten(version: string): boolean {
  return minorOf(version) >= 24;
}

/** Whose the validators are: until 1.10 there is one for all, which asks the control plane without a revision. */
export function validates(version: string): 'base' | 'each revision all' | 'each revision its own' {
  const minor = minorOf(version);
  if (minor <= 10) return 'base';
  return minor === 11 ? 'each revision all' : 'each revision its own';
}

/** Until 1.9 an injector is one webhook, and chooses by the namespace alone. */
export function choosesByNamespace(version: string): boolean {
  return minorOf(version) <= 9;
}

/** Accounts and roles belong to a revision since 1.11; before, all of them share the base's. */
export function hasOwnRights(version: string): boolean {
  return minorOf(version) >= 11;
}

/** From 1.7 on istioctl labels all that it installs with the revision; 1.6 only what is of istiod. */
export function labelsBase(version: string): boolean {
  return minorOf(version) >= 7;
}

/** Until 1.9 uninstall takes any component, the base too. */
export function uninstallsBase(version: string): boolean {
  return minorOf(version) <= 9;
}

/** From 1.12 on uninstall takes validators, and until 1.20 the IstioOperator of the revision. */
export function uninstallTakes(version: string, kind: string): boolean {
  const minor = minorOf(version);
  if (kind === 'ValidatingWebhookConfiguration') return minor >= 12;
  if (kind === 'IstioOperator') return minor >= 12 && minor <= 20;
  return minor >= 8 || !kind.startsWith('ClusterRole');
}

/** Until 1.17 telemetry is made by EnvoyFilters, for the proxies of its own release and of those before. */
export function hasFilters(version: string): boolean {
  return minorOf(version) <= 17;
}

/** From 1.16 on a revision that is not there is an error. */
export function missesRevision(version: string): boolean {
  return minorOf(version) >= 16;
}

/** Until 1.18 uninstall asks in a dry run, too. */
export function asksInDryRun(version: string): boolean {
  return minorOf(version) <= 18;
}

/** How uninstall's dry run begins a line; the word changed when its code was gathered in one place. */
export function spares(version: string): string {
  return minorOf(version) <= 17 ? 'Not deleting object' : 'Not pruning object';
}

/** From 1.19 on `tag set` takes the labels away by which istioctl knows its own. */
export function leavesTagsToUsers(version: string): boolean {
  return minorOf(version) >= 19;
}

/** From 1.7 on proxy-status can be asked of one revision. */
export function asksOneRevision(version: string): boolean {
  return minorOf(version) >= 7;
}

/** From 1.22 on istioctl speaks XDS with istiod, for which it needs a token. */
export function speaksXds(version: string): boolean {
  return minorOf(version) >= 22;
}

/** The JSON of precheck came with 1.20. */
export function precheckSpeaksJson(version: string): boolean {
  return minorOf(version) >= 20;
}

/** The oldest minor release of Kubernetes that a release accepts: of those until 1.16 its own, of all others the newest's. */
export function oldestKubernetes(version: string): number {
  const minor = minorOf(version);
  if (minor >= 17) return 32;
  if (minor === 16) return 22;
  if (minor >= 13) return 19;
  return minor >= 9 ? 17 : 16;
}

/**
 * The version in which `manifest generate`, which takes Kubernetes for older than it is, prints a kind that has newer ones
 * (istio#41220, istio#43117); undefined where it is the newest.
 */
export function printedAs(version: string, kind: string): string | undefined {
  const minor = minorOf(version);
  if (kind === 'PodDisruptionBudget') return minor <= 16 ? 'policy/v1beta1' : undefined;
  if (kind !== 'HorizontalPodAutoscaler' || minor >= 17) return undefined;
  return minor <= 15 ? 'autoscaling/v2beta1' : 'autoscaling/v2beta2';
}

/** Whether what is installed has disruption budgets where nothing is said of them: as the charts have it, and the newest. */
export function hasBudgets(version: string): boolean {
  return minorOf(version) <= 16 || isLater(version);
}

/**
 * How `proxy-status` answers.
 *
 * - `json`: one document of each istiod, since 1.30, where it is asked for
 * - `states`: a table with the state of some types, until 1.26
 * - `all states`: a table with the state of each type, from 1.27 on, with `-v 1`
 * - `counts`: a table that counts the types; until 1.29 whatever `-o` says
 */
export type StatusForm = 'json' | 'states' | 'all states' | 'counts';

export function statusForm(
  version: string,
  { output, verbosity }: Readonly<Record<'output' | 'verbosity', string | undefined>>,
): StatusForm {
  const minor = minorOf(version);
  if (minor <= 26) return 'states';
  if (output === 'json' && minor >= 30) return 'json';
  return verbosity === '1' ? 'all states' : 'counts';
}

/** What the table of the states lacks in older releases, and what its cells do not say yet. */
export function statusColumns(version: string): {
  /** What istiod's column is called. */
  readonly istiod: 'PILOT' | 'ISTIOD';
  readonly cluster: boolean;
  readonly extensions: boolean;
  readonly age: boolean;
} {
  const minor = minorOf(version);
  return {
    istiod: minor <= 6 ? 'PILOT' : 'ISTIOD',
    cluster: minor >= 13,
    extensions: minor >= 14,
    age: minor >= 23,
  };
}

/**
 * In what the newest release differs from the others, here and on the testbed (`laterCharts` in testbed/charts.ts), of our own
 * making: all are one code under other names, while an upgrade has to be seen to bring something (issue 14). It has
 * a CRD more, and a field more in another one, another default in the mesh configuration, another name of a port of
 * istiod's, a disruption budget more and a pair of roles less.
 */
export function isLater(version: string): boolean {
  return minorOf(version) >= 32;
}
