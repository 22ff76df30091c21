import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../objects.ts';
import { Refusal, badRequest } from './refusal.ts';

/** One page of a list. */
export interface Page {
  readonly items: readonly KubeObject[];
  /** The version of the whole list: all its pages show the objects as they were then. */
  readonly version: number;
  /** Asks for the next page; empty with the last one. */
  readonly next: string;
}

/** So many lists that were begun are remembered. */
const OPEN = 100;

/** Lists in pages: each page is cut from the list as it was when it was begun. */
export class Pages {
  readonly #rests = new Map<string, { readonly items: readonly KubeObject[]; readonly version: number }>();

  first(items: readonly KubeObject[], version: number, limit: string | undefined): Page {
    return this.#cut(items, version, limit);
  }

  /** @throws Refusal with code 410 for a list that was begun too long ago */
  next(token: string, limit: string | undefined): Page {
    const rest = this.#rests.get(token);
    if (rest === undefined) {
      throw new Refusal(
        410,
        'Expired',
        'The provided continue parameter is too old to display a consistent list result.',
      );
    }
    return this.#cut(rest.items, rest.version, limit);
  }

  #cut(items: readonly KubeObject[], version: number, limit: string | undefined): Page {
    const size = limit === undefined ? items.length : Number(limit);
    if (!Number.isInteger(size) || size < 0) throw badRequest(`limit: Invalid value: "${String(limit)}"`);
    if (size === 0 || items.length <= size) return { items, version, next: '' };
    const token = randomUUID();
    this.#rests.set(token, { items: items.slice(size), version });
    const [oldest] = this.#rests.keys();
    if (this.#rests.size > OPEN && oldest !== undefined) this.#rests.delete(oldest);
    return { items: items.slice(0, size), version, next: token };
  }
}
