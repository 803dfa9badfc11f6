/** What stations said beside their sessions, for people: the newest first. */
import { desc, eq, getTableColumns, lt, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Database } from '../database.js';
import { authorizationRefusal, derStartStop, stationBoot, unaskedStatus, vatCheck } from '../schema.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';

export interface WordPart {
  readonly before?: number;
  readonly limit: number;
}

interface Words {
  readonly id: PgColumn;
  readonly tenantId: PgColumn;
  readonly stationId: PgColumn;
}

const of = (table: Words, actor: Actor, stationId: number, { before }: WordPart): SQL | undefined =>
  all(inTenant(actor, table), eq(table.stationId, stationId), before === undefined ? undefined : lt(table.id, before));

const { tenantId: _boot, stationId: _bootOf, ...BOOT } = getTableColumns(stationBoot);
const { tenantId: _refusal, stationId: _refusalOf, ...REFUSAL } = getTableColumns(authorizationRefusal);
const { tenantId: _vat, stationId: _vatOf, ...VAT } = getTableColumns(vatCheck);
const { tenantId: _status, stationId: _statusOf, ...STATUS } = getTableColumns(unaskedStatus);
const { tenantId: _der, stationId: _derOf, ...DER } = getTableColumns(derStartStop);

type Row<T extends { readonly $inferSelect: object }> = Omit<T['$inferSelect'], 'tenantId' | 'stationId'>;
export type BootRow = Row<typeof stationBoot>;
export type RefusalRow = Row<typeof authorizationRefusal>;
export type VatCheckRow = Row<typeof vatCheck>;
export type UnaskedStatusRow = Row<typeof unaskedStatus>;
export type DerStartStopRow = Row<typeof derStartStop>;

export async function listBoots(db: Database, actor: Actor, stationId: number, part: WordPart): Promise<Page<BootRow>> {
  const wanted = of(stationBoot, actor, stationId, part);
  const rows = db.orm.select(BOOT).from(stationBoot).where(wanted).orderBy(desc(stationBoot.id));
  return page(await rows.limit(part.limit + 1), part.limit);
}

export async function listAuthorizationRefusals(
  db: Database,
  actor: Actor,
  stationId: number,
  part: WordPart,
): Promise<Page<RefusalRow>> {
  const wanted = of(authorizationRefusal, actor, stationId, part);
  const rows = db.orm.select(REFUSAL).from(authorizationRefusal).where(wanted).orderBy(desc(authorizationRefusal.id));
  return page(await rows.limit(part.limit + 1), part.limit);
}

export async function listVatChecks(
  db: Database,
  actor: Actor,
  stationId: number,
  part: WordPart,
): Promise<Page<VatCheckRow>> {
  const wanted = of(vatCheck, actor, stationId, part);
  const rows = db.orm.select(VAT).from(vatCheck).where(wanted).orderBy(desc(vatCheck.id));
  return page(await rows.limit(part.limit + 1), part.limit);
}

export async function listUnaskedStatuses(
  db: Database,
  actor: Actor,
  stationId: number,
  part: WordPart,
): Promise<Page<UnaskedStatusRow>> {
  const wanted = of(unaskedStatus, actor, stationId, part);
  const rows = db.orm.select(STATUS).from(unaskedStatus).where(wanted).orderBy(desc(unaskedStatus.id));
  return page(await rows.limit(part.limit + 1), part.limit);
}

/** Scheduled grid controls that began or ended (2.1 R06), also of controls that are known no more. */
export async function listDerStartStops(
  db: Database,
  actor: Actor,
  stationId: number,
  part: WordPart,
): Promise<Page<DerStartStopRow>> {
  const wanted = of(derStartStop, actor, stationId, part);
  const rows = db.orm.select(DER).from(derStartStop).where(wanted).orderBy(desc(derStartStop.id));
  return page(await rows.limit(part.limit + 1), part.limit);
}
