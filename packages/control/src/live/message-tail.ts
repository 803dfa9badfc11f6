/**
 * The OCPP messages of stations that somebody watches. The log is written by COPY beside the way of the messages, so it is read
 * here, once a second, for those stations alone: while nobody watches nothing is asked, published or kept.
 */
import { type Logger, type Repeating, repeat } from '@sigec/runtime';
import { type Database, type TailRow, tailMessages } from '@sigec/store';
import { toMessage } from '../wire/message.js';
import { Told } from './told.js';

const EVERY_MS = 1_000;
/** Rows are written after their time: by the workers' pause, their batches, and what clocks differ by. */
const LATE_MICROS = 10_000_000;
/** Exchanges of one station in one look. */
const MOST = 500;
/** Stations that are watched at once in this process. */
export const MAX_WATCHED = 500;

export type Hearer = (told: Told) => void;

interface Watched {
  readonly hearers: Set<Hearer>;
  /** The newest that was seen, µs since 1970. */
  newest: number;
  /** Those that a further look would find again, with their time. */
  readonly seen: Map<string, number>;
}

export class MessageTail {
  readonly #db: Database;
  readonly #stations = new Map<number, Watched>();
  readonly #looking: Repeating;

  constructor(db: Database, logger: Logger) {
    this.#db = db;
    this.#looking = repeat('live messages', EVERY_MS, logger, async () => {
      await this.#look();
      return false;
    });
  }

  /** False where enough stations are watched already. */
  watch(stationIds: readonly number[], hearer: Hearer): boolean {
    const fresh = stationIds.filter((id) => !this.#stations.has(id));
    if (this.#stations.size + fresh.length > MAX_WATCHED) return false;
    for (const id of stationIds) {
      const known = this.#stations.get(id);
      if (known !== undefined) known.hearers.add(hearer);
      // What was logged before is asked of REST; that which is late is not told again.
      else
        this.#stations.set(id, {
          hearers: new Set([hearer]),
          newest: Date.now() * 1000 + LATE_MICROS,
          seen: new Map(),
        });
    }
    return true;
  }

  unwatch(stationIds: readonly number[], hearer: Hearer): void {
    for (const id of stationIds) {
      const known = this.#stations.get(id);
      known?.hearers.delete(hearer);
      if (known?.hearers.size === 0) this.#stations.delete(id);
    }
  }

  close(): Promise<void> {
    return this.#looking.close();
  }

  async #look(): Promise<void> {
    const asked = Array.from(this.#stations, ([id, { newest }]) => ({ id, since: newest - LATE_MICROS }));
    for (const row of await tailMessages(this.#db, asked, MOST)) this.#tell(row);
    for (const watched of this.#stations.values())
      for (const [key, at] of watched.seen) if (at < watched.newest - LATE_MICROS) watched.seen.delete(key);
  }

  #tell({ stationId, message }: TailRow): void {
    const watched = this.#stations.get(stationId);
    if (watched === undefined) return;
    const { atMicros, leg, direction, messageId } = message;
    const key = `${atMicros}/${leg}/${direction}/${messageId}`;
    if (watched.seen.has(key)) return;
    watched.seen.set(key, atMicros);
    watched.newest = Math.max(watched.newest, atMicros);
    const told = new Told('message', { device_id: String(stationId), message: toMessage(message) });
    for (const hearer of watched.hearers) hearer(told);
  }
}
