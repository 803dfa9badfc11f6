/**
 * The room of long jobs: their notifications follow each other, the last one is remembered for TriggerMessage, and a new
 * job takes the place of the one that runs.
 */
import type { JsonObject } from './json.js';
import type { StationCore } from './station.js';

export const STEP_MS = 40;

/** The job was replaced by another. */
export class Replaced extends Error {
  override readonly name = 'Replaced';
}

/** Tells the CSMS a word of the job; rejects with {@link Replaced} where there is a newer one. */
export type Tell = (status: string, more?: JsonObject) => Promise<void>;

export class Job {
  #last: JsonObject = { status: 'Idle' };
  #run = 0;
  #running = 0;

  constructor(
    readonly station: StationCore,
    private readonly action: string,
    private readonly stepMs = STEP_MS,
  ) {}

  get isRunning(): boolean {
    return this.#running > 0;
  }

  /** Does the work in place of what still runs; `extra` stands in each notification. */
  run(extra: JsonObject, work: (tell: Tell) => Promise<void>): void {
    const run = ++this.#run;
    const tell: Tell = async (status, more = {}) => {
      await this.station.timers.sleep(this.stepMs);
      if (run !== this.#run) throw new Replaced();
      this.#last = { status, ...extra, ...more };
      await this.#notify().catch(() => {});
    };
    this.#running += 1;
    this.station.background(async () => {
      try {
        await work(tell);
      } catch (error) {
        if (!(error instanceof Replaced)) throw error;
      } finally {
        this.#running -= 1;
      }
    });
  }

  /** Says the words one after the other, with nothing behind them. */
  play(steps: readonly string[], extra: JsonObject = {}): void {
    this.run(extra, async (tell) => {
      for (const status of steps) await tell(status);
    });
  }

  /** Sends the state of the job; a finished one is idle (1.6 4.5, 2.x L01/N01). */
  trigger(): void {
    const { status } = this.#last;
    if (status === 'Installed' || status === 'Uploaded' || status === 'Published') this.#last = { status: 'Idle' };
    this.station.background(() => this.#notify());
  }

  #notify(): Promise<JsonObject> {
    return this.station.link.call(this.action, this.#last);
  }
}
