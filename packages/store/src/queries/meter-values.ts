/** What meters told, for people: of one transaction, or of a station outside of all transactions. */
import { asc, eq, isNull, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { meterValue, station, transaction } from '../schema.js';
import { type Actor, all, inTenant, type Page, page, visibleTransactions } from './scope.js';

export type MeterValueRow = Omit<typeof meterValue.$inferSelect, 'transactionId' | 'stationId'> & {
  /** `sampledAt`, since 1970. */
  readonly atMicros: number;
};

/** A place in the list: so many of those of one instant were given. Rows have no number of their own. */
export interface MeterPlace {
  readonly atMicros: number;
  readonly given: number;
}

export interface MeterPart {
  readonly after?: MeterPlace;
  readonly limit: number;
  /** Sampled at or after. */
  readonly from?: Date;
  /** Sampled before. */
  readonly to?: Date;
}

const VALUE = {
  atMicros: sql`(extract(epoch from ${meterValue.sampledAt}) * 1000000)::bigint`.mapWith(Number),
  sampledAt: meterValue.sampledAt,
  receivedAt: meterValue.receivedAt,
  evseId: meterValue.evseId,
  connectorId: meterValue.connectorId,
  samples: meterValue.samples,
};

const within = ({ after, from, to }: MeterPart): SQL | undefined =>
  all(
    after === undefined
      ? undefined
      : sql`${meterValue.sampledAt} >= timestamptz 'epoch' + ${after.atMicros}::float8 * interval '1 microsecond'`,
    from === undefined ? undefined : sql`${meterValue.sampledAt} >= ${from.toISOString()}::timestamptz`,
    to === undefined ? undefined : sql`${meterValue.sampledAt} < ${to.toISOString()}::timestamptz`,
  );

// Those of one instant always in one order, or a page would give one twice and another never.
const ORDER = [
  asc(meterValue.sampledAt),
  asc(meterValue.receivedAt),
  asc(meterValue.evseId),
  sql`${meterValue.samples}::text`,
];

/** In the order of their times; what a driver may see of it is what they may see of the transaction. */
export async function listTransactionMeterValues(
  db: Database,
  actor: Actor,
  transactionId: number,
  part: MeterPart,
): Promise<Page<MeterValueRow>> {
  const rows = await db.orm
    .select(VALUE)
    .from(meterValue)
    .innerJoin(transaction, eq(transaction.id, meterValue.transactionId))
    .where(all(visibleTransactions(actor), eq(meterValue.transactionId, transactionId), within(part)))
    .orderBy(...ORDER)
    .offset(part.after?.given ?? 0)
    .limit(part.limit + 1);
  return page(rows, part.limit);
}

/** What belongs to no transaction, as the main meter and clock-aligned values of idle EVSEs do; in the order of their times. */
export async function listStationMeterValues(
  db: Database,
  actor: Actor,
  stationId: number,
  { evseId, ...part }: MeterPart & { readonly evseId?: number },
): Promise<Page<MeterValueRow>> {
  const rows = await db.orm
    .select(VALUE)
    .from(meterValue)
    .innerJoin(station, eq(station.id, meterValue.stationId))
    .where(
      all(
        inTenant(actor, station),
        eq(meterValue.stationId, stationId),
        isNull(meterValue.transactionId),
        evseId === undefined ? undefined : eq(meterValue.evseId, evseId),
        within(part),
      ),
    )
    .orderBy(...ORDER)
    .offset(part.after?.given ?? 0)
    .limit(part.limit + 1);
  return page(rows, part.limit);
}

/** Where the list goes on after a page that began at `after`. */
export function placeAfter(rows: readonly MeterValueRow[], after: MeterPlace | undefined): MeterPlace | undefined {
  const last = rows.at(-1);
  if (last === undefined) return after;
  const same = rows.filter((row) => row.atMicros === last.atMicros).length;
  return { atMicros: last.atMicros, given: same + (after?.atMicros === last.atMicros ? after.given : 0) };
}
