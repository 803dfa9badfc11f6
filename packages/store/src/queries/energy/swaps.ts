/** Battery swaps: asked for by us, told by stations. */
import { and, desc, eq, getTableColumns, lt, or } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { batterySwap, batterySwapBattery } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page } from '../scope.js';
import { tellEvent } from '../tell.js';

type SwapRow = Omit<typeof batterySwap.$inferSelect, 'tenantId'>;
export type SwapBatteryRow = typeof batterySwapBattery.$inferSelect;
export type SwapView = SwapRow & { readonly batteries: readonly SwapBatteryRow[] };
const { tenantId: _tenant, ...ROW } = getTableColumns(batterySwap);

export interface NewSwap {
  readonly stationId: number;
  readonly requestId: number;
  readonly idToken: string;
  readonly idTokenType: string;
}

/** Notes a swap that is about to be asked for; undefined where the station has one of this number. */
export async function openSwap(db: Database, actor: Actor, swap: NewSwap): Promise<number | undefined> {
  const rows = await db.orm
    .insert(batterySwap)
    .values({ ...swap, tenantId: actor.tenantId, source: 'requested', status: 'requested' })
    .onConflictDoNothing()
    .returning({ id: batterySwap.id });
  return rows[0]?.id;
}

/** What the station said to it; batteries that came first have said more. */
export async function settleSwap(
  db: Database,
  { tenantId }: Actor,
  id: number,
  status: 'accepted' | 'rejected' | 'failed',
): Promise<void> {
  await db.transaction(async (tx) => {
    const rows = await tx.query<{ stationId: number; requestId: number }>(
      `update battery_swap set status = $2::text, updated_at = now() where id = $1::int8 and status = 'requested'
       returning station_id as "stationId", request_id as "requestId"`,
      [id, status],
    );
    for (const { stationId, requestId } of rows)
      await tellEvent(tx, tenantId, `battery-swap.${status}`, { device_id: String(stationId), request_id: requestId });
  });
}

/** Newest first, with the batteries of each. */
export async function listSwaps(
  db: Database,
  actor: Actor,
  stationId: number,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<Page<SwapView>> {
  const found = await db.orm
    .select(ROW)
    .from(batterySwap)
    .where(
      all(
        inTenant(actor, batterySwap),
        eq(batterySwap.stationId, stationId),
        before === undefined ? undefined : lt(batterySwap.id, before),
      ),
    )
    .orderBy(desc(batterySwap.id))
    .limit(limit + 1);
  const { items, more } = page(found, limit);
  if (items.length === 0) return { items: [], more };
  const b = batterySwapBattery;
  const batteries = await db.orm
    .select()
    .from(b)
    .where(
      and(
        eq(b.stationId, stationId),
        or(...items.map((swap) => and(eq(b.requestId, swap.requestId), eq(b.round, swap.round)))),
      ),
    )
    .orderBy(b.at, b.serialNumber);
  const key = (row: { requestId: number; round: number }) => `${row.requestId}/${row.round}`;
  const bySwap = new Map<string, SwapBatteryRow[]>(items.map((swap) => [key(swap), []]));
  for (const battery of batteries) bySwap.get(key(battery))?.push(battery);
  return { items: items.map((swap) => ({ ...swap, batteries: bySwap.get(key(swap)) ?? [] })), more };
}
