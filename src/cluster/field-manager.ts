/** Field manager of every write, so that `kubectl get --show-managed-fields` names the writer. */
export const FIELD_MANAGER = 'istio-upgrade';
