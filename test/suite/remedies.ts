import type { FindingId } from './scenario.ts';

/**
 * How an error's remedy is tried: in a scenario that does what it says, after which a run of the same phase gets past it
 * and one ends well; or not there, and why. `by`: where the remedy sends to another phase, that one has to end well.
 */
export type Tried =
  | { readonly followed: string; readonly by?: 'promote' | 'rollback' }
  | { readonly notHere: string; readonly shown?: string };

const followed = (scenario: string): Tried => ({ followed: scenario });
const notHere = (reason: string, shown?: string): Tried => ({
  notHere: reason,
  ...(shown === undefined ? {} : { shown }),
});

const LEADS_OUT = 'its remedy leads out of this Action: the mesh is upgraded by hand, or by who owns it';
const IN_THE_MIDDLE = 'somebody has to act in the middle of a run, which scenarios have no word for';
const RENDERED = 'the stand-in of istioctl renders no such thing';
const ISTIOCTLS_WORDS = 'istioctl has to say it of the cluster, and its stand-in never does';
const FAILS = 'istioctl has to fail at one call alone, which its stand-in never does';

/** One row for each error in docs/findings.md. */
export const REMEDIES: Readonly<Record<FindingId, Tried>> = {
  'configuration-not-the-recorded': followed('in-place-forgotten-set'),
  'configuration-would-be-lost': followed('in-place-forgotten-set'),
  'downgrade-lacks-stored-version': notHere(
    'objects have to be stored anew, which the stand-in of the API server does not account for',
    'test/unit/istio/crd-downgrade.test.ts',
  ),
  'downgrade-not-in-order': notHere(LEADS_OUT, 'test/unit/istio/hop-in-place.test.ts'),
  'downgrade-loses-objects': followed('in-place-new-kind'),
  'downgrade-loses-fields': followed('in-place-new-kind'),
  'proxies-newer-than-control-plane': followed('in-place-newer-proxies'),
  'proxies-not-held': notHere(
    'an istiod has to be without its changed ConfigMap for minutes, which its stand-in never is',
  ),
  'proxy-version-untold': notHere(LEADS_OUT, 'test/unit/checks/in-place.test.ts'),
  'revisions-in-use': followed('in-place-refused-revision'),
  'way-back-unknown': { followed: 'in-place-lost-record', by: 'promote' },
  'ambient-not-yet-moved': notHere(LEADS_OUT, 'test/unit/checks.test.ts'),
  'api-server-not-proved': followed('remedy-canary'),
  cancelled: notHere(
    'scenarios do not cancel; it is followed on the testbed',
    'test/scenario/interruptions.test.ts',
  ),
  'cni-goes-with-revision': notHere(LEADS_OUT, 'test/unit/checks/cni.test.ts'),
  'cni-not-rendered': followed('cni-with-install'),
  'cni-not-with-install': notHere(LEADS_OUT, 'test/unit/istio/along.test.ts'),
  'cni-skew': followed('neighbour-cni'),
  'cni-would-be-pruned': followed('cni-with-install'),
  'canary-shows-nothing': followed('remedy-mesh'),
  'change-refused-by-policy': followed('neighbour-policy'),
  'changed-by-accident': notHere(
    'istioctl has to change what it must not, which its stand-in never does',
    'test/unit/istio/accident.test.ts',
  ),
  'changed-meanwhile': notHere(IN_THE_MIDDLE, 'test/unit/decide/difference.test.ts'),
  'cluster-not-expected': followed('remedy-inputs'),
  'cluster-troubled': notHere(
    'the server has to be at fault for longer than reads are repeated',
    'test/scenario/network.test.ts',
  ),
  'cluster-unreachable': followed('remedy-inputs'),
  'configuration-incomplete': notHere(RENDERED, 'test/unit/istio/configurations.test.ts'),
  'configuration-not-rendered': followed('remedy-configuration'),
  'configuration-other-namespace': notHere(
    'scenarios give no files, and in the input set it is refused as an input',
    'test/unit/istio/configurations.test.ts',
  ),
  'configuration-other-version': followed('remedy-configuration'),
  'configuration-placeholder': followed('remedy-configuration'),
  'configuration-renders-foreign': notHere(RENDERED, 'test/unit/istio/configurations.test.ts'),
  'configuration-renders-shared': followed('remedy-configuration'),
  'control-plane-not-ready': followed('remedy-canary'),
  'credentials-not-obtained': followed('remedy-inputs'),
  'credentials-refused': followed('remedy-inputs'),
  'current-control-plane-incomplete': followed('remedy-mesh'),
  'current-control-plane-not-ready': followed('remedy-mesh'),
  'current-version-unknown': notHere(
    'in the shop proxies tell the version where the image does not',
    'test/unit/decide/taken.test.ts',
  ),
  'default-not-moved': notHere(FAILS),
  'default-validator-dangles': notHere(IN_THE_MIDDLE),
  'default-validator-missing': followed('remedy-mesh'),
  'default-cannot-move': notHere('scenarios have no mesh that old', 'test/unit/checks/no-default.test.ts'),
  'default-webhook-missing': followed('remedy-mesh'),
  'gateway-api-too-old': notHere(ISTIOCTLS_WORDS, 'test/unit/istioctl/precheck.test.ts'),
  'gateway-claim-unclear': followed('gateway-api-unclear'),
  'gateway-label-kept-in-git': notHere(
    'Git is not in scenarios, and its remedy is to change it there',
    'test/unit/checks/api-gateways.test.ts',
  ),
  'gateway-not-taken-over': notHere('istiod has to stop taking over, which neither cluster has a fault for'),
  'gateway-not-in-configuration': followed('gateway-not-in-configuration'),
  'gateway-other-version': followed('gateway-not-in-configuration'),
  'gateway-not-healthy': notHere(
    'what is broken before is mended as anywhere else',
    'test/unit/istio/along.test.ts',
  ),
  'gateway-not-held-back': notHere('its remedy is to give other inputs', 'test/unit/istio/along.test.ts'),
  'gateway-would-be-pruned': followed('gateway-installed'),
  'gateway-would-stop': followed('gateway-would-stop'),
  'gateways-not-rendered': notHere(
    'what istioctl can’t render of gateways it can’t render of the rest, either',
    'test/unit/checks/installed-gateways.test.ts',
  ),
  'gateways-not-yet-moved': notHere(LEADS_OUT),
  'git-owns-labels': followed('remedy-mesh'),
  'goal-not-reached': notHere(IN_THE_MIDDLE, 'test/unit/istio/goal.test.ts'),
  'hop-to-other-major': notHere('its remedy is to read', 'test/unit/istio/hop.test.ts'),
  'hop-too-far': followed('remedy-inputs'),
  'old-gateway-not-supported': notHere(LEADS_OUT, 'test/unit/checks/no-default.test.ts'),
  'injection-rehearsal-failed': notHere('an injector has to be unreachable while its istiod is ready'),
  'injection-rehearsal-wrong': notHere(IN_THE_MIDDLE),
  'injectors-overlap': notHere(
    'a webhook that no istioctl makes has to be there; its remedy is to leave one',
    'test/unit/checks/namespaces.test.ts',
  ),
  'input-not-usable': followed('remedy-inputs'),
  'install-failed': notHere(
    'istioctl has to fail when all it installs is there, which its stand-in never does',
  ),
  'istioctl-changed': notHere('two programs have to come from one place', 'test/unit/istioctl/sums.test.ts'),
  'istioctl-not-acquired': followed('remedy-inputs'),
  'istioctl-not-connected': notHere(FAILS, 'test/unit/istioctl/smoke.test.ts'),
  'istioctl-not-fenced': notHere('there is no SOCKS proxy', 'test/unit/engine/session.test.ts'),
  'istioctl-not-runnable': notHere('a runner of another platform is needed'),
  'istioctl-precheck': notHere(ISTIOCTLS_WORDS, 'test/unit/istioctl/precheck.test.ts'),
  'istioctl-precheck-not-seen': notHere(FAILS),
  'kubeconfig-not-usable': followed('remedy-inputs'),
  'kubernetes-below-minimum': notHere(ISTIOCTLS_WORDS, 'test/unit/istioctl/precheck.test.ts'),
  'kubernetes-too-old': notHere('its Kubernetes has one version', 'test/unit/istio/kubernetes.test.ts'),
  'lock-lost': notHere(IN_THE_MIDDLE, 'test/scenario/interruptions.test.ts'),
  locked: followed('remedy-canary'),
  'mesh-owner-not-supported': notHere(LEADS_OUT),
  'namespace-chooses-target-already': followed('remedy-mesh'),
  'namespace-not-found': followed('remedy-inputs'),
  'namespace-not-in-mesh': followed('remedy-inputs'),
  'namespace-not-moved': notHere(IN_THE_MIDDLE),
  'no-canary': followed('remedy-promote'),
  'no-control-plane': followed('remedy-inputs'),
  'no-namespace-selected': followed('remedy-inputs'),
  'not-upgraded-along': notHere(FAILS),
  'other-revision-present': followed('remedy-mesh'),
  'other-upgrade-under-way': followed('order-other-version'),
  'out-of-time': notHere(
    'how much a run does in a time is no matter of data: waits that end have ids of their own',
    'test/unit/engine/ending.test.ts',
  ),
  'past-point-of-no-return': followed('direction-removing-forged'),
  'permission-missing': followed('remedy-permission'),
  'pod-not-ready': followed('remedy-promote'),
  'pod-will-not-move': followed('before-bare-pod'),
  'pod-without-sidecar': notHere(
    'it is an error only when a pod loses its sidecar in the middle of a run',
    'test/unit/checks.test.ts',
  ),
  'proxies-behind': notHere('it counts what `proxy-behind` does not name, which is followed'),
  'proxies-not-seen': notHere(
    'istiod has to be ready and silent, or all pods have to go in the middle of a run',
    'test/unit/istio/evidence.test.ts',
  ),
  'proxy-behind': followed('remedy-canary'),
  'record-unreadable': followed('direction-removing-forged'),
  'removal-proof-not-seen': notHere('istiod has to be ready and silent', 'test/unit/steps/denied.test.ts'),
  'removal-too-early': followed('remedy-promote'),
  'restart-loses-sidecar': followed('before-label-taken'),
  'restart-without-effect': notHere('no owner there puts a template back'),
  'revision-taken': followed('remedy-inputs'),
  'rollback-destination-not-ready': followed('fault-istiod-dies'),
  'set-value-not-usable': followed('remedy-configuration'),
  'still-connected': followed('remedy-removal'),
  'still-in-use': followed('remedy-removal'),
  'straggler-holds-removal': followed('remedy-removal'),
  'tag-dangles': followed('remedy-mesh'),
  'tag-is-a-revision': followed('remedy-inputs'),
  'target-scaled-to-zero': followed('remedy-canary'),
  'tag-not-moved': notHere('istioctl does there what it says', 'test/unit/steps/move-tags.test.ts'),
  'target-not-newer': followed('direction-older-version'),
  'target-unknown': followed('record-lost-canary'),
  'template-pins-revision': followed('remedy-removal'),
  'tls-verification-off': notHere(
    'it is in the environment of the runner, which scenarios do not set',
    'test/unit/cluster/transport.test.ts',
  ),
  'unexpected-error': notHere('its remedy is to report it', 'test/unit/engine/ending.test.ts'),
  'uninstall-incomplete': notHere(FAILS),
  'uninstall-list-not-seen': notHere(FAILS, 'test/unit/steps/denied.test.ts'),
  'uninstall-takes-shared': notHere('istioctl has to list what is not of one revision'),
  'unknown-proxy-connected': followed('remedy-removal'),
  'version-not-offered': followed('remedy-inputs'),
  'version-not-supported': notHere('no such release is there', 'test/unit/istio/dialect.test.ts'),
  'workload-not-ready': followed('remedy-promote'),
  'workload-stuck': followed('rollout-ordered-stuck'),
  'workload-will-not-move': followed('rollout-partition'),
  'wrong-state': { followed: 'remedy-promote', by: 'promote' },
};
