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

/** Least characters of a password that a person chooses. */
export const LEAST_PASSWORD = 10;

/** What is wrong with a password that a person chooses, undefined where nothing is (NIST SP 800-63B section 5.1.1.2). */
export function passwordFault(password: string, { email, name }: { email: string; name: string }): string | undefined {
  if ([...password].length < LEAST_PASSWORD) return `must be at least ${LEAST_PASSWORD} characters`;
  const low = password.toLowerCase();
  const mailbox = email.toLowerCase().split('@')[0] ?? '';
  const words = [mailbox, name.toLowerCase(), ...name.toLowerCase().split(/\s+/), 'sigec', 'password', 'senha'];
  const own = words.filter((word) => word.length > 3).sort((a, b) => b.length - a.length);
  const rest = own.reduce((text, word) => text.replaceAll(word, ''), low);
  // What is left of it has to be a password by itself.
  if (new Set(rest).size < 5) return 'is too easy to guess';
  return undefined;
}

/** Passwords that are checked and hashed, some at a time. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #dummy: Promise<string> | undefined;

  /**
   * True where the password is the one of `stored`. Without `stored` it takes as long and says no, so that time does
   * not tell which users there are.
   * @throws {ProblemError} `overloaded` where too many wait
   */
  matches(stored: string | undefined | null, password: string): Promise<boolean> {
    return this.#inTurn(async () => {
      this.#dummy ??= hashPassword(randomBytes(16).toString('hex'));
      const good = await verify(stored ?? (await this.#dummy), password).catch(() => false);
      return good && typeof stored === 'string';
    });
  }

  /** @throws {ProblemError} `overloaded` where too many wait */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => hashPassword(password));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
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
