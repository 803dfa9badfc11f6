/** The OCPP message log: written off the reply path, in time partitions. */
import type { Database } from './database.js';

export interface LogRow {
  readonly stationId: number;
  /** ms since 1970, microseconds as fraction. */
  readonly at: number;
  /** 0 = a message, 1 = the answer that was made to it. */
  readonly leg: 0 | 1;
  readonly direction: 'in' | 'out';
  readonly type: 'call' | 'result' | 'error' | 'send' | 'malformed';
  readonly messageId: string;
  readonly action: string;
  /** JSON text, or the raw frame where it was malformed. */
  readonly payload: string;
}

const INSERT = `
  insert into message_log (station_id, at, leg, direction, type, message_id, action, payload)
  select "stationId", to_timestamp(at / 1000), leg, direction, type, "messageId", action, payload
  from json_to_recordset($1::text::json) as l("stationId" int8, at float8, leg int2, direction text, type text,
    "messageId" text, action text, payload text)
  on conflict do nothing`;

/** What JSON can spell and PostgreSQL's text cannot hold: U+0000, and half of a surrogate pair. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

// The picture of the control character stands for it; half of a pair becomes what decoders make of it.
const storable = (_key: string, value: unknown) =>
  typeof value === 'string' ? value.replaceAll('\0', '\u2400').replace(/\p{Surrogate}/gu, '\uFFFD') : value;

/** Writes rows; a row that is there already stays as it was. */
export async function insertMessageLog(db: Database, rows: readonly LogRow[]): Promise<void> {
  if (rows.length === 0) return;
  const text = JSON.stringify(rows);
  await db.query(INSERT, [UNSTORABLE.test(text) ? JSON.stringify(rows, storable) : text]);
}
