import type { Ref } from './scenario.ts';

/** A command that stands in a remedy, as somebody would copy it from there. */
export interface Command {
  readonly program: 'istioctl' | 'kubectl';
  readonly args: readonly string[];
}

/** What it comes to as a request. */
export type CommandRequest = { readonly remove: Ref } | { readonly patch: Ref; readonly with: object };

/** The kinds that remedies name, as kubectl writes them. */
const KINDS: Readonly<Record<string, string>> = {
  'authorizationpolicies.security.istio.io': 'AuthorizationPolicy',
  configmap: 'ConfigMap',
  deployment: 'Deployment',
  'gateways.gateway.networking.k8s.io': 'Gateway',
  namespace: 'Namespace',
  pod: 'Pod',
  'virtualservices.networking.istio.io': 'VirtualService',
  validatingwebhookconfiguration: 'ValidatingWebhookConfiguration',
};

/**
 * The last command in a text that changes something: up to a backtick, a bracket, a comma, or the end of the sentence. Where
 * istioctl asks at a terminal, the answer is yes.
 *
 * @param fill what the reader has to put in himself
 */
export function commandIn(remedy: string, fill: Readonly<Record<string, string>>): Command | undefined {
  const commands = remedy.matchAll(
    /\b(istioctl (?:tag|uninstall|install) |kubectl (?:label|annotate|delete) )(.+?)(?=[`),]|\.?$|\. )/g,
  );
  const [, start = '', rest = ''] = [...commands].at(-1) ?? [];
  const [program = '', ...args] = `${start}${rest}`.split(' ').map((word) => filled(word, fill));
  if (program === 'kubectl') return { program, args };
  if (program !== 'istioctl') return undefined;
  return { program, args: args.includes('-y') ? args : [...args, '-y'] };
}

function filled(word: string, fill: Readonly<Record<string, string>>): string {
  return Object.entries(fill).reduce((text, [name, value]) => text.replace(name, value), word);
}

/** @throws on what remedies do not give yet */
export function requestOf(args: readonly string[]): CommandRequest {
  const [verb = '', kind = '', name = '', ...more] = args;
  const known = KINDS[kind];
  if (known === undefined) throw new Error(`no remedy has named a ${kind} so far: add it to KINDS`);
  const at = more.indexOf('-n');
  const ref = `${known} ${at === -1 ? '' : `${more[at + 1] ?? ''}/`}${name}`;
  if (verb === 'delete') return { remove: ref };
  const changes = more.filter(
    (word, index) => word !== '--overwrite' && (at === -1 || index < at || index > at + 1),
  );
  const field = verb === 'label' ? 'labels' : 'annotations';
  return { patch: ref, with: { metadata: { [field]: Object.fromEntries(changes.map(changeOf)) } } };
}

/** `key=value` sets it, `key-` takes it away. */
function changeOf(word: string): [string, string | null] {
  const [key = '', value] = word.split('=');
  if (value !== undefined) return [key, value];
  if (word.endsWith('-')) return [word.slice(0, -1), null];
  throw new Error(`not a change: ${word}`);
}
