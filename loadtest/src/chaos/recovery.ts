/** The room of answers in time: how long nobody was answered, and how soon after a fault's end all was well again. */

export interface Recovery {
  /** From the end of the fault to the N-th message of money answered after it, ms; null where that never came. */
  readonly answeredMs: number | null;
  /** Longest time without any answer from the fault's beginning to its recovery, ms. */
  readonly silentMs: number;
  /** From the end of the fault until chargers keep no more than usual, ms; null where that never came. */
  readonly drainedMs: number | null;
  /** Answers while it lasted. */
  readonly during: number;
}

export class AckTimes {
  readonly #times: number[] = [];
  readonly #samples: { readonly at: number; readonly waiting: number }[] = [];

  /** @param now of a clock that never goes back, ms */
  add(now: number): void {
    this.#times.push(now);
  }

  /** How many messages chargers keep now. */
  sample(at: number, waiting: number): void {
    this.#samples.push({ at, waiting });
  }

  get count(): number {
    return this.#times.length;
  }

  /** @param fromMs and `toMs` are the beginning and the end of the fault. @param wanted how many answers are all well, and messages that wait */
  recovery(fromMs: number, toMs: number, wanted: number): Recovery {
    const first = this.#after(toMs);
    const nth = this.#times[first + wanted - 1];
    const until = nth ?? this.#times.at(-1) ?? toMs;
    let silentMs = 0;
    let last = fromMs;
    for (let k = this.#after(fromMs); k < this.#times.length; k++) {
      const at = this.#times[k]!;
      silentMs = Math.max(silentMs, at - last);
      last = at;
      if (at >= until) break;
    }
    const answeredMs = nth === undefined ? null : Math.round(nth - toMs);
    const drained = this.#samples.find(({ at, waiting }) => at > toMs && waiting <= wanted);
    const drainedMs = drained === undefined ? null : Math.round(drained.at - toMs);
    return { answeredMs, drainedMs, silentMs: Math.round(silentMs), during: first - this.#after(fromMs) };
  }

  /** Index of the first that is later. */
  #after(time: number): number {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#times[middle]! > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
