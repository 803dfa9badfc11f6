/** The room of the one timer wheel: each station has at most one entry, and a tick costs what is due in it. */

const SLOTS = 8192;
const NONE = -1;

export class Wheel {
  readonly #head = new Int32Array(SLOTS).fill(NONE);
  readonly #next: Int32Array;
  readonly #due: Float64Array;
  #tick: number;
  #size = 0;

  /**
   * @param count entries are 0 to count - 1
   * @param tickMs what due times are rounded up to
   */
  constructor(
    count: number,
    readonly tickMs: number,
    now: number,
    private readonly fire: (entry: number) => void,
  ) {
    this.#next = new Int32Array(count).fill(NONE);
    this.#due = new Float64Array(count).fill(NONE);
    this.#tick = Math.floor(now / tickMs);
  }

  get size(): number {
    return this.#size;
  }

  has(entry: number): boolean {
    return this.#due[entry] !== NONE;
  }

  /** Puts an entry in, at the first tick at or after `atMs`, and not before the next. One that is in stays as it is. */
  schedule(entry: number, atMs: number): void {
    if (this.#due[entry] !== NONE) return;
    const tick = Math.max(Math.ceil(atMs / this.tickMs), this.#tick + 1);
    this.#due[entry] = tick;
    this.#size++;
    this.#put(entry, tick);
  }

  /** Fires all that is due by `now`. */
  advance(now: number): void {
    const last = Math.floor(now / this.tickMs);
    // After a stall of more than a whole turn each slot is looked at once.
    let from = Math.max(this.#tick + 1, last - SLOTS + 1);
    for (; from <= last; from++) {
      this.#tick = from;
      this.#turn(from % SLOTS, last);
    }
  }

  #turn(slot: number, last: number): void {
    let entry = this.#head[slot]!;
    this.#head[slot] = NONE;
    while (entry !== NONE) {
      const next = this.#next[entry]!;
      const due = this.#due[entry]!;
      if (due <= last) {
        this.#due[entry] = NONE;
        this.#size--;
        this.fire(entry);
      } else this.#put(entry, due);
      entry = next;
    }
  }

  #put(entry: number, tick: number): void {
    const slot = tick % SLOTS;
    this.#next[entry] = this.#head[slot]!;
    this.#head[slot] = entry;
  }
}
