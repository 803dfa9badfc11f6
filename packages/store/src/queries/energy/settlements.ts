/** What payment terminals settled. */
import { desc, eq, getTableColumns, lt } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { settlement, station } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page } from '../scope.js';

export type SettlementRow = Omit<typeof settlement.$inferSelect, 'tenantId'> & { readonly identity: string };
const { tenantId: _tenant, ...COLUMNS } = getTableColumns(settlement);
const ROW = { ...COLUMNS, identity: station.identity };

export interface SettlementFilter {
  readonly stationId?: number;
  readonly before?: number;
  readonly limit: number;
}

/** The tenant's, or those of one station; newest first. */
export async function listSettlements(
  db: Database,
  actor: Actor,
  { stationId, before, limit }: SettlementFilter,
): Promise<Page<SettlementRow>> {
  const rows = await db.orm
    .select(ROW)
    .from(settlement)
    .innerJoin(station, eq(station.id, settlement.stationId))
    .where(
      all(
        inTenant(actor, settlement),
        stationId === undefined ? undefined : eq(settlement.stationId, stationId),
        before === undefined ? undefined : lt(settlement.id, before),
      ),
    )
    .orderBy(desc(settlement.id))
    .limit(limit + 1);
  return page(rows, limit);
}
