/** Files by which a step talks to the runner: this process until its end, its children never. */
const RUNNER_FILES = /^GITHUB_(ENV|PATH|OUTPUT|STATE|STEP_SUMMARY)$/;

/**
 * By which a step proves to others which workflow it is, where the job may (`id-token: write`). No child sees them but
 * the exec plugin of a kubeconfig, which trades them for a credential: kubelogin (AKS), Teleport's tbot, Vault. An
 * allow-list: the runner's other `ACTIONS_*` (caches, artifacts, results) are of no use to any plugin.
 */
export const IDENTITY_OF_WORKFLOW: readonly string[] = [
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
];

/**
 * Variables that a child must not see. A list of what is dropped rather than of what is kept: which variables the
 * exec plugin of a kubeconfig needs (`AWS_*`, `AZURE_*`, `GOOGLE_*`, `CLOUDSDK_*`, proxies, certificates, its own)
 * can't be known, and a missing one fails in ways nobody understands.
 */
const DROPPED: readonly RegExp[] = [
  // The Action's inputs, the kubeconfig and `set` values among them, and its state.
  /^INPUT_/i,
  /^STATE_/,
  // The runner's own tokens: caches, artifacts, and identities of this workflow.
  /^ACTIONS_/,
  /^(GITHUB|GH)(_ENTERPRISE)?_TOKEN$/,
  // Files through which a child could set outputs, or variables and PATH of later steps.
  RUNNER_FILES,
  // Override istioctl's flags behind our back, namespace and revision included (Istio's istioctl/cmd/root.go). The
  // second is given anew to istioctl: src/istioctl/environment.ts.
  /^ISTIOCTL_/i,
  /^ISTIOCONFIG$/,
  // Meant for this process.
  /^NODE_OPTIONS$/,
];

/**
 * Takes out of our own environment what no child must see, once it is read, should one be started without
 * `childEnvironment`. What an exec plugin is given by name stays.
 */
export function withholdFromChildren(env: Record<string, string | undefined>): void {
  for (const name of Object.keys(env)) {
    if (isDropped(name) && !isKept(name)) Reflect.deleteProperty(env, name);
  }
}

function isKept(name: string): boolean {
  return RUNNER_FILES.test(name) || IDENTITY_OF_WORKFLOW.includes(name);
}

function isDropped(name: string): boolean {
  return DROPPED.some((pattern) => pattern.test(name));
}

/** The environment for a child: ours without what it must not see, and with a terminal that has no colours. */
export function childEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => !isDropped(name));
  const defined = kept.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(defined), TERM: 'dumb', NO_COLOR: '1' };
}
