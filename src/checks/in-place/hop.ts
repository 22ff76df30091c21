import { checkHopInPlace } from '../../istio/hop-in-place.ts';
import { checkKubernetes } from '../../istio/kubernetes.ts';
import { parseVersion } from '../../istio/version.ts';
import type { Check } from '../check.ts';

/** The versions may follow each other in place, and Kubernetes suits the target (H43, T01). */
export const hopInPlace: Check = ({ upgrade: { from, to }, kubernetes, asked }) => [
  ...checkHopInPlace(parseVersion(from.version), parseVersion(to.version), asked.allowDowngrade),
  ...checkKubernetes(parseVersion(to.version), kubernetes),
];
