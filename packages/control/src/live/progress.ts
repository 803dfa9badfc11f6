/**
 * How running transactions stand: energy and cost, which move with every meter value and are no events, as that would write a
 * row more for each. They are read every two seconds for the people and stations that somebody watches, in one statement.
 */
import { type Logger, type Repeating, repeat } from '@sigec/runtime';
import { type Database, type ProgressRow, watchedTransactions } from '@sigec/store';
import { iso } from '../wire/common.js';
import { Told } from './told.js';

const EVERY_MS = 2_000;

/** Whoever watches: a person's transactions, or those at stations, or a person's at stations. */
export interface Watcher {
  readonly tenantId: number;
  readonly userId: string | undefined;
  readonly stations: ReadonlySet<string> | undefined;
  readonly hear: (told: Told) => void;
}

export class Progress {
  readonly #db: Database;
  /** What each was told last of each transaction: when it changed. */
  readonly #watchers = new Map<Watcher, Map<number, number>>();
  readonly #looking: Repeating;

  constructor(db: Database, logger: Logger) {
    this.#db = db;
    this.#looking = repeat('live progress', EVERY_MS, logger, async () => {
      if (this.#watchers.size > 0) await this.#look();
      return false;
    });
  }

  /** Is told at once how all of them stand, and then what moves. */
  watch(watcher: Watcher): void {
    this.#watchers.set(watcher, new Map());
    this.#looking.poke();
  }

  unwatch(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  close(): Promise<void> {
    return this.#looking.close();
  }

  async #look(): Promise<void> {
    const users = new Map<string, readonly [number, string]>();
    const stations = new Map<string, readonly [number, number]>();
    for (const { tenantId, userId, stations: named = [] } of this.#watchers.keys())
      if (userId !== undefined) users.set(`${tenantId}/${userId}`, [tenantId, userId]);
      else for (const id of named) stations.set(`${tenantId}/${id}`, [tenantId, Number(id)]);
    const rows = await watchedTransactions(this.#db, [...users.values()], [...stations.values()]);
    const byUser = grouped(rows, ({ tenantId, userId }) => `${tenantId}/${userId}`);
    const byStation = grouped(rows, ({ tenantId, stationId }) => `${tenantId}/${stationId}`);
    const texts = new Map<ProgressRow, Told>();
    for (const [watcher, told] of this.#watchers) {
      const { tenantId, userId, stations: named } = watcher;
      const theirs =
        userId !== undefined
          ? (byUser.get(`${tenantId}/${userId}`) ?? []).filter((row) => named?.has(String(row.stationId)) !== false)
          : [...(named ?? [])].flatMap((id) => byStation.get(`${tenantId}/${id}`) ?? []);
      const running = new Set<number>();
      for (const row of theirs) {
        running.add(row.id);
        if (told.get(row.id) === row.updatedAt) continue;
        told.set(row.id, row.updatedAt);
        const text = texts.get(row) ?? toldOf(row);
        texts.set(row, text);
        watcher.hear(text);
      }
      for (const id of told.keys()) if (!running.has(id)) told.delete(id);
    }
  }
}

function grouped(rows: readonly ProgressRow[], keyOf: (row: ProgressRow) => string): Map<string, ProgressRow[]> {
  const groups = new Map<string, ProgressRow[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

const toldOf = (row: ProgressRow): Told =>
  new Told('progress', {
    transaction_id: String(row.id),
    device_id: String(row.stationId),
    evse_id: row.evseId,
    connector_id: row.connectorId,
    status: row.status,
    energy_wh: row.energyMwh / 1000,
    cost: { amount_minor: row.costMinor, currency: row.currency },
    at: iso(new Date(row.updatedAt)),
  });
