/** Writes the message log off the reply path. Under overload it is the first thing shed, and says how much. */
import { isOcppVersion, redactPayload } from '@sigec/ocpp';
import type { Logger, Metrics } from '@sigec/runtime';
import { type Database, LogBatch, type LogRow, writeMessageLog } from '@sigec/store';

const WAITING_MAX_ROWS = 50_000;
const WAITING_MAX_BYTES = 32 * 1024 * 1024;
/** People read the log, so it may be this late, ms. */
const GATHER_MS = 150;

export class LogWriter {
  readonly #db: Database;
  readonly #logger: Logger;
  readonly #dropped: { inc(by?: number): void };
  readonly #enabled: boolean;
  readonly #batch = new LogBatch();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;

  constructor(db: Database, logger: Logger, metrics: Metrics, enabled: boolean) {
    this.#db = db;
    this.#logger = logger;
    this.#enabled = enabled;
    this.#dropped = metrics.counter({ name: 'sigec_log_dropped_total', help: 'Message log rows shed or not written' });
  }

  /**
   * Secrets in the payloads of known actions are hidden before the row is kept anywhere.
   * @param version of the session; empty where whoever made the row has hidden them already
   */
  add(version: string, row: LogRow): void {
    if (!this.#enabled) return;
    if (this.#batch.rows >= WAITING_MAX_ROWS || this.#batch.bytes >= WAITING_MAX_BYTES) {
      this.#dropped.inc();
      return;
    }
    this.#batch.add(hidden(version, row));
    if (this.#timer === null && this.#writing === null) this.#timer = setTimeout(() => this.#write(), GATHER_MS);
  }

  /** Resolves when all is written. */
  async drained(): Promise<void> {
    while (this.#writing !== null || this.#batch.rows > 0) {
      if (this.#writing === null) this.#write();
      await this.#writing;
    }
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { rows } = this.#batch;
    this.#writing = writeMessageLog(this.#db, this.#batch)
      .catch((error: unknown) => {
        this.#dropped.inc(rows);
        this.#logger.warn({ err: error, rows }, 'message log not written');
      })
      .then(() => {
        this.#writing = null;
        if (this.#batch.rows > 0 && this.#timer === null) this.#timer = setTimeout(() => this.#write(), GATHER_MS);
      });
  }
}

function hidden(version: string, row: LogRow): LogRow {
  if (!isOcppVersion(version) || row.type === 'malformed') return row;
  const payload = redactPayload(version, row.action, row.payload);
  const answer = row.answer === null ? null : redactPayload(version, row.action, row.answer.payload);
  if (payload === row.payload && answer === (row.answer?.payload ?? null)) return row;
  return { ...row, payload, answer: row.answer && { ...row.answer, payload: answer ?? '' } };
}
