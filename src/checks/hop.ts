import { checkHop } from '../istio/hop.ts';
import { checkKubernetes } from '../istio/kubernetes.ts';
import { parseVersion } from '../istio/version.ts';
import type { Check } from './check.ts';

/** The versions may follow each other, and Kubernetes suits the target (H43). */
export const hop: Check = ({ upgrade: { from, to }, kubernetes }) => [
  ...checkHop(parseVersion(from.version), parseVersion(to.version)),
  ...checkKubernetes(parseVersion(to.version), kubernetes),
];
