/** The room of what an answer changes at the station: registration, the transaction, the ledger. */
import { type Json, verdictOf } from '../ocpp/answers.js';
import { actionOf, CALL, type CallKind } from '../ocpp/calls.js';
import type { Engine } from './engine.js';
import type { Station } from './station.js';

const MIN_BOOT_MS = 1000;
const MAX_BOOT_MS = 30_000;

/**
 * Takes an answer in. Returns for how many milliseconds the station has to wait before its next step, which is so
 * after a boot that was not accepted.
 */
export function settle(engine: Engine, st: Station, kind: CallKind, payload: Json | null): number {
  if (payload !== null) {
    const verdict = verdictOf(payload);
    if (verdict !== null) engine.recorder.verdict(actionOf(st.version, kind), verdict);
  }
  if (kind === CALL.boot && payload !== null && payload.status !== 'Accepted') {
    st.setupPc = 0;
    return Math.min(Math.max(Number(payload.interval) * 1000, MIN_BOOT_MS), MAX_BOOT_MS);
  }
  if (kind === CALL.start && st.version === '1.6' && payload !== null) st.tx = String(payload.transactionId);
  if (kind === CALL.start || kind === CALL.meter || kind === CALL.stop) {
    if (st.txOpen) engine.ledger.acked(st, kind);
  }
  return 0;
}
