/** Battery swaps as stations tell them. */
import { numbers } from '../batch/columns.js';
import type { SwapStatus } from '../schema/energy.js';
import type { Fact, Lookup } from './fact.js';
import { newest } from './newest.js';
import type { RequestKey } from './requests.js';

/** The newest swap under a number. */
export interface SwapState extends RequestKey {
  /** From 1: how often the station used the number. */
  readonly round: number;
  readonly status: SwapStatus;
  readonly source: 'requested' | 'station';
  readonly idToken: string;
  readonly idTokenType: string;
  readonly lastEvent: string | null;
  /** Of the batteries of the last event. */
  readonly serials: readonly string[];
}

export interface SwapFact extends SwapState {
  readonly tenantId: number;
}

export interface SwapBatteryFact extends RequestKey {
  readonly round: number;
  readonly event: string;
  readonly evseId: number;
  readonly serialNumber: string;
  readonly soc: number;
  readonly soh: number;
  /** ms since 1970, as all times here. */
  readonly productionDate: number | null;
  readonly vendorInfo: string | null;
  readonly at: number;
}

const SWAP = `
  insert into battery_swap (station_id, tenant_id, request_id, round, source, status, id_token, id_token_type, last_event)
  select "stationId", "tenantId", "requestId", round, source, status, "idToken", "idTokenType", "lastEvent"
  from json_to_recordset($1::text::json) as s("stationId" int8, "tenantId" int4, "requestId" int8, round int4,
    source text, status text, "idToken" text, "idTokenType" text, "lastEvent" text)
  on conflict (station_id, request_id, round) do update set status = excluded.status, id_token = excluded.id_token,
    id_token_type = excluded.id_token_type, last_event = excluded.last_event, updated_at = now()`;

const batterySwap: Fact<SwapFact> = {
  write: (tx, rows) => tx.query(SWAP, [newest(rows, (row) => `${byNumber(row)}/${row.round}`)]),
};

const BATTERY = `
  insert into battery_swap_battery (station_id, request_id, round, event, evse_id, serial_number, soc, soh,
    production_date, vendor_info, at)
  select "stationId", "requestId", round, event, "evseId", "serialNumber", soc, soh,
    to_timestamp("productionDate" / 1000), "vendorInfo", to_timestamp(at / 1000)
  from json_to_recordset($1::text::json) as b("stationId" int8, "requestId" int8, round int4, event text, "evseId" int4,
    "serialNumber" text, soc float8, soh float8, "productionDate" float8, "vendorInfo" text, at float8)
  on conflict do nothing`;

/** After {@link batterySwap}: kinds are written in the order of the table. */
const batterySwapBattery: Fact<SwapBatteryFact> = { write: (tx, rows) => tx.query(BATTERY, [JSON.stringify(rows)]) };

const NEWEST = `
  select s.station_id as "stationId", s.request_id as "requestId", s.round, s.status, s.source, s.id_token as "idToken",
    s.id_token_type as "idTokenType", s.last_event as "lastEvent",
    array(select b.serial_number from battery_swap_battery b where b.station_id = s.station_id
      and b.request_id = s.request_id and b.round = s.round and b.event = s.last_event) as serials
  from unnest($1::text::int8[], $2::text::int8[]) as k(station_id, request_id), lateral (
    select * from battery_swap s where s.station_id = k.station_id and s.request_id = k.request_id
    order by s.round desc limit 1) s`;

const byNumber = ({ stationId, requestId }: RequestKey): string => `${stationId}/${requestId}`;

const swap: Lookup<RequestKey, SwapState> = {
  keyOf: byNumber,
  async read(tx, keys) {
    const wanted = [numbers(keys, (key) => key.stationId), numbers(keys, (key) => key.requestId)];
    const rows = await tx.query<SwapState>(NEWEST, wanted);
    return new Map(rows.map((row) => [byNumber(row), row]));
  },
};

export const SWAP_FACTS = { batterySwap, batterySwapBattery };
export const SWAP_LOOKUPS = { swap };
