/** The seam to the database: what PostgreSQL and PGlite both give. The hot path speaks SQL, the rest drizzle. */
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from './schema.js';

/** A column of a set-based statement. Numbers, text and null only: both drivers write those without being told types. */
export type Column = readonly (number | string | null)[];
export type Param = number | string | null | Uint8Array | Column;

/**
 * Rows as plain objects; bigint columns are numbers (ids stay below 2^53), jsonb is parsed. Times are cast to numbers in
 * the statement (ms since 1970): what a driver makes of a bare timestamptz differs.
 */
export interface Sql {
  query<Row extends object>(text: string, params?: readonly Param[]): Promise<Row[]>;
  /** The same with rows as lists, in the order of the statement: whoever knows their shape makes objects of it far faster. */
  rows<Row extends unknown[]>(text: string, params?: readonly Param[]): Promise<Row[]>;
}

export type Drizzle = PgDatabase<PgQueryResultHKT, typeof schema>;

export interface Database extends Sql {
  readonly kind: 'postgres' | 'pglite';
  /** For reads and writes of people's tempo (REST). */
  readonly orm: Drizzle;
  /**
   * One transaction on one connection. Statements issued without awaiting one another travel together.
   * Never take a second connection inside (field.md 45): use `tx` alone.
   */
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
  /**
   * COPY ... FROM STDIN (FORMAT binary), in a transaction of its own: all rows or none.
   * @param table and `columns` are names of ours, never input
   */
  copy(table: string, columns: readonly string[], data: Uint8Array): Promise<void>;
  /** Brings the schema up to date; safe to run from several processes at once. */
  migrate(): Promise<void>;
  /** Resolves where a statement can be answered now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Whether an error is about the connection or the server's state and so may pass by itself. */
export function isTransient(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return false;
  // 08 connection, 40 rollback by deadlock or serialisation, 53 out of resources, 55P03 lock not available,
  // 57P shutdown, 25006 a server that became read-only in a fail-over; the rest are postgres.js and node:net names.
  return (
    /^(?:08|40|53|57P|55P03|25006)/.test(code) ||
    /^(?:CONNECTION_|CONNECT_|E(?:CONN|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN|(?:HOST|NET)(?:UNREACH|DOWN)))/.test(code)
  );
}

/** Whether a text was given that no text of the database can hold: one with U+0000, be it within JSON. */
export function isUnstorable(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === '22021' || code === '22P05';
}

/** Whether the database said no to whoever asked: a row behind the wall, or a table that they have no business with. */
export function isRefused(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '42501';
}
