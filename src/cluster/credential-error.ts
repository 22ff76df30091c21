/** The credential that the kubeconfig names could not be had: a plugin or a file failed. No server was asked. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}
