/** What can go wrong with the cache. */

/** The cache is away, closed, or refused. It holds nothing of what was sent: that may be a secret. */
export class CacheUnavailableError extends Error {
  override readonly name = 'CacheUnavailableError';
  /** Trying again can help. */
  readonly temporary = true;
  constructor(readonly reason: string) {
    super(`the cache is away (${reason})`);
  }
}
