/**
 * Which routes a path leads to. Hono's router of one regular expression is the fastest, and refuses any set in which a
 * path without parameters (`/devices/nearby`) stands beside one with (`/devices/:id`). So it gets the routes with
 * parameters, and the few paths without any, known by their text, go to the router that takes every set.
 */
import type { Result, Router } from 'hono/router';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { TrieRouter } from 'hono/router/trie-router';

export class PathRouter<T> implements Router<T> {
  readonly name = 'PathRouter';
  readonly #all = new TrieRouter<T>();
  readonly #withParameters = new RegExpRouter<T>();
  readonly #fixed = new Set<string>();

  add(method: string, path: string, handler: T): void {
    this.#all.add(method, path, handler);
    if (/[:*]/.test(path)) this.#withParameters.add(method, path, handler);
    else this.#fixed.add(path);
  }

  match(method: string, path: string): Result<T> {
    return (this.#fixed.has(path) ? this.#all : this.#withParameters).match(method, path);
  }
}
