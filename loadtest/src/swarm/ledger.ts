/** The room of what the CSMS has acknowledged, to be held against its database. */
import { CALL, type CallKind } from '../ocpp/calls.js';
import type { LedgerRow, LedgerTotals } from './plan.js';
import type { Station } from './station.js';

export class Ledger {
  readonly totals: LedgerTotals = { transactions: 0, started: 0, stopped: 0, messages: 0, energyWh: 0 };
  readonly #rows: LedgerRow[] = [];

  constructor(private readonly maxRows: number) {}

  /** A message of the station's transaction was acknowledged. */
  acked(st: Station, kind: CallKind): void {
    if (kind === CALL.start) st.txStarted = true;
    st.txLast = st.wh;
    st.txMessages++;
    if (kind === CALL.stop) this.close(st, true);
  }

  /** The transaction is over for the station; without an acknowledged message it never was. */
  close(st: Station, stopAcked: boolean): void {
    if (!st.txOpen) return;
    st.txOpen = false;
    if (st.txMessages === 0) return;
    const energyWh = st.txLast - st.txMeterStart;
    this.totals.transactions++;
    if (st.txStarted) this.totals.started++;
    if (stopAcked) this.totals.stopped++;
    this.totals.messages += st.txMessages;
    this.totals.energyWh += energyWh;
    if (this.#rows.length >= this.maxRows) return;
    this.#rows.push({
      station: st.identity,
      version: st.version,
      transactionId: st.tx,
      startAcked: st.txStarted,
      stopAcked,
      messages: st.txMessages,
      meterStart: st.txMeterStart,
      meterLast: st.txLast,
      energyWh,
    });
  }

  /** The rows, in parts that fit into a message. */
  *parts(): Generator<LedgerRow[]> {
    const size = 2000;
    for (let i = 0; i < this.#rows.length; i += size) yield this.#rows.slice(i, i + size);
  }
}
