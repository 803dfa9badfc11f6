/**
 * Attempts to get in, or to have mail sent. Those to log in are counted by e-mail and address together: guesses from elsewhere
 * never keep a person out. Without the cache nobody is let in, as no session could begin; so there is nothing to guess, and
 * nothing to count, while it is away.
 */
import { createHash } from 'node:crypto';
import type { Cache } from '@sigec/cache';
import { networkOf } from '@sigec/runtime';
import { ProblemError } from '../problem.js';
import { refusalHeaders, type Standing } from './limit-headers.js';

const QUARTER_MS = 15 * 60_000;

/** How often each may be tried, by whatever it is counted. */
const BUDGETS = {
  /** E-mail and address. */
  login: { attempts: 10, windowMs: QUARTER_MS },
  /** Address. */
  register: { attempts: 20, windowMs: 60 * 60_000 },
  /** Address: to ask for mail. */
  mail: { attempts: 20, windowMs: QUARTER_MS },
  /** E-mail: to be sent mail. */
  mailbox: { attempts: 3, windowMs: QUARTER_MS },
  /** Address: to show one-time tokens and codes. */
  proof: { attempts: 30, windowMs: QUARTER_MS },
  /** Address: to begin and end logins by a provider. */
  provider: { attempts: 100, windowMs: QUARTER_MS },
  /** Person, wherever they come from: six digits are few, and whoever guesses them knows the password already. */
  code: { attempts: 6, windowMs: QUARTER_MS },
  /** Person: their own password, asked for again. */
  password: { attempts: 10, windowMs: QUARTER_MS },
} as const;
export type Budget = keyof typeof BUDGETS;

/** Hashed: the cache holds no list of addresses of people. */
function keyOf(budget: Budget, who: readonly string[]): string {
  return `limit:${budget}:${createHash('sha256').update(who.join('\n')).digest('base64url')}`;
}

export class LoginLimit {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** Counts an attempt to log in. @throws {ProblemError} `too-many-attempts` */
  attempt(email: string, address: string): Promise<Standing> {
    return this.#spend('login', [email.toLowerCase(), networkOf(address)]);
  }

  /** Counts by the network of an address. @throws {ProblemError} `too-many-attempts` */
  byAddress(budget: 'register' | 'mail' | 'proof' | 'provider', address: string): Promise<Standing> {
    return this.#spend(budget, [networkOf(address)]);
  }

  /** Counts by a person. @throws {ProblemError} `too-many-attempts` */
  byPerson(budget: 'code' | 'password', userId: string): Promise<Standing> {
    return this.#spend(budget, [userId]);
  }

  /** Counts by whom mail would be sent to, whether they exist or not. @throws {ProblemError} `too-many-attempts` */
  byMailbox(email: string): Promise<Standing> {
    return this.#spend('mailbox', [email.toLowerCase()]);
  }

  /** The attempt was good: what came before is forgotten. */
  async forget(email: string, address: string): Promise<void> {
    await this.#cache.delete(keyOf('login', [email.toLowerCase(), networkOf(address)]));
  }

  async forgetPerson(budget: 'code' | 'password', userId: string): Promise<void> {
    await this.#cache.delete(keyOf(budget, [userId]));
  }

  async #spend(budget: Budget, who: readonly string[]): Promise<Standing> {
    const { attempts, windowMs } = BUDGETS[budget];
    const { taken, left, resetMs } = await this.#cache.take(keyOf(budget, who), 1, attempts, windowMs);
    const standing = { limit: attempts, remaining: left, resetMs };
    if (taken === 0) throw new ProblemError('too-many-attempts', { headers: refusalHeaders(standing) });
    return standing;
  }
}
