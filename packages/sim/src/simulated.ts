/**
 * The room of long jobs that are only played: no file is fetched or sent, the notifications of a job follow each
 * other quickly, and the last one is remembered for TriggerMessage.
 */
import type { JsonObject } from './json.js';
import type { StationCore } from './station.js';

const STEP_MS = 40;

export const FIRMWARE_STEPS = ['Downloading', 'Downloaded', 'Installing', 'Installed'];
export const UPLOAD_STEPS = ['Uploading', 'Uploaded'];

export class Job {
  #last: JsonObject = { status: 'Idle' };
  #run = 0;

  constructor(
    private readonly station: StationCore,
    private readonly action: string,
  ) {}

  /** Plays the steps in place of those that still run; `extra` stands in each notification. */
  play(steps: readonly string[], extra: JsonObject = {}, done: () => void = () => {}): void {
    const run = ++this.#run;
    this.station.background(async () => {
      for (const status of steps) {
        await this.station.timers.sleep(STEP_MS);
        if (run !== this.#run) return;
        this.#last = { status, ...extra };
        await this.#notify().catch(() => {});
      }
      done();
    });
  }

  /** Sends the state of the job; a finished one is idle (1.6 4.5, 2.x L01/N01). */
  trigger(): void {
    const { status } = this.#last;
    if (status === 'Installed' || status === 'Uploaded') this.#last = { status: 'Idle' };
    this.station.background(() => this.#notify());
  }

  #notify(): Promise<JsonObject> {
    return this.station.link.call(this.action, this.#last);
  }
}
