/**
 * A bounded queue worked off in batches. A lone item waits for nobody: it starts with the turn of the event loop it came
 * in. While batches run, what arrives gathers, so the busier the lane the larger its batches.
 */
export interface LaneOptions<Item> {
  /** Most items of one batch. */
  readonly batchMax: number;
  /** Batches running at once. */
  readonly parallel: number;
  /** Most items waiting; what comes beyond is refused. */
  readonly waitingMax: number;
  /** Time to gather before a batch starts, ms; 0 where somebody waits for the result. */
  readonly gatherMs?: number;
  /** Must not reject. */
  readonly run: (batch: Item[]) => Promise<void>;
}

export class Lane<Item> {
  readonly #options: LaneOptions<Item>;
  #waiting: Item[] = [];
  /** Where the next batch begins: a long queue is not copied for each batch taken off it. */
  #head = 0;
  #running = 0;
  #scheduled = false;
  #idle: (() => void)[] = [];

  constructor(options: LaneOptions<Item>) {
    this.#options = options;
  }

  /** Items that wait for a batch. */
  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  /** False where the lane is full and the item was refused. */
  push(item: Item): boolean {
    if (this.waiting >= this.#options.waitingMax) return false;
    this.#waiting.push(item);
    this.#schedule();
    return true;
  }

  /** Resolves when nothing waits and nothing runs. */
  async drained(): Promise<void> {
    if (this.#running === 0 && this.waiting === 0) return;
    this.#start();
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled || this.#running >= this.#options.parallel) return;
    this.#scheduled = true;
    const start = () => {
      this.#scheduled = false;
      this.#start();
    };
    if (this.#options.gatherMs) setTimeout(start, this.#options.gatherMs);
    else setImmediate(start);
  }

  #start(): void {
    const { batchMax, parallel, run } = this.#options;
    while (this.#running < parallel && this.waiting > 0) {
      this.#running++;
      void run(this.#take(batchMax)).finally(() => {
        this.#running--;
        if (this.waiting > 0) this.#schedule();
        else if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
      });
    }
  }

  #take(most: number): Item[] {
    if (this.#head === 0 && this.#waiting.length <= most) {
      const all = this.#waiting;
      this.#waiting = [];
      return all;
    }
    const batch = this.#waiting.slice(this.#head, this.#head + most);
    this.#head += batch.length;
    // Each item is moved once on the average.
    if (this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return batch;
  }
}
