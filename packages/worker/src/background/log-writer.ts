/** Writes the message log off the reply path. Under overload it is the first thing shed, and says how much. */
import { isOcppVersion, type OcppVersion, redactPayload } from '@sigec/ocpp';
import type { Logger, Metrics } from '@sigec/runtime';
import { type Database, insertMessageLog, type LogRow } from '@sigec/store';
import { Lane } from '../lane.js';

const WAITING_MAX = 50_000;
const BATCH_MAX = 2_000;
/** People read the log, so it may be this late, ms. */
const GATHER_MS = 150;

export class LogWriter {
  readonly #lane: Lane<LogRow>;
  readonly #dropped: { inc(by?: number): void };
  readonly #enabled: boolean;

  constructor(db: Database, logger: Logger, metrics: Metrics, enabled: boolean) {
    this.#enabled = enabled;
    this.#dropped = metrics.counter({ name: 'sigec_log_dropped_total', help: 'Message log rows shed or not written' });
    this.#lane = new Lane({
      batchMax: BATCH_MAX,
      parallel: 1,
      waitingMax: WAITING_MAX,
      gatherMs: GATHER_MS,
      run: async (rows) => {
        try {
          await insertMessageLog(db, rows);
        } catch (error) {
          this.#dropped.inc(rows.length);
          logger.warn({ err: error, rows: rows.length }, 'message log not written');
        }
      },
    });
  }

  /** Secrets in the payload of known actions are hidden before the row is kept anywhere. */
  add(version: string, row: LogRow): void {
    if (!this.#enabled) return;
    const payload =
      isOcppVersion(version) && row.type !== 'malformed'
        ? redactPayload(version as OcppVersion, row.action, row.payload)
        : row.payload;
    if (!this.#lane.push(payload === row.payload ? row : { ...row, payload })) this.#dropped.inc();
  }

  drained(): Promise<void> {
    return this.#lane.drained();
  }
}
