/** Monitors of one station, for people; and what the answers to commands make known of them. */
import { and, asc, eq, gt } from 'drizzle-orm';
import type { Database } from '../database.js';
import { type LearntMonitor, monitor } from '../facts/monitors.js';
import { deviceMonitor, deviceMonitoring } from '../schema.js';
import { type Actor, inTenant, type Page, page } from './scope.js';

export type MonitorRow = typeof deviceMonitor.$inferSelect;
export type MonitoringRow = Pick<typeof deviceMonitoring.$inferSelect, 'base' | 'level'>;

export async function listMonitors(
  db: Database,
  actor: Actor,
  stationId: number,
  options: { readonly after?: number; readonly limit: number },
): Promise<Page<MonitorRow>> {
  const t = deviceMonitor;
  const { after, limit } = options;
  const rows = await db.orm
    .select()
    .from(t)
    .where(
      and(inTenant(actor, t), eq(t.stationId, stationId), after === undefined ? undefined : gt(t.monitorId, after)),
    )
    .orderBy(asc(t.monitorId))
    .limit(limit + 1);
  return page(rows, limit);
}

/** The base and level that the station was told last; null where it was told none. */
export async function getMonitoring(db: Database, actor: Actor, stationId: number): Promise<MonitoringRow> {
  const t = deviceMonitoring;
  const rows = await db.orm
    .select({ base: t.base, level: t.level })
    .from(t)
    .where(and(inTenant(actor, t), eq(t.stationId, stationId)));
  return rows[0] ?? { base: null, level: null };
}

export async function learnMonitors(db: Database, rows: readonly LearntMonitor[]): Promise<void> {
  if (rows.length > 0) await monitor.write(db, rows);
}

/** @returns how many were known */
export async function forgetMonitors(db: Database, stationId: number, ids: readonly number[]): Promise<number> {
  const gone = await db.query(
    'delete from device_monitor where station_id = $1::int8 and monitor_id = any($2::int8[]) returning monitor_id',
    [stationId, ids],
  );
  return gone.length;
}

/** 2.x N06: what the station told in events below this severity is no longer told. */
export async function setMonitoringLevel(db: Database, actor: Actor, stationId: number, level: number): Promise<void> {
  await db.orm
    .insert(deviceMonitoring)
    .values({ stationId, tenantId: actor.tenantId, level })
    .onConflictDoUpdate({ target: deviceMonitoring.stationId, set: { level, updatedAt: new Date() } });
}

/** 2.x N05: the factory's default takes custom monitors away, hard-wired only takes all others away. */
export async function setMonitoringBase(db: Database, actor: Actor, stationId: number, base: string): Promise<void> {
  await db.orm
    .insert(deviceMonitoring)
    .values({ stationId, tenantId: actor.tenantId, base })
    .onConflictDoUpdate({ target: deviceMonitoring.stationId, set: { base, updatedAt: new Date() } });
  const gone: Readonly<Record<string, string>> = {
    FactoryDefault: `notification_type = 'CustomMonitor'`,
    HardWiredOnly: `notification_type is distinct from 'HardWiredMonitor'`,
  };
  const which = gone[base];
  if (which !== undefined)
    await db.query(`delete from device_monitor where station_id = $1::int8 and ${which}`, [stationId]);
}
