/**
 * Attempts to log in, by e-mail and address together: guesses from elsewhere never keep a person out. Without the cache
 * nobody is let in, as no session could begin; so there is nothing to guess, and nothing to count, while it is away.
 */
import { createHash } from 'node:crypto';
import type { Cache } from '@sigec/cache';
import { networkOf } from '@sigec/runtime';
import { ProblemError } from '../problem.js';
import { refusalHeaders, type Standing } from './limit-headers.js';

/** Attempts per e-mail and address in a window. */
const ATTEMPTS = 10;
const WINDOW_MS = 15 * 60_000;

/** Hashed: the cache holds no list of addresses of people. */
function keyOf(email: string, address: string): string {
  const who = createHash('sha256')
    .update(`${email.toLowerCase()}\n${networkOf(address)}`)
    .digest('base64url');
  return `limit:login:${who}`;
}

export class LoginLimit {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** Counts an attempt. @throws {ProblemError} `too-many-attempts` */
  async attempt(email: string, address: string): Promise<Standing> {
    const { taken, left, resetMs } = await this.#cache.take(keyOf(email, address), 1, ATTEMPTS, WINDOW_MS);
    const standing = { limit: ATTEMPTS, remaining: left, resetMs };
    if (taken === 0) throw new ProblemError('too-many-attempts', { headers: refusalHeaders(standing) });
    return standing;
  }

  /** The attempt was good: what came before is forgotten. */
  async forget(email: string, address: string): Promise<void> {
    await this.#cache.delete(keyOf(email, address));
  }
}
