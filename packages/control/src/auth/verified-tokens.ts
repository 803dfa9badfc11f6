/**
 * Tokens whose signature was found good, until their own end. What a token says cannot change and nothing but time ends
 * it, so that it need not be verified again. Found by the whole token: one that differs in a letter is another.
 */

/** Tokens kept, of at most 2 KB each; beyond, the one known for longest is verified again when it comes. */
const MAX_TOKENS = 10_000;

interface Entry<T> {
  readonly value: T;
  readonly until: number;
}

export class VerifiedTokens<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #max: number;

  constructor(max = MAX_TOKENS) {
    this.#max = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @param until the token's `exp`, s since 1970: from then on it is not good (RFC 7519 section 4.1.4) */
  add(token: string, value: T, until: number): void {
    if (this.#entries.size >= this.#max && !this.#entries.has(token)) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(token, { value, until });
  }

  /** @param now s since 1970 */
  get(token: string, now: number): T | undefined {
    const entry = this.#entries.get(token);
    if (entry === undefined) return undefined;
    if (entry.until > now) return entry.value;
    this.#entries.delete(token);
    return undefined;
  }
}
