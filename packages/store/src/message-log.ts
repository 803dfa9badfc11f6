/** The OCPP message log: written off the reply path, in time partitions. */
import { columns } from './batch/columns.js';
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
  select station_id, to_timestamp(at / 1000), leg, direction, type, message_id, action, payload
  from unnest($1::int8[], $2::float8[], $3::int2[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    as l(station_id, at, leg, direction, type, message_id, action, payload)
  on conflict do nothing`;

// PostgreSQL's text cannot hold U+0000; a charger can send it. The picture of the control character stands for it.
const printable = (text: string) => (text.includes('\0') ? text.replaceAll('\0', '\u2400') : text);

/** Writes rows; a row that is there already stays as it was. */
export async function insertMessageLog(db: Database, rows: readonly LogRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    INSERT,
    columns(
      rows,
      (r) => r.stationId,
      (r) => r.at,
      (r) => r.leg,
      (r) => r.direction,
      (r) => r.type,
      (r) => printable(r.messageId),
      (r) => printable(r.action),
      (r) => printable(r.payload),
    ),
  );
}
