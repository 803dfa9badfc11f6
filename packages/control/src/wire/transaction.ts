/** Transactions as the API shows them: energy in Wh, money in minor units. */
import { z } from '@hono/zod-openapi';
import { costOf, type SessionRegister, type Tariff } from '@sigec/domain';
import type { LivePower, TransactionDetailRow, TransactionView } from '@sigec/store';
import { Bill, toBill } from './bill.js';
import { IdField, IdText, iso, listOf, Money, PageQuery, Time, TimeInput } from './common.js';
import { Code } from './connect.js';
import { TariffWords, wordsOf } from './tariff.js';

const Status = z.enum(['started', 'charging', 'suspended', 'stopped', 'completed']);

export const Transaction = z
  .object({
    id: IdText,
    device_id: IdText,
    device_identity: z.string(),
    evse_id: z.int(),
    connector_id: z.int(),
    ocpp_transaction_id: z.string().openapi({ description: "The charger's own id." }),
    ocpp_version: z.string(),
    id_token: z.string().nullable(),
    user_id: z.string().nullable(),
    status: Status,
    start_time: Time,
    end_time: Time.nullable(),
    meter_start_wh: z.number().nullable(),
    meter_stop_wh: z.number().nullable(),
    energy_wh: z.number(),
    cost: Money,
    tariff: z
      .object({
        currency: z.string(),
        per_kwh_minor: z.number(),
        id: IdText.optional(),
        version: z.int().optional(),
        name: z.string().optional(),
      })
      .openapi({ description: 'As it was when the session began. Without an id: the built-in one.' }),
    stop_reason: z.string().nullable(),
    flags: z.array(z.string()).openapi({ description: 'What billing should look at, e.g. `orphan`, `register_jump`.' }),
  })
  .openapi('Transaction');

const TransactionTold = z
  .object({
    offline: z.boolean().openapi({ description: 'Whether the charger was offline in any of it.' }),
    reservation_id: z.int().nullable(),
    stop_token: z.string().nullable().openapi({
      description: "Who stopped it, where it is not who began it. Drivers are told their own, and not others' cards.",
    }),
    start_trigger: z.string().nullable().openapi({ example: 'Authorized' }),
    stop_trigger: z.string().nullable(),
    last_trigger: z.string().nullable(),
    charging_state: z.string().nullable(),
    charging_seconds: z.int().nullable(),
    phases_used: z.int().nullable(),
    cable_max_a: z.int().nullable(),
    operation_mode: z.string().nullable().openapi({ description: 'OCPP 2.1.', example: 'CentralSetpoint' }),
    tariff_id: z.string().nullable().openapi({ description: 'OCPP 2.1: the tariff that the charger reckons with.' }),
    limit: z
      .object({
        cost: z.number().nullable(),
        energy_wh: z.number().nullable(),
        seconds: z.int().nullable(),
        soc_percent: z.int().nullable(),
      })
      .nullable(),
    preconditioning: z.string().nullable(),
    evse_sleep: z.boolean().nullable(),
    cost_details: z
      .unknown()
      .openapi({ description: "OCPP 2.1: the charger's own reckoning. `cost` is what is billed." }),
    ongoing: z.boolean().nullable().openapi({ description: "The charger's answer to GetTransactionStatus." }),
    messages_queued: z.boolean().nullable(),
    status_at: Time.nullable(),
  })
  .openapi('TransactionDetail');

export const TransactionWhole = Transaction.extend({
  detail: TransactionTold.nullable().openapi({ description: 'What the charger told beside its meter.' }),
  bill: Bill.openapi({ description: 'What `cost` is made of; while it runs, up to what was heard last.' }),
  tariff_description: TariffWords,
}).openapi('TransactionWhole');

export const TransactionList = listOf('TransactionList', Transaction);

export const MyTransaction = Transaction.extend({
  power_w: z
    .number()
    .nullable()
    .openapi({ description: 'What it draws, as the meter told last; null where nothing runs.' }),
  power_at: Time.nullable(),
}).openapi('MyTransaction');
export const MyTransactionList = listOf('MyTransactionList', MyTransaction);

export const StartBody = z
  .strictObject({
    code: Code.optional().openapi({ description: 'What is printed on the station, instead of device_id and evse_id.' }),
    device_id: IdField.optional(),
    evse_id: z.int().min(1).max(65_535).optional().openapi({ description: 'In OCPP 1.6 the connector.' }),
    connector_id: z.int().min(1).max(65_535).optional().openapi({
      description: 'For people: OCPP starts an EVSE, and the driver chooses the plug.',
    }),
    id_token: z.string().min(1).max(36).optional().openapi({
      description: "Whose charging it is. Absent: the caller's own token. An operator's word makes a new value known.",
    }),
  })
  .superRefine(({ code, device_id, evse_id }, context) => {
    const wrong = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (code !== undefined) {
      if (device_id !== undefined || evse_id !== undefined) wrong('code', 'says the device and EVSE by itself');
      return;
    }
    if (device_id === undefined) wrong('device_id', 'must be given, or a code');
    if (evse_id === undefined) wrong('evse_id', 'must be given, or a code');
  })
  .openapi('StartTransaction');

export const StartPending = z
  .object({ id: z.null(), status: z.literal('accepted') })
  .openapi('StartPending', { description: 'The charger accepted, and charging has not begun yet.' });

export const StopAnswer = z
  .object({
    id: IdText,
    status: Status,
    total_energy: z.number().openapi({ description: 'Wh; the same as energy_wh.' }),
    energy_wh: z.number(),
    cost: Money,
    end_time: Time.nullable(),
    stop_reason: z.string().nullable(),
  })
  .openapi('StopAnswer');

export const ActiveQuery = PageQuery.extend({ device_id: IdField.optional() });
export const MyTransactionsQuery = PageQuery.extend({
  active: z.enum(['true', 'false']).optional().openapi({ description: 'Those that run, or those that ended.' }),
});
export const HistoryQuery = ActiveQuery.extend({
  user: z.uuid().optional(),
  from: TimeInput.optional().openapi({ description: 'Started at or after.' }),
  to: TimeInput.optional().openapi({ description: 'Started before.' }),
});

function toSnapshot({ currency, perKwhMinor, id, version, name }: Tariff): z.infer<typeof Transaction>['tariff'] {
  return {
    ...{ currency, per_kwh_minor: perKwhMinor },
    ...(id !== undefined && { id: String(id), version, name }),
  };
}

/** Whole mWh to Wh, with up to three decimals. */
const wh = (mWh: number): number => mWh / 1000;

export function toTransaction(row: TransactionView): z.infer<typeof Transaction> {
  return {
    id: String(row.id),
    device_id: String(row.stationId),
    device_identity: row.identity,
    evse_id: row.evseId,
    connector_id: row.connectorId,
    ocpp_transaction_id: row.ocppTransactionId,
    ocpp_version: row.version,
    id_token: row.idToken,
    user_id: row.userId,
    status: row.status,
    start_time: iso(row.startedAt),
    end_time: iso(row.endedAt),
    meter_start_wh: row.meterStartMwh === null ? null : wh(row.meterStartMwh),
    meter_stop_wh: row.meterStopMwh === null ? null : wh(row.meterStopMwh),
    energy_wh: wh(row.energyMwh),
    cost: { amount_minor: row.costMinor, currency: row.currency },
    tariff: toSnapshot(row.tariff),
    stop_reason: row.stopReason,
    flags: row.flags,
  };
}

export function toMyTransaction(row: TransactionView, live: LivePower | undefined): z.infer<typeof MyTransaction> {
  const power = { power_w: live?.powerW ?? null, power_at: iso(live === undefined ? null : new Date(live.at)) };
  return { ...toTransaction(row), ...power };
}

function toDetail(row: TransactionDetailRow): z.infer<typeof TransactionTold> {
  const { maxCost, maxEnergyWh, maxSeconds, maxSoc } = row;
  const limited = maxCost !== null || maxEnergyWh !== null || maxSeconds !== null || maxSoc !== null;
  return {
    offline: row.offline ?? false,
    reservation_id: row.reservationId,
    stop_token: row.stopToken,
    start_trigger: row.startTrigger,
    stop_trigger: row.stopTrigger,
    last_trigger: row.lastTrigger,
    charging_state: row.chargingState,
    charging_seconds: row.secondsCharging,
    phases_used: row.phasesUsed,
    cable_max_a: row.cableMaxA,
    operation_mode: row.operationMode,
    tariff_id: row.tariffId,
    limit: limited ? { cost: maxCost, energy_wh: maxEnergyWh, seconds: maxSeconds, soc_percent: maxSoc } : null,
    preconditioning: row.preconditioning,
    evse_sleep: row.evseSleep,
    cost_details: row.costDetails ?? null,
    ongoing: row.ongoing,
    messages_queued: row.messagesQueued,
    status_at: iso(row.statusAt),
  };
}

/** What its cost is made of. */
export function toBillOf({ startedAt, endedAt, tariff }: TransactionView, register: SessionRegister) {
  return toBill(costOf({ startedAt: startedAt.getTime(), endedAt: endedAt?.getTime() ?? null, register }, tariff));
}

export function toWhole(
  row: TransactionView,
  detail: TransactionDetailRow | undefined,
  register: SessionRegister,
): z.infer<typeof TransactionWhole> {
  return {
    ...toTransaction(row),
    detail: detail === undefined ? null : toDetail(detail),
    bill: toBillOf(row, register),
    tariff_description: wordsOf(row.tariff),
  };
}

export function toStopAnswer(row: TransactionView): z.infer<typeof StopAnswer> {
  const { id, status, energy_wh, cost, end_time, stop_reason } = toTransaction(row);
  return { id, status, total_energy: energy_wh, energy_wh, cost, end_time, stop_reason };
}
