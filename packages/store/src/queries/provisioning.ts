/** The provisioning of stations: asked for, claimed by whichever process has time, moved on step by step. */
import { and, eq } from 'drizzle-orm';
import type { Database } from '../database.js';
import type { SettingOutcome } from '../schema/device-model.js';
import { stationProvisioning } from '../schema.js';
import { type Actor, inTenant } from './scope.js';
import { tellEvent } from './tell.js';

export type ProvisioningRow = typeof stationProvisioning.$inferSelect;

export async function getProvisioning(
  db: Database,
  actor: Actor,
  stationId: number,
): Promise<ProvisioningRow | undefined> {
  const t = stationProvisioning;
  const rows = await db.orm
    .select()
    .from(t)
    .where(and(inTenant(actor, t), eq(t.stationId, stationId)));
  return rows[0];
}

/** Does it again; one that is under way goes on as it is. */
export async function askProvisioning(db: Database, actor: Actor, stationId: number): Promise<void> {
  await db.query(
    `insert into station_provisioning as p (station_id, tenant_id, state, asked)
     values ($1::int8, $2::int4, 'queued', true)
     on conflict (station_id) do update set state = case when p.ended_at is null then p.state else 'queued' end,
       asked = true, next_at = now(), updated_at = now(),
       request_id = case when p.ended_at is null then p.request_id end,
       attempts = case when p.ended_at is null then p.attempts else 0 end,
       detail = case when p.ended_at is null then p.detail end,
       applied = case when p.ended_at is null then p.applied else '[]' end,
       refused = case when p.ended_at is null then p.refused else '[]' end,
       reboot_required = p.ended_at is null and p.reboot_required,
       started_at = case when p.ended_at is null then p.started_at end, ended_at = null`,
    [stationId, actor.tenantId],
  );
}

/** What a claim gives to the one who works on it. */
export interface ClaimedProvisioning {
  readonly stationId: number;
  readonly tenantId: number;
  readonly state: 'queued' | 'reporting' | 'applying';
  readonly requestId: number | null;
  readonly attempts: number;
  readonly applied: readonly SettingOutcome[];
  readonly refused: readonly SettingOutcome[];
  readonly rebootRequired: boolean;
  /** How long ago it began, ms; null where it did not. */
  readonly sinceMs: number | null;
  readonly online: boolean;
}

export interface ClaimOptions {
  /** Only what people asked for. */
  readonly askedOnly: boolean;
  /** Those that have not begun; the others are bounded by `limit` alone. */
  readonly begin: number;
  readonly limit: number;
  /** How long nobody else takes it, ms; longer than a step takes. */
  readonly leaseMs: number;
}

/** Due ones, taken so that no other process has them; those of stations that are away are looked at later. */
export async function claimProvisioning(db: Database, options: ClaimOptions): Promise<ClaimedProvisioning[]> {
  const { askedOnly, begin, limit, leaseMs } = options;
  const due = (state: string, most: string) => `
    (select station_id from station_provisioning where ended_at is null and next_at <= now() and ${state}
       and (claimed_until is null or claimed_until < now()) ${askedOnly ? 'and asked' : ''}
     order by next_at limit ${most} for update skip locked)`;
  return db.query<ClaimedProvisioning>(
    `with due as materialized (
       select * from ${due(`state <> 'queued'`, '$1::int4')} a union all
       select * from ${due(`state = 'queued'`, '$2::int4')} b)
     update station_provisioning p set claimed_until = now() + $3::float8 * interval '1 millisecond'
     from due, station s where p.station_id = due.station_id and s.id = p.station_id
     returning p.station_id as "stationId", p.tenant_id as "tenantId", p.state, p.request_id as "requestId", p.attempts,
       p.applied, p.refused, p.reboot_required as "rebootRequired",
       (extract(epoch from now() - p.started_at) * 1000)::float8 as "sinceMs",
       (s.online and s.booted_at is not null) as online`,
    [limit, begin, leaseMs],
  );
}

export interface ProvisioningMove {
  readonly state: ProvisioningRow['state'];
  readonly requestId?: number | null;
  readonly attempts?: number;
  readonly detail?: string | null;
  readonly applied?: readonly SettingOutcome[];
  readonly refused?: readonly SettingOutcome[];
  readonly rebootRequired?: boolean;
  /** When it is looked at again, ms from now. */
  readonly inMs?: number;
}

/** Writes how far it came and lets go of it; its end is told in the same commit. */
export async function moveProvisioning(
  db: Database,
  { stationId, tenantId }: Pick<ClaimedProvisioning, 'stationId' | 'tenantId'>,
  move: ProvisioningMove,
): Promise<void> {
  const { state, requestId, attempts, detail, applied, refused, rebootRequired, inMs = 0 } = move;
  const ended = state === 'done' || state === 'failed';
  const text = (list: readonly SettingOutcome[] | undefined) => (list === undefined ? null : JSON.stringify(list));
  await db.transaction(async (tx) => {
    const [row] = await tx.query<{ applied: number; refused: number; reboot: boolean; detail: string | null }>(
      `update station_provisioning set state = $2::text, request_id = coalesce($3::int4, request_id),
         attempts = coalesce($4::int4, attempts), detail = coalesce($5::text, detail),
         applied = coalesce($6::text::jsonb, applied), refused = coalesce($7::text::jsonb, refused),
         reboot_required = coalesce($8::text::boolean, reboot_required),
         next_at = now() + $9::float8 * interval '1 millisecond', claimed_until = null, updated_at = now(),
         started_at = coalesce(started_at, now()), ended_at = case when $10::text::boolean then now() end
       where station_id = $1::int8 and ended_at is null
       returning jsonb_array_length(applied)::int4 as applied, jsonb_array_length(refused)::int4 as refused,
         reboot_required as reboot, detail`,
      [
        ...[stationId, state, requestId ?? null, attempts ?? null, detail ?? null, text(applied), text(refused)],
        ...[rebootRequired === undefined ? null : String(rebootRequired), inMs, String(ended)],
      ],
    );
    if (row === undefined || !ended) return;
    const verb = state === 'failed' ? 'failed' : row.refused > 0 ? 'refused' : 'done';
    await tellEvent(tx, tenantId, `provisioning.${verb}`, {
      device_id: String(stationId),
      applied: row.applied,
      refused: row.refused,
      reboot_required: row.reboot,
      detail: row.detail,
    });
  });
}
