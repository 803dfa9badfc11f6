/** When each session was last heard: kept in memory, written every few seconds in one statement. */
import type { Logger } from '@sigec/runtime';
import { type Database, type Heard, touchStations } from '@sigec/store';

const EVERY_MS = 5_000;

export class LastSeen {
  #heard = new Map<number, { -readonly [K in keyof Heard]: Heard[K] }>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Database,
    private readonly logger: Logger,
  ) {
    this.#timer = setInterval(() => this.#flush(), EVERY_MS);
  }

  /** In order of time. One entry per station is made between two writes, however many messages there are. */
  note(stationId: number, epoch: number, edgeId: string, at: number): void {
    const known = this.#heard.get(stationId);
    if (known === undefined) this.#heard.set(stationId, { stationId, epoch, edgeId, at });
    else {
      known.epoch = epoch;
      // A fresh copy of the same name would only be one more thing for the garbage collector to follow.
      if (known.edgeId !== edgeId) known.edgeId = edgeId;
      known.at = at;
    }
  }

  #flush(): void {
    this.#writing = this.#writing.then(async () => {
      const heard = [...this.#heard.values()];
      this.#heard = new Map();
      try {
        await touchStations(this.db, heard);
      } catch (error) {
        this.logger.warn({ err: error, stations: heard.length }, 'last-seen times not written');
      }
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    await this.#writing;
  }
}
