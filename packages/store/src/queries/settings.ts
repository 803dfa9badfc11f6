/** What operators want variables to be: of a tenant, a vendor, a model, a station; the nearer wins. */
import { and, asc, gt, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { NAME_COLUMNS, NAME_FIELDS, NAME_TYPES, nameOf, pathOf, type VariableName } from '../facts/variable-name.js';
import { desiredSetting } from '../schema.js';
import { type Actor, inTenant, type Page, page } from './scope.js';
import type { StationRow } from './stations.js';

export type SettingRow = typeof desiredSetting.$inferSelect;

export interface WantedSetting extends VariableName {
  readonly value: string;
}

/** Whose settings: a station's, or the tenant's, which may be of a vendor or one of its models alone. */
export interface SettingScope {
  readonly stationId?: number;
  readonly vendor?: string;
  readonly model?: string;
}

/** Takes the place of all that this scope wanted. The last of a name counts. */
export async function replaceSettings(
  db: Database,
  actor: Actor,
  scope: SettingScope,
  wanted: readonly WantedSetting[],
): Promise<void> {
  const { stationId = null, vendor = null, model = null } = scope;
  const rows = [...new Map(wanted.map((row) => [pathOf(row), { ...row, path: pathOf(row) }])).values()];
  const place = [actor.tenantId, stationId, vendor, model] as const;
  await db.transaction(async (tx) => {
    await tx.query(
      `delete from desired_setting where tenant_id = $1::int4 and coalesce(station_id, 0) = coalesce($2::int8, 0)
       and lower(coalesce(vendor, '')) = lower(coalesce($3::text, ''))
       and lower(coalesce(model, '')) = lower(coalesce($4::text, ''))`,
      place,
    );
    if (rows.length === 0) return;
    // Two people at once: the later one's values stand.
    await tx.query(
      `insert into desired_setting (tenant_id, station_id, vendor, model, path, ${NAME_COLUMNS}, value)
       select $1::int4, $2::int8, $3::text, $4::text, path, ${NAME_FIELDS}, value
       from json_to_recordset($5::text::json) as w(path text, ${NAME_TYPES}, value text)
       on conflict (tenant_id, coalesce(station_id, 0), lower(coalesce(vendor, '')), lower(coalesce(model, '')), path)
       do update set value = excluded.value, updated_at = now()`,
      [...place, JSON.stringify(rows)],
    );
  });
}

/** Of the tenant, without those of single stations. */
export async function listSettings(
  db: Database,
  actor: Actor,
  options: { readonly after?: number; readonly limit: number },
): Promise<Page<SettingRow>> {
  const t = desiredSetting;
  const { after, limit } = options;
  const rows = await db.orm
    .select()
    .from(t)
    .where(
      and(inTenant(actor, t), sql`coalesce(${t.stationId}, 0) = 0`, after === undefined ? undefined : gt(t.id, after)),
    )
    .orderBy(asc(t.id))
    .limit(limit + 1);
  return page(rows, limit);
}

/** What is wanted of a station, and who wants it. */
export interface EffectiveSetting extends WantedSetting {
  readonly path: string;
  readonly source: 'device' | 'model' | 'vendor' | 'tenant';
}

const sourceOf = (row: SettingRow): EffectiveSetting['source'] => {
  if (row.stationId !== null) return 'device';
  if (row.model !== null) return 'model';
  return row.vendor === null ? 'tenant' : 'vendor';
};

const RANK = { tenant: 0, vendor: 1, model: 2, device: 3 } as const;

/** Keys for a station of 1.6, variables of components for one of 2.x. */
export async function effectiveSettings(
  db: Database,
  actor: Actor,
  station: Pick<StationRow, 'id' | 'vendor' | 'model' | 'ocppVersion' | 'defaultVersion'>,
): Promise<EffectiveSetting[]> {
  const t = desiredSetting;
  const ofKeys = (station.ocppVersion ?? station.defaultVersion) === 'ocpp1.6';
  const rows = await db.orm
    .select()
    .from(t)
    .where(
      and(
        inTenant(actor, t),
        sql`coalesce(${t.stationId}, 0) in (0, ${station.id}::int8)`,
        sql`(${t.vendor} is null or lower(${t.vendor}) = lower(${station.vendor}::text))`,
        sql`(${t.model} is null or lower(${t.model}) = lower(${station.model}::text))`,
        sql`(${t.component} = '') = ${ofKeys}::boolean`,
      ),
    );
  const nearest = new Map<string, EffectiveSetting>();
  for (const row of rows) {
    const source = sourceOf(row);
    const other = nearest.get(row.path);
    if (other !== undefined && RANK[other.source] > RANK[source]) continue;
    nearest.set(row.path, { ...nameOf(row), path: row.path, value: row.value, source });
  }
  return [...nearest.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
