import type { Finding } from '../finding.ts';
import { meshNamespaces } from '../istio/moves.ts';
import type { Check } from './check.ts';

/** Every namespace chooses one control plane that is there, and nothing else decides about its labels. */
export const namespaces: Check = ({ mesh, upgrade }) =>
  meshNamespaces(mesh).flatMap(({ name, choice, injectedBy, gitOwner, labels }) => {
    const object = `Namespace ${name}`;
    const findings: Finding[] = [];
    if (injectedBy.length === 0) {
      findings.push({
        id: 'namespace-chooses-nothing',
        severity: 'error',
        object,
        message: `its labels choose a revision that nobody serves (${labels['istio.io/rev'] ?? 'default'}): its pods come without a sidecar`,
        remedy: 'Label it for a revision that is there.',
      });
    }
    if (injectedBy.length > 1) {
      findings.push({
        id: 'injectors-overlap',
        severity: 'error',
        object,
        message: `its pods are injected by ${injectedBy.join(' and ')}`,
        remedy: 'Leave one of the webhooks: see istioctl x injector list.',
      });
    }
    if (choice === 'both') {
      findings.push({
        id: 'both-injection-labels',
        severity: 'warning',
        object,
        message: `it has istio-injection=enabled and istio.io/rev=${labels['istio.io/rev'] ?? ''}; the first wins`,
        remedy:
          'Both are put back as they are when the default tag has moved. Remove istio.io/rev to be clear.',
      });
    }
    if (gitOwner !== undefined && !injectedBy.every((revision) => revision === upgrade.to.revision)) {
      findings.push({
        id: 'git-owns-labels',
        severity: 'error',
        object,
        message: `${gitOwner} tracks it, and would undo a change of its labels without a word`,
        remedy: 'Follow the default tag (istio-injection=enabled) there, or change the label in Git.',
      });
    }
    return findings;
  });
