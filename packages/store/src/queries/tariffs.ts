/** Tariffs of people: made, changed as a new version, put away. Where they hold: tariff-assignments.ts. */
import { and, asc, desc, eq, gt, lt } from 'drizzle-orm';
import type { TariffContent } from '../batch/tariffs.js';
import type { Database } from '../database.js';
import { tariff, tariffVersion } from '../schema.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';
import { tellEvent } from './tell.js';

const ROW = {
  id: tariff.id,
  name: tariff.name,
  status: tariff.status,
  version: tariff.version,
  content: tariffVersion.content,
  createdAt: tariff.createdAt,
  updatedAt: tariff.updatedAt,
};

export interface TariffRow {
  readonly id: number;
  readonly name: string;
  readonly status: 'active' | 'archived';
  readonly version: number;
  readonly content: TariffContent;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NewTariff {
  readonly name: string;
  readonly content: TariffContent;
}

const newest = and(eq(tariffVersion.tariffId, tariff.id), eq(tariffVersion.version, tariff.version));

const CREATE = `
  with made as (
    insert into tariff (tenant_id, name) values ($1::int4, $2::text) returning id, tenant_id, version)
  insert into tariff_version (tariff_id, version, tenant_id, content, made_by)
  select id, version, tenant_id, $3::text::jsonb, $4::text::uuid from made returning tariff_id as id`;

/** @returns its id */
export async function createTariff(db: Database, actor: Actor, { name, content }: NewTariff): Promise<number> {
  return db.transaction(async (tx) => {
    const params = [actor.tenantId, name, JSON.stringify(content), actor.userId];
    const [made] = await tx.query<{ id: number }>(CREATE, params);
    if (made === undefined) throw new Error('tariff: could not be made');
    await tellEvent(tx, actor.tenantId, 'tariff.created', { tariff_id: String(made.id), name, version: 1 });
    return made.id;
  });
}

export async function getTariff(db: Database, actor: Actor, id: number): Promise<TariffRow | undefined> {
  const rows = await db.orm
    .select(ROW)
    .from(tariff)
    .innerJoin(tariffVersion, newest)
    .where(all(inTenant(actor, tariff), eq(tariff.id, id)));
  return rows[0];
}

/** By id; those that were put away only where they are asked for. */
export async function listTariffs(
  db: Database,
  actor: Actor,
  {
    archived,
    after,
    limit,
  }: { readonly archived: boolean; readonly after?: number | undefined; readonly limit: number },
): Promise<Page<TariffRow>> {
  const rows = await db.orm
    .select(ROW)
    .from(tariff)
    .innerJoin(tariffVersion, newest)
    .where(
      all(
        inTenant(actor, tariff),
        archived ? undefined : eq(tariff.status, 'active'),
        after === undefined ? undefined : gt(tariff.id, after),
      ),
    )
    .orderBy(asc(tariff.id))
    .limit(limit + 1);
  return page(rows, limit);
}

export type TariffVersionRow = Pick<typeof tariffVersion.$inferSelect, 'version' | 'content' | 'madeBy' | 'createdAt'>;

/** The newest first. */
export async function listTariffVersions(
  db: Database,
  actor: Actor,
  id: number,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<Page<TariffVersionRow>> {
  const { version, content, madeBy, createdAt } = tariffVersion;
  const rows = await db.orm
    .select({ version, content, madeBy, createdAt })
    .from(tariffVersion)
    .where(
      all(
        inTenant(actor, tariffVersion),
        eq(tariffVersion.tariffId, id),
        before === undefined ? undefined : lt(tariffVersion.version, before),
      ),
    )
    .orderBy(desc(tariffVersion.version))
    .limit(limit + 1);
  return page(rows, limit);
}

const CHANGE = `
  with changed as (
    update tariff set name = $4::text, version = version + 1, updated_at = now()
    where id = $1::int8 and tenant_id = $2::int4 and version = $3::int4 and status = 'active'
    returning id, version, tenant_id)
  insert into tariff_version (tariff_id, version, tenant_id, content, made_by)
  select id, version, tenant_id, $5::text::jsonb, $6::text::uuid from changed returning version`;

/**
 * Makes the next version. What runs keeps the one that it began under.
 * @param from the version that the change was made of
 * @returns false where that is no longer the newest, or the tariff was put away
 */
export async function changeTariff(
  db: Database,
  actor: Actor,
  { id, from, name, content }: NewTariff & { readonly id: number; readonly from: number },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const params = [id, actor.tenantId, from, name, JSON.stringify(content), actor.userId];
    const [changed] = await tx.query<{ version: number }>(CHANGE, params);
    if (changed === undefined) return false;
    const told = { tariff_id: String(id), name, version: changed.version };
    await tellEvent(tx, actor.tenantId, 'tariff.changed', told);
    return true;
  });
}

// The row lock orders it with an assignment under way, which shares it.
const ARCHIVE = `
  update tariff t set status = 'archived', updated_at = now()
  where t.id = $1::int8 and t.tenant_id = $2::int4
    and not exists (select 1 from tariff_assignment a where a.tariff_id = t.id)
  returning t.id`;

/** Puts a tariff away; its versions stay. @returns false where it still holds somewhere */
export async function archiveTariff(db: Database, actor: Actor, id: number): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.query('select 1 from tariff where id = $1::int8 and tenant_id = $2::int4 for update', [
      id,
      actor.tenantId,
    ]);
    const [gone] = await tx.query<{ id: number }>(ARCHIVE, [id, actor.tenantId]);
    if (gone === undefined) return false;
    await tellEvent(tx, actor.tenantId, 'tariff.archived', { tariff_id: String(id) });
    return true;
  });
}
