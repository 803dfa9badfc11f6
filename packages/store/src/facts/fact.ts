/** What a family of messages adds to a batch: rows that it writes, and rows that it looks up. */
import type { Sql } from '../database.js';

/** One kind of row that chargers tell beside their transactions. One statement writes any number of them. */
export interface Fact<Row> {
  write(tx: Sql, rows: readonly Row[]): Promise<unknown>;
}

/** One kind of row that handlers look up by its key, all of a batch at once; the statement must be a look-up by index. */
export interface Lookup<Key, State> {
  keyOf(key: Key): string;
  /** @returns what was found, by {@link Lookup.keyOf} */
  read(tx: Sql, keys: readonly Key[]): Promise<ReadonlyMap<string, State>>;
}
