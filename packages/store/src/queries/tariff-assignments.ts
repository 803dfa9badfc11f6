/** Where tariffs hold: the tenant, a station, an EVSE. What a session then begins under: batch/tariffs.ts. */
import type { Tariff } from '@sigec/domain';
import { asc, eq, getTableColumns, gt } from 'drizzle-orm';
import { readTariffs } from '../batch/tariffs.js';
import { tariffKey } from '../batch/types.js';
import type { Database } from '../database.js';
import { tariffAssignment } from '../schema.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';
import { tellEvent } from './tell.js';

const { tenantId: _tenant, ...ROW } = getTableColumns(tariffAssignment);
export type TariffAssignmentRow = Omit<typeof tariffAssignment.$inferSelect, 'tenantId'>;

/** Station null: the tenant; EVSE 0: the station. */
export interface TariffPlace {
  readonly stationId: number | null;
  readonly evseId: number;
}

const placeOf = ({ stationId, evseId }: TariffPlace) => ({
  device_id: stationId === null ? null : String(stationId),
  evse_id: evseId,
});

const ASSIGN = `
  insert into tariff_assignment (tenant_id, tariff_id, station_id, evse_id)
  select t.tenant_id, t.id, $3::int8, $4::int4 from tariff t
  where t.id = $2::int8 and t.tenant_id = $1::int4 and t.status = 'active'
    and ($3::int8 is null or exists (select 1 from station s where s.id = $3::int8 and s.tenant_id = t.tenant_id))
  for share of t
  on conflict (tenant_id, station_id, evse_id) do update set tariff_id = excluded.tariff_id, updated_at = now()
  returning id`;

/** Has a tariff hold at a place, instead of what held there. @returns undefined where the tenant has no such tariff */
export async function assignTariff(
  db: Database,
  actor: Actor,
  tariffId: number,
  place: TariffPlace,
): Promise<TariffAssignmentRow | undefined> {
  const { tenantId } = actor;
  const id = await db.transaction(async (tx) => {
    const [made] = await tx.query<{ id: number }>(ASSIGN, [tenantId, tariffId, place.stationId, place.evseId]);
    if (made === undefined) return undefined;
    await tellEvent(tx, tenantId, 'tariff.assigned', { tariff_id: String(tariffId), ...placeOf(place) });
    return made.id;
  });
  if (id === undefined) return undefined;
  const rows = await db.orm
    .select(ROW)
    .from(tariffAssignment)
    .where(all(inTenant(actor, tariffAssignment), eq(tariffAssignment.id, id)));
  return rows[0];
}

export interface TariffAssignmentFilter {
  readonly tariffId?: number | undefined;
  readonly stationId?: number | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}

/** By id. */
export async function listTariffAssignments(
  db: Database,
  actor: Actor,
  { tariffId, stationId, after, limit }: TariffAssignmentFilter,
): Promise<Page<TariffAssignmentRow>> {
  const rows = await db.orm
    .select(ROW)
    .from(tariffAssignment)
    .where(
      all(
        inTenant(actor, tariffAssignment),
        tariffId === undefined ? undefined : eq(tariffAssignment.tariffId, tariffId),
        stationId === undefined ? undefined : eq(tariffAssignment.stationId, stationId),
        after === undefined ? undefined : gt(tariffAssignment.id, after),
      ),
    )
    .orderBy(asc(tariffAssignment.id))
    .limit(limit + 1);
  return page(rows, limit);
}

/** Has no tariff hold at a place by itself. One that holds nowhere there is no fault. */
export async function unassignTariff(db: Database, { tenantId }: Actor, place: TariffPlace): Promise<void> {
  await db.transaction(async (tx) => {
    const [gone] = await tx.query<{ tariffId: number }>(
      `delete from tariff_assignment where tenant_id = $1::int4 and station_id is not distinct from $2::int8
         and evse_id = $3::int4 returning tariff_id as "tariffId"`,
      [tenantId, place.stationId, place.evseId],
    );
    if (gone === undefined) return;
    await tellEvent(tx, tenantId, 'tariff.unassigned', { tariff_id: String(gone.tariffId), ...placeOf(place) });
  });
}

/**
 * The tariff that a session would begin under there, by the rule that sessions begin by; undefined where none is assigned.
 * @param stationId a station of the tenant
 */
export async function tariffAt(db: Database, stationId: number, evseId: number): Promise<Tariff | undefined> {
  const found = await readTariffs(db, [stationId]);
  return found.get(tariffKey(stationId, evseId)) ?? found.get(tariffKey(stationId, 0));
}
