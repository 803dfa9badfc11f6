/** For tests: a database in memory, watched, that can be made to fail. */
import type { Database, Param, Sql } from '@sigec/store';
import { borrowPglite } from '@sigec/store/testing';

export interface Watched extends Database {
  /** Statements since the last {@link reset}. */
  statements: number;
  transactions: number;
  /** Called before a transaction commits, which waits for it; what it throws makes the commit fail. */
  onCommit: () => void | Promise<void>;
  /** Called before each statement; what it throws makes the statement fail. */
  onQuery: (text: string, params: readonly Param[]) => void;
  reset(): void;
}

export async function openWatched(): Promise<Watched> {
  const db = await borrowPglite();
  const sql = (inner: Sql): Sql => ({
    async query<Row extends object>(text: string, params: readonly Param[] = []) {
      watched.statements++;
      watched.onQuery(text, params);
      return inner.query<Row>(text, params);
    },
    async rows<Row extends unknown[]>(text: string, params: readonly Param[] = []) {
      watched.statements++;
      watched.onQuery(text, params);
      return inner.rows<Row>(text, params);
    },
  });
  const watched: Watched = {
    ...db,
    statements: 0,
    transactions: 0,
    onCommit: () => undefined,
    onQuery: () => undefined,
    ...sql(db),
    async transaction<T>(work: (tx: Sql) => Promise<T>) {
      watched.transactions++;
      return db.transaction(async (tx) => {
        const result = await work(sql(tx));
        await watched.onCommit();
        return result;
      });
    },
    reset() {
      Object.assign(watched, { statements: 0, transactions: 0, onCommit: () => undefined, onQuery: () => undefined });
    },
  };
  return watched;
}

/** Registers stations whose newest session is 1; their ids, in order. */
export async function addStations(db: Database, prefix: string, count: number, more = ''): Promise<number[]> {
  const rows = await db.query<{ id: number }>(
    `insert into station (tenant_id, identity, session_epoch, leniency)
     select 1, $1::text || n, 1, $3::text::jsonb from generate_series(1, $2::int4) n returning id`,
    [prefix, count, more === '' ? '{}' : more],
  );
  return rows.map((row) => row.id);
}

/** An error as the drivers make it, with its SQLSTATE. */
export const databaseError = (code: string): Error => Object.assign(new Error(`database says ${code}`), { code });

export async function countOf(db: Database, table: string, where = 'true'): Promise<number> {
  const [row] = await db.query<{ n: number }>(`select count(*)::int4 as n from ${table} where ${where}`);
  return row?.n ?? -1;
}
