/** What transactions tell beside their meter (2.x TransactionEvent, and the little of it that 1.6 has). */
import type { Sql } from '../database.js';
import type { Fact } from './fact.js';

/** What is undefined was not told, and leaves what was told before. */
export interface TransactionDetail {
  readonly transactionId: number;
  /** Whether any of its events came from a charger that was offline. */
  readonly offline?: boolean | undefined;
  readonly reservationId?: number | undefined;
  /** The token that stopped it, where it is not the one that began it. */
  readonly stopToken?: string | undefined;
  readonly startTrigger?: string | undefined;
  readonly stopTrigger?: string | undefined;
  readonly lastTrigger?: string | undefined;
  readonly chargingState?: string | undefined;
  readonly secondsCharging?: number | undefined;
  readonly phasesUsed?: number | undefined;
  readonly cableMaxA?: number | undefined;
  readonly operationMode?: string | undefined;
  readonly tariffId?: string | undefined;
  readonly maxCost?: number | undefined;
  readonly maxEnergyWh?: number | undefined;
  readonly maxSeconds?: number | undefined;
  readonly maxSoc?: number | undefined;
  readonly preconditioning?: string | undefined;
  readonly evseSleep?: boolean | undefined;
  /** The charger's own reckoning, kept whole. */
  readonly costDetails?: unknown;
}

const COLUMNS: readonly (readonly [field: keyof TransactionDetail, column: string, type: string])[] = [
  ['offline', 'offline', 'boolean'],
  ['reservationId', 'reservation_id', 'int4'],
  ['stopToken', 'stop_token', 'text'],
  ['startTrigger', 'start_trigger', 'text'],
  ['stopTrigger', 'stop_trigger', 'text'],
  ['lastTrigger', 'last_trigger', 'text'],
  ['chargingState', 'charging_state', 'text'],
  ['secondsCharging', 'seconds_charging', 'int4'],
  ['phasesUsed', 'phases_used', 'int4'],
  ['cableMaxA', 'cable_max_a', 'int4'],
  ['operationMode', 'operation_mode', 'text'],
  ['tariffId', 'tariff_id', 'text'],
  ['maxCost', 'max_cost', 'float8'],
  ['maxEnergyWh', 'max_energy_wh', 'float8'],
  ['maxSeconds', 'max_seconds', 'int4'],
  ['maxSoc', 'max_soc', 'int4'],
  ['preconditioning', 'preconditioning', 'text'],
  ['evseSleep', 'evse_sleep', 'boolean'],
  ['costDetails', 'cost_details', 'json'],
];

const names = COLUMNS.map(([, column]) => column).join(', ');
const WRITE = `
  insert into transaction_detail as d (transaction_id, ${names})
  select "transactionId", ${COLUMNS.map(([field]) => `"${field}"`).join(', ')}
  from json_to_recordset($1::text::json) as t("transactionId" int8,
    ${COLUMNS.map(([field, , type]) => `"${field}" ${type}`).join(', ')})
  on conflict (transaction_id) do update set
    ${COLUMNS.map(([, column]) => `${column} = coalesce(excluded.${column}, d.${column})`).join(', ')}, updated_at = now()`;

/** Several rows of one transaction are laid over each other. The transaction is written before. */
export const transactionDetail: Fact<TransactionDetail> = {
  write(tx: Sql, rows) {
    const byId = new Map<number, TransactionDetail>();
    for (const row of rows) {
      const told = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
      byId.set(row.transactionId, { ...byId.get(row.transactionId), ...told } as TransactionDetail);
    }
    return tx.query(WRITE, [JSON.stringify([...byId.values()])]);
  },
};
