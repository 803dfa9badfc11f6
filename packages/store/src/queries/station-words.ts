/** What stations said beside their sessions, for people: the newest first. */
import { desc, eq, getTableColumns, lt } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../database.js';
import { authorizationRefusal, derStartStop, stationBoot, unaskedStatus, vatCheck } from '../schema.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';

export interface WordPart {
  readonly before?: number;
  readonly limit: number;
}

type Words = PgTable & { readonly id: PgColumn; readonly tenantId: PgColumn; readonly stationId: PgColumn };
type Row<T extends { readonly $inferSelect: object }> = Omit<T['$inferSelect'], 'tenantId' | 'stationId'>;

/** Reads what one table holds of a station, the newest first. */
export type WordReader<R> = (db: Database, actor: Actor, stationId: number, part: WordPart) => Promise<Page<R>>;

function newest<T extends Words>(table: T): WordReader<Row<T>> {
  const { tenantId: _tenant, stationId: _station, ...shown } = getTableColumns<Words>(table);
  return async (db, actor, stationId, { before, limit }) => {
    const older = before === undefined ? undefined : lt(table.id, before);
    const wanted = all(inTenant(actor, table), eq(table.stationId, stationId), older);
    const from: Words = table;
    const rows = await db.orm
      .select(shown)
      .from(from)
      .where(wanted)
      .orderBy(desc(table.id))
      .limit(limit + 1);
    return page(rows as Row<T>[], limit);
  };
}

export type BootRow = Row<typeof stationBoot>;
export type RefusalRow = Row<typeof authorizationRefusal>;
export type VatCheckRow = Row<typeof vatCheck>;
export type UnaskedStatusRow = Row<typeof unaskedStatus>;
export type DerStartStopRow = Row<typeof derStartStop>;

export const listBoots: WordReader<BootRow> = newest(stationBoot);
export const listAuthorizationRefusals: WordReader<RefusalRow> = newest(authorizationRefusal);
export const listVatChecks: WordReader<VatCheckRow> = newest(vatCheck);
export const listUnaskedStatuses: WordReader<UnaskedStatusRow> = newest(unaskedStatus);
/** Scheduled grid controls that began or ended (2.1 R06), also of controls that are known no more. */
export const listDerStartStops: WordReader<DerStartStopRow> = newest(derStartStop);
