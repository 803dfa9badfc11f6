/**
 * What stations say beside their sessions, as short histories: boots, tokens that were refused, tax numbers that were
 * looked at, words of jobs that nobody here asked for. Of each the newest of a station are kept.
 */
import type { Fact } from './fact.js';

interface Said {
  readonly stationId: number;
  /** ms since 1970: when the message reached its edge. The same message at the same instant is the same. */
  readonly at: number;
}

export interface BootWord extends Said {
  readonly version: string;
  readonly reason: string | null;
  readonly vendor: string;
  readonly model: string;
  readonly serialNumber: string | null;
  /** 1.6: of the enclosure. */
  readonly boxSerialNumber: string | null;
  readonly firmwareVersion: string | null;
  readonly iccid: string | null;
  readonly imsi: string | null;
  readonly meterType: string | null;
  readonly meterSerialNumber: string | null;
}

export interface RefusalWord extends Said {
  readonly idToken: string;
  readonly idTokenType: string | null;
  readonly verdict: string;
  readonly certificateStatus: string | null;
}

export interface VatWord extends Said {
  readonly evseId: number | null;
  /** Null where the number named none that is known. */
  readonly country: string | null;
  readonly accepted: boolean;
  readonly reason: string | null;
}

export interface UnaskedWord extends Said {
  readonly action: string;
  readonly status: string;
  readonly info: string | null;
}

/** How many of each kind are kept of a station. */
export const WORDS_KEPT = 100;

type Columns<Row> = Readonly<Record<Exclude<keyof Row, keyof Said>, readonly [column: string, type: string]>>;

/**
 * In the order in which they were said: the newest of a station are those of the highest ids. What is deleted is looked for
 * among what was there before, so as many old ones stay as the new ones leave room for.
 *
 * A planner that takes a batch for a good part of a small fleet reads both tables whole for each: `offset 0` and the
 * array have each station and each old word looked up.
 */
function history<Row extends Said>(table: string, columns: Columns<Row>): Fact<Row> {
  const of = Object.entries<readonly [string, string]>(columns);
  const fields = of.map(([field]) => `"${field}"`).join(', ');
  const write = `
    with said as (
      insert into ${table} (tenant_id, station_id, at, ${of.map(([, [column]]) => column).join(', ')})
      select s.tenant_id, s.id, to_timestamp(w.at / 1000), ${of.map(([field]) => `w."${field}"`).join(', ')}
      from rows from (json_to_recordset($1::text::json) as ("stationId" int8, at float8,
        ${of.map(([field, [, type]]) => `"${field}" ${type}`).join(', ')})) with ordinality as w("stationId", at, ${fields}, n)
      cross join lateral (select id, tenant_id from station where id = w."stationId" offset 0) s
      order by w.n
      on conflict do nothing returning station_id),
    k as (select station_id, count(*)::int4 as n from said group by station_id)
    delete from ${table} where id = any(array(
      select old.id from k cross join lateral (
        select id from ${table} o where o.station_id = k.station_id
        order by id desc offset greatest($2::int4 - k.n, 0)) old))`;
  return { write: (tx, rows) => tx.query(write, [JSON.stringify(rows), WORDS_KEPT]) };
}

const text = (column: string) => [column, 'text'] as const;

const bootWord = history<BootWord>('station_boot', {
  version: text('ocpp_version'),
  reason: text('reason'),
  vendor: text('vendor'),
  model: text('model'),
  serialNumber: text('serial_number'),
  boxSerialNumber: text('box_serial_number'),
  firmwareVersion: text('firmware_version'),
  iccid: text('iccid'),
  imsi: text('imsi'),
  meterType: text('meter_type'),
  meterSerialNumber: text('meter_serial_number'),
});

const refusalWord = history<RefusalWord>('authorization_refusal', {
  idToken: text('id_token'),
  idTokenType: text('id_token_type'),
  verdict: text('verdict'),
  certificateStatus: text('certificate_status'),
});

const vatWord = history<VatWord>('vat_check', {
  evseId: ['evse_id', 'int4'],
  country: text('country'),
  accepted: ['accepted', 'boolean'],
  reason: text('reason'),
});

const unaskedWord = history<UnaskedWord>('unasked_status', {
  action: text('action'),
  status: text('status'),
  info: text('info'),
});

export const WORD_FACTS = { bootWord, refusalWord, vatWord, unaskedWord };
