/** Grid control (DER): controls at stations, and alarms. */
import { asc, desc, eq, getTableColumns, gt, lt } from 'drizzle-orm';
import type { Database } from '../../database.js';
import { type DerControlFact, putDerControls } from '../../facts/der.js';
import { derAlarm, derControl } from '../../schema.js';
import { type Actor, all, inTenant, type Page, page } from '../scope.js';
import { tellEvent } from '../tell.js';

export type DerControlRow = Omit<typeof derControl.$inferSelect, 'tenantId'>;
export type DerAlarmRow = Omit<typeof derAlarm.$inferSelect, 'tenantId'>;
const { tenantId: _controlTenant, ...CONTROL } = getTableColumns(derControl);
const { tenantId: _alarmTenant, ...ALARM } = getTableColumns(derAlarm);

/** What a station took from us, and what that put aside. */
export async function saveDerControl(
  db: Database,
  { tenantId }: Actor,
  control: Omit<DerControlFact, 'tenantId'>,
  supersededIds: readonly string[],
): Promise<void> {
  const { stationId, controlId } = control;
  await db.transaction(async (tx) => {
    await putDerControls(tx, [{ ...control, tenantId }], 'set');
    if (supersededIds.length > 0)
      await tx.query(
        `update der_control set superseded = true
         where station_id = $1::int8 and control_id = any($2::text[]) and control_id <> $3::text`,
        [stationId, supersededIds, controlId],
      );
    await tellEvent(tx, tenantId, 'der-control.set', {
      device_id: String(stationId),
      control_id: controlId,
      control_type: control.controlType,
      superseded_ids: supersededIds,
    });
  });
}

export interface DerControlChoice {
  readonly isDefault: boolean;
  readonly controlType: string | null;
  /** Where it is given, the type does not count (2.1 R04). */
  readonly controlId: string | null;
}

/** What a station cleared: one control, those of a type, or all of them; the default ones or the scheduled ones. */
export async function forgetDerControls(
  db: Database,
  { tenantId }: Actor,
  stationId: number,
  { isDefault, controlType, controlId }: DerControlChoice,
): Promise<void> {
  await db.transaction(async (tx) => {
    const gone = await tx.query<{ id: string }>(
      `delete from der_control where station_id = $1::int8 and tenant_id = $2::int4 and is_default = $3::text::boolean
         and ($4::text is null or control_id = $4::text)
         and ($5::text is null or $4::text is not null or control_type = $5::text)
       returning control_id as id`,
      [stationId, tenantId, String(isDefault), controlId, controlType],
    );
    if (gone.length === 0) return;
    const control_ids = gone.map((row) => row.id);
    await tellEvent(tx, tenantId, 'der-control.cleared', { device_id: String(stationId), control_ids });
  });
}

export async function listDerControls(
  db: Database,
  actor: Actor,
  stationId: number,
  { after, limit }: { readonly after?: number; readonly limit: number },
): Promise<Page<DerControlRow>> {
  const rows = await db.orm
    .select(CONTROL)
    .from(derControl)
    .where(
      all(
        inTenant(actor, derControl),
        eq(derControl.stationId, stationId),
        after === undefined ? undefined : gt(derControl.id, after),
      ),
    )
    .orderBy(asc(derControl.id))
    .limit(limit + 1);
  return page(rows, limit);
}

/** Newest first. */
export async function listDerAlarms(
  db: Database,
  actor: Actor,
  stationId: number,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<Page<DerAlarmRow>> {
  const rows = await db.orm
    .select(ALARM)
    .from(derAlarm)
    .where(
      all(
        inTenant(actor, derAlarm),
        eq(derAlarm.stationId, stationId),
        before === undefined ? undefined : lt(derAlarm.id, before),
      ),
    )
    .orderBy(desc(derAlarm.id))
    .limit(limit + 1);
  return page(rows, limit);
}
