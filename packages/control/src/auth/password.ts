/** Passwords of people: argon2id, a few at a time, because each takes 19 MiB and tens of milliseconds. */
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { ProblemError } from '../problem.js';

// OWASP's second choice, 19 MiB and two passes. Algorithm 2 is argon2id (the library's enum is const, for other compilers).
const OPTIONS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** At once in this process: what libuv's pool runs; others wait. */
const RUNNING = 4;
const WAITING = 64;

export function hashPassword(password: string): Promise<string> {
  return hash(password, OPTIONS);
}

export class PasswordChecks {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #dummy: Promise<string> | undefined;

  /**
   * True where the password is the one of `stored`. Without `stored` it takes as long and says no, so that time does
   * not tell which users there are.
   * @throws {ProblemError} `overloaded` where too many wait
   */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    await this.#enter();
    try {
      this.#dummy ??= hashPassword(randomBytes(16).toString('hex'));
      const good = await verify(stored ?? (await this.#dummy), password).catch(() => false);
      return good && stored !== undefined;
    } finally {
      // The place goes to who waits longest, without being free in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < RUNNING) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= WAITING) throw new ProblemError('overloaded', { headers: { 'retry-after': '2' } });
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
