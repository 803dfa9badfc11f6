/** The OCPP message log: written off the reply path, in time partitions, by COPY, which costs half of what INSERT does. */
import type { Database } from './database.js';

export interface LogAnswer {
  readonly type: 'result' | 'error';
  /** ms since 1970, microseconds as fraction. */
  readonly at: number;
  readonly payload: string;
}

/** A message, and the answer that was made to it where it is known by then. */
export interface LogRow {
  readonly stationId: number;
  /** ms since 1970, microseconds as fraction. */
  readonly at: number;
  readonly direction: 'in' | 'out';
  readonly type: 'call' | 'result' | 'error' | 'send' | 'malformed';
  readonly messageId: string;
  readonly action: string;
  /** JSON text, or the raw frame where it was malformed. */
  readonly payload: string;
  readonly answer: LogAnswer | null;
}

const COLUMNS = [
  ...['station_id', 'at', 'direction', 'type', 'message_id', 'action', 'payload'],
  ...['answer_type', 'answered_at', 'answer'],
];
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
/** PostgreSQL counts microseconds from the year 2000. */
const EPOCH_MS = 946_684_800_000;
const FIRST_BYTES = 64 * 1024;
/** Of a row beside its texts. */
const ROW_BYTES = 128;

/**
 * Rows in the form that COPY takes (binary), written as they are added: nothing of them is kept as objects, which a
 * garbage collector would carry along until they are written.
 */
export class LogBatch {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at = 0;
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#at;
  }

  add(row: LogRow): void {
    const { answer } = row;
    const chars = row.messageId.length + row.action.length + row.payload.length + (answer?.payload.length ?? 0);
    // A character of UTF-16 is three bytes of UTF-8 at most.
    this.#room(ROW_BYTES + chars * 3);
    if (this.#at === 0) this.#at = SIGNATURE.copy(this.#bytes);
    this.#at = this.#bytes.writeInt16BE(COLUMNS.length, this.#at);
    this.#int8(row.stationId);
    this.#time(row.at);
    this.#text(row.direction);
    this.#text(row.type);
    this.#text(row.messageId);
    this.#text(row.action);
    this.#text(row.payload);
    if (answer === null) {
      // Three nulls.
      this.#at = this.#bytes.fill(0xff, this.#at, this.#at + 12) && this.#at + 12;
    } else {
      this.#text(answer.type);
      this.#time(answer.at);
      this.#text(answer.payload);
    }
    this.#rows++;
  }

  /** All that was added, ended; the batch is empty afterwards. */
  take(): Uint8Array {
    this.#room(2);
    this.#at = this.#bytes.writeInt16BE(-1, this.#at);
    const data = this.#bytes.subarray(0, this.#at);
    // The bytes now belong to whoever writes them. What comes next will be about as much.
    this.#bytes = Buffer.allocUnsafe(Math.max(FIRST_BYTES, this.#at));
    this.#at = 0;
    this.#rows = 0;
    return data;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }

  #int8(value: number): void {
    const bytes = this.#bytes;
    this.#at = bytes.writeInt32BE(8, this.#at);
    this.#at = bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), this.#at);
    this.#at = bytes.writeUInt32BE(value >>> 0, this.#at);
  }

  #time(ms: number): void {
    this.#int8(Math.round((ms - EPOCH_MS) * 1000));
  }

  #text(value: string): void {
    // The picture of the control character stands for what PostgreSQL's text has no place for.
    const text = value.includes('\0') ? value.replaceAll('\0', '\u2400') : value;
    const length = this.#bytes.write(text, this.#at + 4);
    this.#at = this.#bytes.writeInt32BE(length, this.#at) + length;
  }
}

/** Writes all rows of a batch, and empties it. */
export async function writeMessageLog(db: Database, batch: LogBatch): Promise<void> {
  if (batch.rows > 0) await db.copy('message_exchange', COLUMNS, batch.take());
}
