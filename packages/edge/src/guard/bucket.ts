/** A token bucket: so many at once, so many a second after that. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  /**
   * @param perSecond tokens that come back each second
   * @param burst tokens that it holds at most, and at first
   * @param now ms that never go back
   */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#tokens = burst;
    this.#at = now();
  }

  /** Takes one; false where none is left. */
  take(): boolean {
    const now = this.now();
    this.#tokens = Math.min(this.burst, this.#tokens + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Gives back one that was taken for nothing. */
  giveBack(): void {
    this.#tokens = Math.min(this.burst, this.#tokens + 1);
  }
}
