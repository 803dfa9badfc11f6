/** Tariffs that stations compute their own running cost by. Billing has the snapshot of the transaction. */
import { asc, eq, getTableColumns, gt } from 'drizzle-orm';
import type { Database, Sql } from '../../database.js';
import type { ChargerTariffKind } from '../../schema/money.js';
import { chargerTariff } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page } from '../scope.js';
import { tellEvent } from '../tell.js';

export type ChargerTariffRow = Omit<typeof chargerTariff.$inferSelect, 'tenantId'>;
const { tenantId: _tenant, ...ROW } = getTableColumns(chargerTariff);

export interface NewChargerTariff {
  readonly stationId: number;
  /** 0: all EVSEs. */
  readonly evseId: number;
  readonly tariffId: string;
  readonly kind: ChargerTariffKind;
  /** Empty where it is of no one transaction. */
  readonly ocppTransactionId: string;
  readonly currency: string | null;
  /** ms since 1970. */
  readonly validFrom: number | null;
  readonly idTokens: readonly string[];
  readonly content: Readonly<Record<string, unknown>> | null;
}

// A report tells ids alone, each at its EVSEs: what we set under one, at whichever, stays known.
const PUT = `
  insert into charger_tariff (tenant_id, station_id, evse_id, tariff_id, kind, ocpp_transaction_id, currency, valid_from,
    id_tokens, content)
  select $1::int4, "stationId", "evseId", "tariffId", n.kind, "ocppTransactionId", coalesce(n.currency, known.currency),
    to_timestamp("validFrom" / 1000), array(select json_array_elements_text("idTokens")),
    coalesce(n.content, known.content)
  from json_to_recordset($2::text::json) as n("stationId" int8, "evseId" int4, "tariffId" text, kind text,
    "ocppTransactionId" text, currency text, "validFrom" float8, "idTokens" json, content jsonb)
  left join lateral (select c.currency, c.content from charger_tariff c where c.station_id = n."stationId"
    and c.tariff_id = n."tariffId" and c.content is not null order by c.id desc limit 1) known on n.content is null
  on conflict (station_id, evse_id, tariff_id, ocpp_transaction_id) do update set kind = excluded.kind,
    currency = coalesce(excluded.currency, charger_tariff.currency), valid_from = excluded.valid_from,
    id_tokens = excluded.id_tokens, content = coalesce(excluded.content, charger_tariff.content), known_at = now()`;

const put = (tx: Sql, tenantId: number, rows: readonly NewChargerTariff[]): Promise<unknown> =>
  tx.query(PUT, [tenantId, JSON.stringify(rows)]);

/** A tariff that a station took. A default tariff takes the place of the one of its EVSE, unless it holds from later on. */
export async function saveChargerTariff(db: Database, { tenantId }: Actor, tariff: NewChargerTariff): Promise<void> {
  const { stationId, evseId, tariffId, kind, validFrom } = tariff;
  await db.transaction(async (tx) => {
    if (kind === 'default' && (validFrom === null || validFrom <= Date.now()))
      await tx.query(
        `delete from charger_tariff where station_id = $1::int8 and kind = 'default'
           and (tariff_id <> $3::text or evse_id <> $2::int4)
           and ($2::int4 = 0 or evse_id = $2::int4) and (valid_from is null or valid_from <= now())`,
        [stationId, evseId, tariffId],
      );
    if (kind === 'transaction')
      await tx.query(
        `delete from charger_tariff where station_id = $1::int8 and kind = 'transaction' and ocpp_transaction_id = $2::text`,
        [stationId, tariff.ocppTransactionId],
      );
    await put(tx, tenantId, [tariff]);
    await tellEvent(tx, tenantId, 'tariff.set', {
      device_id: String(stationId),
      evse_id: evseId,
      tariff_id: tariffId,
      kind,
    });
  });
}

export interface ClearedTariffs {
  /** Null: all of the EVSE. */
  readonly tariffIds: readonly string[] | null;
  /** Null: of any EVSE. */
  readonly evseId: number | null;
}

/** Tariffs that a station has no longer. */
export async function forgetChargerTariffs(
  db: Database,
  { tenantId }: Actor,
  stationId: number,
  { tariffIds, evseId }: ClearedTariffs,
): Promise<void> {
  await db.transaction(async (tx) => {
    const gone = await tx.query<{ id: string }>(
      `delete from charger_tariff where station_id = $1::int8 and tenant_id = $2::int4
         and ($3::text::json is null or tariff_id in (select json_array_elements_text($3::text::json)))
         and ($4::int4 is null or $4::int4 = 0 or evse_id = $4::int4)
       returning tariff_id as id`,
      [stationId, tenantId, tariffIds === null ? null : JSON.stringify(tariffIds), evseId],
    );
    if (gone.length === 0) return;
    const tariff_ids = [...new Set(gone.map((row) => row.id))];
    await tellEvent(tx, tenantId, 'tariff.cleared', { device_id: String(stationId), tariff_ids });
  });
}

/** What a station says it has at an EVSE (0: at all) takes the place of what was known of it. */
export async function replaceChargerTariffs(
  db: Database,
  { tenantId }: Actor,
  stationId: number,
  evseId: number,
  tariffs: readonly NewChargerTariff[],
): Promise<void> {
  const keep = JSON.stringify(tariffs.map((t) => `${t.evseId}/${t.tariffId}`));
  const last = new Map(tariffs.map((t) => [`${t.evseId}/${t.tariffId}`, t]));
  await db.transaction(async (tx) => {
    if (last.size > 0) await put(tx, tenantId, [...last.values()]);
    await tx.query(
      `delete from charger_tariff where station_id = $1::int8 and tenant_id = $2::int4 and kind <> 'transaction'
         and ($3::int4 = 0 or evse_id = $3::int4)
         and evse_id || '/' || tariff_id not in (select json_array_elements_text($4::text::json))`,
      [stationId, tenantId, evseId, keep],
    );
  });
}

export async function listChargerTariffs(
  db: Database,
  actor: Actor,
  stationId: number,
  { after, limit }: { readonly after?: number; readonly limit: number },
): Promise<Page<ChargerTariffRow>> {
  const rows = await db.orm
    .select(ROW)
    .from(chargerTariff)
    .where(
      all(
        inTenant(actor, chargerTariff),
        eq(chargerTariff.stationId, stationId),
        after === undefined ? undefined : gt(chargerTariff.id, after),
      ),
    )
    .orderBy(asc(chargerTariff.id))
    .limit(limit + 1);
  return page(rows, limit);
}
