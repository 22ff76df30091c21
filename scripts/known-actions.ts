/**
 * The inputs that our workflows give to actions of others, as these have them at the commit that is pinned. actionlint
 * knows actions by tag only, so without this table a misspelt one would be seen first where it runs.
 */
export const KNOWN_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'actions/attest-build-provenance': ['subject-path'],
  'actions/cache': ['path', 'key', 'restore-keys'],
  'actions/checkout': ['persist-credentials'],
  'actions/download-artifact': ['name', 'path'],
  'actions/setup-go': ['go-version', 'cache'],
  'actions/setup-node': ['node-version'],
  'actions/upload-artifact': ['name', 'path', 'if-no-files-found'],
  'aws-actions/configure-aws-credentials': ['role-to-assume', 'aws-region', 'role-duration-seconds'],
  'azure/login': ['client-id', 'tenant-id', 'subscription-id'],
  // Of its three parts together.
  'github/codeql-action': ['languages', 'queries', 'sarif_file'],
  'google-github-actions/auth': ['workload_identity_provider', 'service_account', 'create_credentials_file'],
  'google-github-actions/setup-gcloud': ['install_components'],
  'helm/kind-action': ['cluster_name'],
  'ossf/scorecard-action': ['results_file', 'results_format', 'publish_results'],
};
