import { type Kind, RESOURCES } from './resource.ts';

/** What a request is for, in words: `patch deployments.apps shop/cart`. */
export function what(verb: string, kind: Kind, name?: string, namespace?: string): string {
  const object = [namespace, name].filter((part) => part !== undefined).join('/');
  const { plural, group } = RESOURCES[kind];
  return `${verb} ${group === '' ? plural : `${plural}.${group}`}${object === '' ? '' : ` ${object}`}`;
}
