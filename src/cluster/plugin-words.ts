/**
 * What plugins say that can hold no secret, each the whole of what is quoted: the rest of stderr may be a token, a
 * request with its headers, a file's content (K07).
 */
const HARMLESS: readonly RegExp[] = [
  /no such host|could not resolve host|name or service not known|temporary failure in name resolution/i,
  /connection (?:refused|reset by peer|timed out)|network is unreachable|no route to host|i\/o timeout/i,
  /context deadline exceeded|TLS handshake timeout|proxyconnect tcp|read timed? ?out/i,
  /certificate signed by unknown authority|certificate has expired|unable to get local issuer certificate/i,
  /no such file or directory|permission denied|command not found|not found in \$?PATH|exec format error/i,
  /Unable to locate credentials|NoCredentialProviders|The config profile \(?[\w.-]{1,30}\)? could not be found/,
  /could not find default credentials|You do not currently have an active account selected/i,
  /Please run ['"`]?(?:az login|gcloud auth login|aws sso login|doctl auth init|tsh login)\b/i,
  /\b(?:ExpiredToken(?:Exception)?|InvalidClientTokenId|AccessDenied(?:Exception)?|UnrecognizedClientException|InvalidIdentityToken|RequestExpired|SignatureDoesNotMatch|Throttling(?:Exception)?)\b/,
  /\bAADSTS\d{4,7}\b/,
  /\b(?:invalid_grant|invalid_client|unauthorized_client|access_denied|invalid_scope|interaction_required)\b/,
  /Reauthentication (?:required|failed)|You must specify a region|session (?:has|is) expired/i,
  /ERROR: Active profile expired|standard input is not a terminal|unknown (?:flag|command|shorthand flag)/i,
  /\b(?:401 Unauthorized|403 Forbidden|429 Too Many Requests|50[0234] [A-Z][a-z]+(?: [A-Z][a-z]+)*)\b/,
];

/** The harmless words of a plugin's stderr, each once, in the order of what they are about; empty where there are none. */
export function harmlessWords(stderr: string): string {
  const words = HARMLESS.flatMap((pattern) => pattern.exec(stderr)?.[0] ?? []);
  return [...new Set(words)].join('; ');
}
