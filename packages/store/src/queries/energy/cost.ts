/** The running cost that stations are told, and which of them want to be told. */
import { desc, eq, getTableColumns, lt, sql } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { costDisplay, costUpdate } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page } from '../scope.js';
import { tellEvent } from '../tell.js';

export type CostUpdateRow = Omit<typeof costUpdate.$inferSelect, 'tenantId'>;
const { tenantId: _tenant, ...ROW } = getTableColumns(costUpdate);

export interface NewCostUpdate {
  readonly stationId: number;
  readonly ocppTransactionId: string;
  readonly costMinor: number;
  readonly currency: string;
}

export async function addCostUpdate(db: Database, { tenantId }: Actor, update: NewCostUpdate): Promise<void> {
  const { stationId, ocppTransactionId, costMinor, currency } = update;
  await db.transaction(async (tx) => {
    await tx.query(
      `insert into cost_update (tenant_id, station_id, ocpp_transaction_id, cost_minor, currency)
       values ($1::int4, $2::int8, $3::text, $4::int8, $5::text)`,
      [tenantId, stationId, ocppTransactionId, costMinor, currency],
    );
    await tellEvent(tx, tenantId, 'cost.told', {
      device_id: String(stationId),
      ocpp_transaction_id: ocppTransactionId,
      cost: { amount_minor: costMinor, currency },
    });
  });
}

/** Newest first. */
export async function listCostUpdates(
  db: Database,
  actor: Actor,
  stationId: number,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<Page<CostUpdateRow>> {
  const rows = await db.orm
    .select(ROW)
    .from(costUpdate)
    .where(
      all(
        inTenant(actor, costUpdate),
        eq(costUpdate.stationId, stationId),
        before === undefined ? undefined : lt(costUpdate.id, before),
      ),
    )
    .orderBy(desc(costUpdate.id))
    .limit(limit + 1);
  return page(rows, limit);
}

export interface CostDisplay {
  readonly enabled: boolean;
  readonly everyS: number;
}

export async function getCostDisplay(db: Database, actor: Actor, stationId: number): Promise<CostDisplay | undefined> {
  const rows = await db.orm
    .select({ enabled: costDisplay.enabled, everyS: costDisplay.everyS })
    .from(costDisplay)
    .where(all(inTenant(actor, costDisplay), eq(costDisplay.stationId, stationId)));
  return rows[0];
}

export async function putCostDisplay(
  db: Database,
  { tenantId }: Actor,
  stationId: number,
  { enabled, everyS }: CostDisplay,
): Promise<void> {
  await db.orm
    .insert(costDisplay)
    .values({ stationId, tenantId, enabled, everyS })
    .onConflictDoUpdate({
      target: costDisplay.stationId,
      // The pause of before is not cut short: nothing is sent more often than it was asked for.
      set: { enabled, everyS, updatedAt: sql`now()` },
    });
}

export interface RunningCost {
  readonly stationId: number;
  readonly tenantId: number;
  readonly ocppTransactionId: string;
  readonly costMinor: number;
  readonly currency: string;
}

const DUE = `
  update cost_display d set next_at = now() + d.every_s * interval '1 second'
  from (select station_id from cost_display where enabled and next_at <= now() order by next_at limit $1::int4
    for update skip locked) due
  where d.station_id = due.station_id returning d.station_id as id`;

const COSTS = `
  select t.station_id as "stationId", t.tenant_id as "tenantId", t.ocpp_transaction_id as "ocppTransactionId",
    t.cost_minor as "costMinor", t.currency
  from unnest($1::int8[]) as k(id) join station s on s.id = k.id and s.online and s.ocpp_version <> 'ocpp1.6',
  lateral (select * from transaction t where t.station_id = k.id and t.ended_at is null order by t.id limit 64) t
  left join lateral (select u.cost_minor from cost_update u where u.station_id = t.station_id
    and u.ocpp_transaction_id = t.ocpp_transaction_id order by u.id desc limit 1) last on true
  where last.cost_minor is distinct from t.cost_minor`;

/**
 * Claims stations whose pause is over.
 * @returns how many, and what their running transactions cost where they were not told so yet
 */
export async function claimRunningCosts(
  db: Database,
  limit: number,
): Promise<{ readonly claimed: number; readonly costs: readonly RunningCost[] }> {
  const due = await db.query<{ id: number }>(DUE, [limit]);
  if (due.length === 0) return { claimed: 0, costs: [] };
  const costs = await db.query<RunningCost>(COSTS, [due.map((row) => row.id)]);
  return { claimed: due.length, costs };
}

/** A running transaction of a station, by the station's own id. */
export async function runningCost(
  db: Database,
  { tenantId }: Actor,
  stationId: number,
  ocppTransactionId: string,
): Promise<RunningCost | undefined> {
  const rows = await db.query<RunningCost>(
    `select station_id as "stationId", tenant_id as "tenantId", ocpp_transaction_id as "ocppTransactionId",
       cost_minor as "costMinor", currency
     from transaction where station_id = $1::int8 and tenant_id = $2::int4 and ocpp_transaction_id = $3::text
       and ended_at is null`,
    [stationId, tenantId, ocppTransactionId],
  );
  return rows[0];
}
