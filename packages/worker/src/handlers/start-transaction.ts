/** StartTransaction (1.6 section 4.8). Known again by its natural key, and then answered alike (field.md 31). */
import { meter } from '@sigec/domain';
import { parseTimestamp, type RequestOf } from '@sigec/ocpp';
import { define } from '../handler.js';
import { needsReservation, useReservation } from './authorisation/reservations.js';
import { begin, closeForgotten } from './begin.js';
import { authorizeValue, idTagInfo } from './id-token.js';
import { reading, registerMWh } from './samples.js';

const keyOf = (p: RequestOf<'ocpp1.6', 'StartTransaction'>) =>
  `start|${p.connectorId}|${p.idTag}|${p.timestamp}|${p.meterStart}`;

export const startTransaction16 = define('ocpp1.6', 'StartTransaction', {
  kind: 'durable',
  needs({ stationId, payload }, needs) {
    needs.startKey(stationId, keyOf(payload));
    needs.activeTransactions(stationId);
    needs.idToken(stationId, payload.idTag);
    needsReservation(needs, stationId, payload.reservationId);
    needs.newTransaction(stationId, null, keyOf(payload));
  },
  handle(call, unit) {
    const { stationId, payload, receivedAt } = call;
    const known = unit.transactionByStartKey(stationId, keyOf(payload));
    const place = { evseId: payload.connectorId, connectorId: 1 };
    const authorization = authorizeValue(unit, stationId, payload.idTag, {
      of: 'start',
      ...place,
      ...(known && { known }),
    });
    if (known) return { transactionId: Number(known.ocppTransactionId), idTagInfo: idTagInfo(authorization) };
    const time = parseTimestamp(payload.timestamp, receivedAt);
    // The transaction is real even where the token is refused: 1.6 wants an id, and energy may flow (section 4.8).
    const fresh = begin(call, unit, String, {
      ...place,
      startKey: keyOf(payload),
      idToken: payload.idTag,
      userId: authorization.token?.userId ?? null,
      startedAt: time.ms,
      flags: [
        ...(authorization.verdict === 'Accepted' ? [] : (['unauthorized'] as const)),
        ...(time.quality === 'server_time' ? (['clock'] as const) : []),
      ],
    });
    const mWh = registerMWh(payload.meterStart, 'Wh');
    closeForgotten(unit, fresh);
    unit.putTransaction(mWh === null ? fresh : meter(fresh, [reading(time, mWh, 0)]));
    useReservation(unit, stationId, payload.reservationId, fresh.id);
    return { transactionId: fresh.id, idTagInfo: idTagInfo(authorization) };
  },
});
