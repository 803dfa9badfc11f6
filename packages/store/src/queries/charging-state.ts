/** What else is known of a station's charging: limits of others, composite schedules, dynamic values, signals of the grid. */
import { and, asc, desc, eq, lt, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { writePriority } from '../facts/charging.js';
import { afrrSignal, allowedEnergyTransfer, chargingLimit, compositeSchedule, dynamicSchedule } from '../schema.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';
import { tellEvent } from './tell.js';

type Json = Readonly<Record<string, unknown>>;

export type ChargingLimitRow = typeof chargingLimit.$inferSelect;

export async function listChargingLimits(db: Database, actor: Actor, stationId: number): Promise<ChargingLimitRow[]> {
  return db.orm
    .select()
    .from(chargingLimit)
    .where(all(inTenant(actor, chargingLimit), eq(chargingLimit.stationId, stationId)))
    .orderBy(asc(chargingLimit.evseId), asc(chargingLimit.source))
    .limit(500);
}

export type CompositeRow = typeof compositeSchedule.$inferSelect;
export type NewComposite = Omit<CompositeRow, 'tenantId' | 'answeredAt'>;

/** Keeps the last that a station told of an EVSE. */
export async function keepComposite(db: Database, actor: Actor, made: NewComposite): Promise<void> {
  const { stationId: _station, evseId: _evse, ...rest } = made;
  await db.orm
    .insert(compositeSchedule)
    .values({ ...made, tenantId: actor.tenantId })
    .onConflictDoUpdate({
      target: [compositeSchedule.stationId, compositeSchedule.evseId],
      set: { ...rest, answeredAt: sql`now()` },
    });
}

export async function getComposite(
  db: Database,
  actor: Actor,
  stationId: number,
  evseId: number,
): Promise<CompositeRow | undefined> {
  const rows = await db.orm
    .select()
    .from(compositeSchedule)
    .where(
      all(
        inTenant(actor, compositeSchedule),
        eq(compositeSchedule.stationId, stationId),
        eq(compositeSchedule.evseId, evseId),
      ),
    );
  return rows[0];
}

export type DynamicScheduleRow = typeof dynamicSchedule.$inferSelect;

/** The newest values of a dynamic profile; `answer` null: not sent, to be pulled. */
export async function putDynamicSchedule(
  db: Database,
  actor: Actor,
  stationId: number,
  profileId: number,
  update: Json,
  answer: string | null,
): Promise<void> {
  const { tenantId } = actor;
  await db.transaction(async (tx) => {
    await tx.query(
      `insert into dynamic_schedule (station_id, profile_id, tenant_id, update, answer)
       values ($1::int8, $2::int4, $3::int4, $4::text::jsonb, $5::text)
       on conflict (station_id, profile_id) do update set update = excluded.update, answer = excluded.answer,
         changed_at = now(), pulled_at = null`,
      [stationId, profileId, tenantId, JSON.stringify(update), answer],
    );
    const told = { device_id: String(stationId), profile_id: profileId, answer };
    await tellEvent(tx, tenantId, 'dynamic_schedule.changed', told);
  });
}

export async function listDynamicSchedules(
  db: Database,
  actor: Actor,
  stationId: number,
): Promise<DynamicScheduleRow[]> {
  return db.orm
    .select()
    .from(dynamicSchedule)
    .where(all(inTenant(actor, dynamicSchedule), eq(dynamicSchedule.stationId, stationId)))
    .orderBy(asc(dynamicSchedule.profileId))
    .limit(500);
}

/** What a station said to UsePriorityCharging. */
export async function notePriority(
  db: Database,
  actor: Actor,
  stationId: number,
  ocppTransactionId: string,
  active: boolean,
  answer: string,
): Promise<void> {
  const { tenantId } = actor;
  await db.transaction(async (tx) => {
    const row = {
      stationId,
      tenantId,
      ocppTransactionId,
      active,
      answer,
      source: 'csms',
      changedAt: Date.now(),
    } as const;
    await writePriority(tx, [row]);
    const told = { device_id: String(stationId), ocpp_transaction_id: ocppTransactionId, active, source: 'csms' };
    await tellEvent(tx, tenantId, 'priority_charging.changed', told);
  });
}

/** What a station said to NotifyAllowedEnergyTransfer. */
export async function noteAllowedTransfer(
  db: Database,
  actor: Actor,
  stationId: number,
  ocppTransactionId: string,
  modes: readonly string[],
  answer: string,
): Promise<void> {
  const { tenantId } = actor;
  await db.orm
    .insert(allowedEnergyTransfer)
    .values({ stationId, ocppTransactionId, tenantId, modes, answer })
    .onConflictDoUpdate({
      target: [allowedEnergyTransfer.stationId, allowedEnergyTransfer.ocppTransactionId],
      set: { modes, answer, changedAt: sql`now()` },
    });
  const told = { device_id: String(stationId), ocpp_transaction_id: ocppTransactionId, modes, answer };
  await tellEvent(db, tenantId, 'allowed_energy_transfer.changed', told);
}

export type AfrrSignalRow = typeof afrrSignal.$inferSelect;

export async function noteAfrrSignal(
  db: Database,
  actor: Actor,
  stationId: number,
  made: { readonly signal: number; readonly signalAt: Date; readonly answer: string },
): Promise<void> {
  const { tenantId } = actor;
  await db.orm.insert(afrrSignal).values({ ...made, stationId, tenantId });
  const told = { device_id: String(stationId), signal: made.signal, answer: made.answer };
  await tellEvent(db, tenantId, 'afrr_signal.sent', told);
}

/** Newest first. */
export async function listAfrrSignals(
  db: Database,
  actor: Actor,
  stationId: number,
  options: { readonly before?: number; readonly limit: number },
): Promise<Page<AfrrSignalRow>> {
  const { before, limit } = options;
  const rows = await db.orm
    .select()
    .from(afrrSignal)
    .where(
      and(
        inTenant(actor, afrrSignal),
        eq(afrrSignal.stationId, stationId),
        before === undefined ? undefined : lt(afrrSignal.id, before),
      ),
    )
    .orderBy(desc(afrrSignal.id))
    .limit(limit + 1);
  return page(rows, limit);
}

/** Rows of one sweep. */
const SWEEP = 500;

/**
 * Removes what nobody needs: profiles of transactions that ended, those of a start that never came, old signals.
 * @returns how many rows
 */
export async function sweepCharging(db: Database, signalDays: number): Promise<number> {
  const ended = await db.query(
    `delete from charging_profile where (station_id, profile_id) in (
       select p.station_id, p.profile_id from charging_profile p
       where p.purpose in ('TxProfile', 'PriorityCharging') and p.updated_at < now() - interval '1 minute'
         and case when p.ocpp_transaction_id is null
           then p.updated_at < now() - interval '15 minutes' and not exists (select 1 from transaction t
             where t.station_id = p.station_id and t.evse_id = p.evse_id and t.ended_at is null)
           else exists (select 1 from transaction t where t.station_id = p.station_id
             and t.ocpp_transaction_id = p.ocpp_transaction_id and t.ended_at is not null) end
       order by p.updated_at limit ${SWEEP} for update skip locked)
     returning 1`,
  );
  const old = await db.query(
    `delete from afrr_signal where id in (select id from afrr_signal
       where created_at < now() - $1::float8 * interval '1 day' order by created_at limit ${SWEEP} for update skip locked)
     returning 1`,
    [signalDays],
  );
  return ended.length + old.length;
}
