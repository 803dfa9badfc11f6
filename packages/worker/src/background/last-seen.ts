/** When each station was last heard: kept in memory, written every few seconds in one statement. */
import type { Logger } from '@sigec/runtime';
import { type Database, touchStations } from '@sigec/store';

const EVERY_MS = 5_000;

export class LastSeen {
  #seen = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Database,
    private readonly logger: Logger,
  ) {
    this.#timer = setInterval(() => this.#flush(), EVERY_MS);
  }

  note(stationId: number, at: number): void {
    this.#seen.set(stationId, at);
  }

  #flush(): void {
    this.#writing = this.#writing.then(async () => {
      const seen = this.#seen;
      this.#seen = new Map();
      try {
        await touchStations(this.db, seen);
      } catch (error) {
        this.logger.warn({ err: error, stations: seen.size }, 'last-seen times not written');
      }
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    await this.#writing;
  }
}
