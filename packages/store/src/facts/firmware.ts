/** Rows of firmware, diagnostics, logs, and customer information, as chargers tell of them. */
import type { Sql } from '../database.js';
import type { Fact } from './fact.js';

/** What a charger said of a job that it was asked for. Times are ms since 1970. */
export interface Told {
  /** `station_request.id`. */
  readonly request: number;
  readonly status: string;
  /** 2.1: its reason. */
  readonly info: string | null;
  readonly at: number;
}

export interface FirmwareStatusRow extends Told {
  /** From 0, within the request. */
  readonly seq: number;
}

export interface PublicationStatusRow extends Told {
  /** Where it is offered; null where the message said nothing of it. */
  readonly locations: readonly string[] | null;
}

export interface CustomerToldRow {
  readonly request: number;
  readonly generatedAt: number;
}

/** The last row of each request. */
function lastOf<Row extends { readonly request: number }>(rows: readonly Row[]): string {
  return JSON.stringify([...new Map(rows.map((row) => [row.request, row])).values()]);
}

const HISTORY = `
  insert into firmware_status (request, seq, status, info, at)
  select request, seq, status, info, to_timestamp(at / 1000)
  from json_to_recordset($1::text::json) as s(request int8, seq int4, status text, info text, at float8)
  on conflict do nothing`;

const UPDATES = `
  update firmware_update u set status = s.status, status_at = to_timestamp(s.at / 1000)
  from json_to_recordset($1::text::json) as s(request int8, status text, at float8)
  where u.request = s.request`;

const firmwareStatus: Fact<FirmwareStatusRow> = {
  write: (tx: Sql, rows) => Promise.all([tx.query(HISTORY, [JSON.stringify(rows)]), tx.query(UPDATES, [lastOf(rows)])]),
};

const PUBLICATIONS = `
  update firmware_publication p set status = s.status, info = s.info, status_at = to_timestamp(s.at / 1000),
    locations = coalesce(s.locations, p.locations)
  from json_to_recordset($1::text::json) as s(request int8, status text, info text, at float8, locations jsonb)
  where p.request = s.request`;

const publicationStatus: Fact<PublicationStatusRow> = {
  write: (tx: Sql, rows) => tx.query(PUBLICATIONS, [lastOf(rows)]),
};

const LOGS = `
  update log_upload l set status = s.status, info = s.info, status_at = to_timestamp(s.at / 1000)
  from json_to_recordset($1::text::json) as s(request int8, status text, info text, at float8)
  where l.request = s.request`;

const logStatus: Fact<Told> = { write: (tx: Sql, rows) => tx.query(LOGS, [lastOf(rows)]) };

const CUSTOMERS = `
  update customer_information c set generated_at = to_timestamp(s."generatedAt" / 1000)
  from json_to_recordset($1::text::json) as s(request int8, "generatedAt" float8)
  where c.request = s.request`;

const customerInformation: Fact<CustomerToldRow> = {
  write: (tx: Sql, rows) => tx.query(CUSTOMERS, [lastOf(rows)]),
};

export const FIRMWARE_FACTS = { firmwareStatus, publicationStatus, logStatus, customerInformation };
export const FIRMWARE_LOOKUPS = {};
