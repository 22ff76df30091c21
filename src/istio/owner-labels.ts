import { LABEL_COMPONENT, LABEL_VERSION, type Labels } from './names.ts';

/** The labels by which istioctl knows its own, and which it does not render but adds when it installs. */
export function ownerLabelsOf(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([label]) => isOwnerLabel(label)));
}

function isOwnerLabel(label: string): boolean {
  return (
    /^(install\.)?operator\.istio\.io\//.test(label) && label !== LABEL_COMPONENT && label !== LABEL_VERSION
  );
}
