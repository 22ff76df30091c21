import type { Flaw } from './kubeconfig-error.ts';
import type { Entry } from './kubeconfig-file.ts';

/** Fields of a cluster or a user that hold a plain value. What is given to a plugin may hold anything. */
const PLAIN = [
  'server',
  'tls-server-name',
  'proxy-url',
  'certificate-authority',
  'certificate-authority-data',
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
  'token',
  'tokenFile',
  'username',
  'password',
] as const;
/** A part of these may look like anything; only where all of it is a placeholder is it one. */
const SECRET: ReadonlySet<string> = new Set(['token', 'password']);

/** Fields that are URLs: who is named before the host, with a password, is cut off before anything is looked for. */
const ADDRESSES: ReadonlySet<string> = new Set(['server', 'proxy-url']);

const PLACEHOLDER = /\$\{[^}]*\}|\$\([^)]*\)|\{\{.*?\}\}|\$\{?[A-Z_][A-Z0-9_]*|<[A-Za-z][\w .-]*>|%[A-Z_]+%/;
/** Forms that nobody's password has by chance; of all others the text is not shown: it may be a part of a secret. */
const SHOWN = /^(\$\{[^}]*\}|\{\{.*\}\}|<.*>)$/;
const SMART_QUOTES = /[“”„‟‘’‚‛«»]/;
const INVISIBLE = /[\u00a0\u200b-\u200d\u2060\ufeff]/;

/**
 * Mistakes that are recognised by what they look like, so that they are named and not what follows from them
 * (K04, K05): the output of `kubectl config view`, a template that was not filled in, quotes of a word processor.
 *
 * @param what `cluster "c"` or `user "u"`
 */
export function mistakesIn(what: string, entry: Entry): Flaw[] {
  return PLAIN.flatMap((key) => {
    const value = entry[key];
    const mistake = typeof value === 'string' ? mistakeIn(key, withoutUser(key, value)) : undefined;
    return mistake === undefined ? [] : [{ field: `${what}, ${key}`, ...mistake }];
  });
}

function mistakeIn(key: string, value: string): Omit<Flaw, 'field'> | undefined {
  if (/^(DATA\+OMITTED|REDACTED)$/.test(value.trim())) {
    return {
      words:
        'it was taken out: the kubeconfig was made with `kubectl config view`, which shows no certificates, keys or tokens',
      remedy: 'Make it with `kubectl config view --raw --flatten`.',
    };
  }
  const placeholder = placeholderIn(value);
  if (SECRET.has(key) && placeholder !== value.trim()) return undefined;
  if (placeholder !== undefined) {
    const shown = SHOWN.test(placeholder) ? ` (${placeholder})` : '';
    return {
      words: `a placeholder is left in it${shown}`,
      remedy: 'Fill it in before the kubeconfig is stored.',
    };
  }
  if (SMART_QUOTES.test(value)) {
    return {
      words: 'typographic quotes are part of the value',
      remedy: 'Use plain ones (" or \'): a word processor or a chat has changed them.',
    };
  }
  if (INVISIBLE.test(value)) {
    return {
      words: 'an invisible character is part of the value, such as a no-break space',
      remedy: 'Type the value again.',
    };
  }
  return undefined;
}

/** A URL without its user information, which ends at the last `@` before the path (as Go and `URL` read it). */
function withoutUser(key: string, value: string): string {
  return ADDRESSES.has(key) ? value.replace(/^(\s*(?:[a-z][a-z0-9+.-]*:\/\/)?)[^/?#]*@/i, '$1') : value;
}

function placeholderIn(value: string): string | undefined {
  return PLACEHOLDER.exec(value)?.[0];
}
