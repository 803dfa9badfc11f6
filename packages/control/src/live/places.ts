/**
 * Named sets of stations that somebody's subscription is narrowed to: a site, a group, or what a tenant publishes to drivers. Events name
 * stations only, so the sets are held in memory, each once however many ask for it, and read anew every few seconds.
 */
import { type Logger, type Repeating, repeat } from '@sigec/runtime';
import { type Database, type Place, stationsOfPlaces } from '@sigec/store';

/** A station that was put into a site is part of it after this long at most. */
const REFRESH_MS = 15_000;

interface Held {
  readonly place: Place;
  holders: number;
  stations: ReadonlySet<string>;
}

export function placeKey({ tenantId, site, group }: Place): string {
  if (group !== null) return `${tenantId}:${group}`;
  return site === null ? `${tenantId}` : `${tenantId}/${site}`;
}

export class Places {
  readonly #db: Database;
  readonly #held = new Map<string, Held>();
  readonly #refreshing: Repeating;

  constructor(db: Database, logger: Logger) {
    this.#db = db;
    this.#refreshing = repeat('live places', REFRESH_MS, logger, async () => {
      if (this.#held.size > 0) await this.#read([...this.#held.values()]);
      return false;
    });
  }

  /** Resolves once they are known. Each is held until {@link release}. */
  async hold(places: readonly Place[]): Promise<void> {
    const fresh: Held[] = [];
    for (const place of places) {
      const key = placeKey(place);
      const known = this.#held.get(key);
      if (known !== undefined) known.holders += 1;
      else {
        const made: Held = { place, holders: 1, stations: new Set() };
        this.#held.set(key, made);
      }
      // One that another is just reading may not have been read yet.
      fresh.push(this.#held.get(key) as Held);
    }
    try {
      await this.#read(fresh);
    } catch (error) {
      this.release(places);
      throw error;
    }
  }

  release(places: readonly Place[]): void {
    for (const place of places) {
      const key = placeKey(place);
      const held = this.#held.get(key);
      if (held === undefined) continue;
      held.holders -= 1;
      if (held.holders === 0) this.#held.delete(key);
    }
  }

  has(key: string, stationId: string): boolean {
    return this.#held.get(key)?.stations.has(stationId) === true;
  }

  close(): Promise<void> {
    return this.#refreshing.close();
  }

  async #read(held: readonly Held[]): Promise<void> {
    const rows = await stationsOfPlaces(
      this.#db,
      held.map(({ place }) => place),
    );
    const sets = new Map<string, Set<string>>(held.map(({ place }) => [placeKey(place), new Set()]));
    for (const row of rows) sets.get(placeKey(row))?.add(String(row.id));
    for (const one of held) one.stations = sets.get(placeKey(one.place)) ?? new Set();
  }
}
