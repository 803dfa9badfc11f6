/** NotifySettlement: what a payment terminal settled with its payment provider. 2.1 C21 to C24. */
import { toMinor } from '@sigec/domain';
import { parseTimestamp } from '@sigec/ocpp';
import { CallRefused, define } from '../../handler.js';

export const notifySettlement21 = define('ocpp2.1', 'NotifySettlement', {
  kind: 'durable',
  needs({ stationId, payload }, needs) {
    needs.look('settlementOf', { stationId, pspRef: payload.pspRef });
    if (payload.transactionId !== undefined) needs.transaction(stationId, payload.transactionId);
  },
  // The answer has a receipt only where we made one; the station's own is not told back to it.
  handle({ stationId, payload, receivedAt }, unit) {
    const { pspRef, status, transactionId } = payload;
    const transaction = transactionId === undefined ? undefined : unit.transaction(stationId, transactionId);
    // The message names no currency: it is that of the session, or ours.
    const { currency } = transaction?.tariff ?? unit.settings.tariff;
    const amount = toMinor(payload.settlementAmount, currency);
    if (amount === undefined) throw new CallRefused('property', 'settlementAmount: too large');
    const key = { stationId, pspRef };
    const before = unit.found('settlementOf', key);
    const told = { status, amountMinor: amount.minor };
    const isSame = before?.status === status && before.amountMinor === amount.minor;
    if (isSame) return {};
    const shown = {
      psp_ref: pspRef,
      transaction_id: transaction === undefined ? null : String(transaction.id),
      amount: { amount_minor: amount.minor, currency },
    };
    if (before?.status === 'Settled') {
      // Money that was settled is never told away; people look at what came instead.
      if (!before.conflict) {
        unit.add('settlementConflict', key);
        unit.know('settlementOf', key, { ...before, conflict: true });
        unit.tell(stationId, 'settlement.conflict', { ...shown, status });
      }
      return {};
    }
    unit.know('settlementOf', key, { ...key, ...told, currency, conflict: false });
    unit.add('settlement', {
      ...key,
      ...told,
      currency,
      conflict: false,
      tenantId: unit.station(stationId).tenantId,
      ocppTransactionId: transactionId ?? null,
      transactionId: transaction?.id ?? null,
      statusInfo: payload.statusInfo ?? null,
      rounded: amount.rounded,
      settledAt: parseTimestamp(payload.settlementTime, receivedAt).ms,
      receiptId: payload.receiptId ?? null,
      receiptUrl: payload.receiptUrl ?? null,
      vatNumber: payload.vatNumber ?? null,
      vatCompany: payload.vatCompany === undefined ? null : { ...payload.vatCompany },
    });
    unit.tell(stationId, `settlement.${status.toLowerCase()}`, shown);
    return {};
  },
});
