/**
 * Requests of one person over all processes. A process takes a block of a person's minute from the cache and spends it
 * without asking again, so most requests cost a subtraction. What a process took and did not spend is lost to the others
 * until the minute ends: a twentieth of the limit at most, for each.
 */
import type { Cache } from '@sigec/cache';
import type { Clock, Logger } from '@sigec/runtime';
import { ProblemError } from '../problem.js';
import { refusalHeaders, type Standing } from './limit-headers.js';

const WINDOW_MS = 60_000;
const BLOCKS = 20;
/** People at once; the one that came first goes when there are more, with what is left of its block. */
const MAX_PEOPLE = 10_000;
/** After a failure the cache is not asked for so long: requests go through meanwhile, as nothing is known. */
const PAUSE_MS = 1000;

interface Purse {
  /** What this process may still spend. */
  tokens: number;
  /** What the cache still had when it was last asked. */
  left: number;
  /** Of the monotonic clock. */
  until: number;
  asking: Promise<void> | undefined;
}

export class UserLimits {
  readonly #cache: Cache;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limit: number;
  readonly #block: number;
  readonly #purses = new Map<string, Purse>();
  /** Until when the cache is taken to be away. */
  #open = Number.NEGATIVE_INFINITY;

  /** @param limit a minute; 0 takes the limit off */
  constructor(deps: { readonly cache: Cache; readonly clock: Clock; readonly logger: Logger }, limit: number) {
    this.#cache = deps.cache;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#limit = limit;
    this.#block = Math.ceil(limit / BLOCKS);
  }

  /**
   * Counts one request. A promise only where the cache has to be asked; undefined where there is nothing to say.
   * @throws {ProblemError} `too-many-requests`
   */
  spend(userId: string): Standing | undefined | Promise<Standing | undefined> {
    if (this.#limit === 0) return undefined;
    const now = this.#clock.monotonic();
    const purse = this.#purses.get(userId);
    if (purse === undefined || purse.until <= now) return this.#fill(userId, purse);
    if (purse.tokens > 0 || purse.left === 0) return this.#from(purse, now);
    return this.#fill(userId, purse);
  }

  #from(purse: Purse, now: number): Standing {
    const resetMs = Math.max(0, purse.until - now);
    if (purse.tokens === 0) {
      const standing = { limit: this.#limit, remaining: 0, resetMs };
      throw new ProblemError('too-many-requests', { headers: refusalHeaders(standing) });
    }
    purse.tokens -= 1;
    return { limit: this.#limit, remaining: purse.left + purse.tokens, resetMs };
  }

  /** Those who come while the cache is asked wait for the same answer, and ask again where it was not enough for all. */
  async #fill(userId: string, known: Purse | undefined): Promise<Standing | undefined> {
    let purse = known ?? this.#add(userId);
    for (;;) {
      const now = this.#clock.monotonic();
      if (now < this.#open) return undefined;
      if (purse.until > now && (purse.tokens > 0 || purse.left === 0)) return this.#from(purse, now);
      purse.asking ??= this.#ask(userId, purse);
      await purse.asking;
      // It may have been pushed out meanwhile, and have come again with another request.
      purse = this.#purses.get(userId) ?? purse;
    }
  }

  #add(userId: string): Purse {
    const purse: Purse = { tokens: 0, left: 0, until: Number.NEGATIVE_INFINITY, asking: undefined };
    if (this.#purses.size >= MAX_PEOPLE) {
      const [oldest] = this.#purses.keys();
      if (oldest !== undefined) this.#purses.delete(oldest);
    }
    this.#purses.set(userId, purse);
    return purse;
  }

  async #ask(userId: string, purse: Purse): Promise<void> {
    try {
      const given = await this.#cache.take(`limit:user:${userId}`, this.#block, this.#limit, WINDOW_MS);
      purse.tokens = given.taken;
      purse.left = given.left;
      purse.until = this.#clock.monotonic() + given.resetMs;
    } catch {
      if (this.#clock.monotonic() >= this.#open)
        this.#logger.warn('rate limit: the cache does not answer, requests are not counted');
      this.#open = this.#clock.monotonic() + PAUSE_MS;
    } finally {
      purse.asking = undefined;
    }
  }
}
