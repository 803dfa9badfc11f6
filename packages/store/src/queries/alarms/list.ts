/** Alarms for people: lists, and one with what became of it. */
import type { AlarmKind, AlarmSeverity, AlarmState } from '@sigec/domain';
import { desc, eq, getTableColumns, gte, inArray, lt } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { alarm, alarmEntry, station } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page } from '../scope.js';

const { tenantId: _tenant, ...COLUMNS } = getTableColumns(alarm);
const ROW = { ...COLUMNS, identity: station.identity };

export interface AlarmRow extends Omit<typeof alarm.$inferSelect, 'tenantId'> {
  /** Of its station. */
  readonly identity: string;
}

export type AlarmEntryRow = Omit<typeof alarmEntry.$inferSelect, 'tenantId' | 'alarmId'>;

export interface AlarmFilter {
  readonly states?: readonly AlarmState[];
  readonly kind?: AlarmKind;
  readonly severity?: AlarmSeverity;
  readonly stationId?: number;
  /** Raised then or later. */
  readonly since?: Date;
  readonly before?: number;
  readonly limit: number;
}

/** Newest first. */
export async function listAlarms(db: Database, actor: Actor, filter: AlarmFilter): Promise<Page<AlarmRow>> {
  const { states, kind, severity, stationId, since, before, limit } = filter;
  const rows = await db.orm
    .select(ROW)
    .from(alarm)
    .innerJoin(station, eq(station.id, alarm.stationId))
    .where(
      all(
        inTenant(actor, alarm),
        states === undefined ? undefined : inArray(alarm.state, [...states]),
        kind === undefined ? undefined : eq(alarm.kind, kind),
        severity === undefined ? undefined : eq(alarm.severity, severity),
        stationId === undefined ? undefined : eq(alarm.stationId, stationId),
        since === undefined ? undefined : gte(alarm.raisedAt, since),
        before === undefined ? undefined : lt(alarm.id, before),
      ),
    )
    .orderBy(desc(alarm.id))
    .limit(limit + 1);
  return page(rows, limit);
}

/** Undefined where the tenant has no such alarm. */
export async function getAlarm(db: Database, actor: Actor, id: number): Promise<AlarmRow | undefined> {
  const rows = await db.orm
    .select(ROW)
    .from(alarm)
    .innerJoin(station, eq(station.id, alarm.stationId))
    .where(all(inTenant(actor, alarm), eq(alarm.id, id)));
  return rows[0];
}

/** Entries of one alarm that are shown, the newest of them. */
const MOST_ENTRIES = 500;

/** What became of an alarm, oldest first. */
export async function alarmHistory(db: Database, actor: Actor, id: number): Promise<AlarmEntryRow[]> {
  const { id: entry, action, userId, cause, comment, until, at } = alarmEntry;
  const rows = await db.orm
    .select({ id: entry, action, userId, cause, comment, until, at })
    .from(alarmEntry)
    .where(all(inTenant(actor, alarmEntry), eq(alarmEntry.alarmId, id)))
    .orderBy(desc(entry))
    .limit(MOST_ENTRIES);
  return rows.reverse();
}
