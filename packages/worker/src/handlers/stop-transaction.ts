/** StopTransaction (1.6 section 4.10). A stop without its start becomes a provisional session (field.md 30). */
import { endTransaction, meter, type TransactionState } from '@sigec/domain';
import { parseTimestamp, type RequestOf } from '@sigec/ocpp';
import { type Call, define } from '../handler.js';
import type { Unit } from '../unit.js';
import { begin } from './begin.js';
import { authorizeValue, idTagInfo } from './id-token.js';
import { clocked, placed, reading, registerMWh, sampled16 } from './samples.js';
import { needsStarter, stoppedBy } from './stopped-by.js';

type Stop = RequestOf<'ocpp1.6', 'StopTransaction'>;

const STOP = { of: 'stop' } as const;

const orphanKey = (p: Stop) => `stop|${p.transactionId}|${p.timestamp}|${p.meterStop}`;

/**
 * A charger that never heard its number stops 0 or -1 (field.md 29). Where one single session of that card runs there
 * and its register fits, that is the one.
 */
function guess(unit: Unit, stationId: number, stop: Stop): TransactionState | undefined {
  if (stop.transactionId > 0) return undefined;
  const mWh = registerMWh(stop.meterStop, 'Wh') ?? -1;
  const fitting = unit
    .activeTransactions(stationId)
    .filter((t) => (stop.idTag === undefined || stop.idTag === t.idToken) && (t.register.last?.mWh ?? 0) <= mWh);
  return fitting.length === 1 ? fitting[0] : undefined;
}

function orphan(call: Call<Stop>, unit: Unit, stoppedAt: number): TransactionState {
  const { payload } = call;
  return begin(call, unit, (id) => `orphan-${id}`, {
    // Which connector it was, nobody says any more: 0 is the station as a whole.
    evseId: 0,
    connectorId: 0,
    startKey: orphanKey(payload),
    idToken: payload.idTag ?? null,
    startedAt: Math.min(
      stoppedAt,
      ...(payload.transactionData ?? []).map((d) => parseTimestamp(d.timestamp, stoppedAt).ms),
    ),
    flags: ['orphan'],
  });
}

export const stopTransaction16 = define('ocpp1.6', 'StopTransaction', {
  kind: 'durable',
  needs({ stationId, payload }, needs) {
    needs.transaction(stationId, String(payload.transactionId));
    needs.startKey(stationId, orphanKey(payload));
    if (payload.transactionId <= 0) needs.activeTransactions(stationId);
    if (payload.idTag !== undefined) {
      needs.idToken(stationId, payload.idTag);
      needsStarter(needs, stationId, String(payload.transactionId));
    }
    needs.newTransaction(stationId, String(payload.transactionId), orphanKey(payload));
  },
  handle(call, unit) {
    const { stationId, payload, receivedAt } = call;
    const time = parseTimestamp(payload.timestamp, receivedAt);
    const open =
      unit.transaction(stationId, String(payload.transactionId)) ??
      unit.transactionByStartKey(stationId, orphanKey(payload)) ??
      guess(unit, stationId, payload) ??
      orphan(call, unit, time.ms);
    const ended = endTransaction(open, time.ms, payload.reason ?? 'Local');
    // The same object comes back where the end was known: then this is a repetition, and only the answer is made again.
    if (ended !== open) {
      const data = sampled16(payload.transactionData ?? [], receivedAt);
      const stopMWh = registerMWh(payload.meterStop, 'Wh');
      const end = stopMWh === null ? [] : [reading(time, stopMWh, 2)];
      const by = payload.idTag === undefined ? ended : stoppedBy(unit, ended, payload.idTag, false);
      const metered = meter(by, [...data.readings, ...end]);
      unit.putTransaction(clocked(metered, data.clockBad || time.quality === 'server_time'));
      const { id, evseId, connectorId } = ended;
      unit.addMeterValues(placed(data.values, { transactionId: id, stationId, evseId, connectorId }));
    }
    return payload.idTag === undefined
      ? {}
      : { idTagInfo: idTagInfo(authorizeValue(unit, stationId, payload.idTag, STOP)) };
  },
});
