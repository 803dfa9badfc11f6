/** Stations with their connectors: read, and what may be changed of them (`station-change.ts`). */
import { asc, eq, getTableColumns, inArray, isNull, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { connector, station, transaction } from '../schema.js';
import { type Actor, all, inTenant } from './scope.js';

export type ConnectorRow = typeof connector.$inferSelect;
export type StationView = StationRow & { readonly connectors: readonly ConnectorRow[] };

const {
  secretSalt: _salt,
  secretVerifier: _verifier,
  pendingSecretSalt: _pendingSalt,
  pendingSecretVerifier: _pendingVerifier,
  connectsSince: _since,
  revision: _revision,
  ...COLUMNS
} = getTableColumns(station);

const ROW = {
  ...COLUMNS,
  /** The name of its site. */
  site: sql<string | null>`(select x.name from site x where x.id = station.site_id)`,
};

/** The columns of a station without what only the login of chargers, or a change by an operator, needs, and the name of its site. */
export const STATION_ROW = ROW;
export type StationRow = Pick<typeof station.$inferSelect, keyof typeof COLUMNS> & { readonly site: string | null };

/** Puts the connectors to stations that were already read for this actor. */
export async function withConnectors<T extends StationRow>(
  db: Database,
  rows: readonly T[],
): Promise<(T & StationView)[]> {
  if (rows.length === 0) return [];
  const found = await db.orm
    .select()
    .from(connector)
    .where(
      inArray(
        connector.stationId,
        rows.map((row) => row.id),
      ),
    )
    .orderBy(asc(connector.stationId), asc(connector.evseId), asc(connector.connectorId));
  const byStation = new Map<number, ConnectorRow[]>(rows.map((row) => [row.id, []]));
  for (const row of found) byStation.get(row.stationId)?.push(row);
  return rows.map((row) => ({ ...row, connectors: byStation.get(row.id) ?? [] }));
}

/** What an operator decides about a station; absent fields stay. */
export interface StationPatch {
  readonly name?: string | null;
  readonly lat?: number | null;
  readonly lng?: number | null;
  readonly address?: string | null;
  /** The name of its site, which is made where the tenant has none of it. Not beside `siteId`. */
  readonly site?: string | null;
  readonly siteId?: number | null;
  /** Whether drivers see it. */
  readonly published?: boolean;
  /** False brings an archived station back; it stays blocked until that is taken away too. */
  readonly archived?: false;
  readonly defaultVersion?: string | null;
  readonly blocked?: boolean;
  readonly pingSeconds?: number | null;
  readonly leniency?: { overlong?: boolean; additional?: boolean };
  /** Least OCPP security profile that it is taken by. */
  readonly minSecurityProfile?: number;
}

/** How a password is kept (contract, `passwordVerifier`). */
export interface StationSecret {
  readonly salt: Uint8Array;
  readonly verifier: Uint8Array;
}

export async function getStation(db: Database, actor: Actor, id: number): Promise<StationView | undefined> {
  const rows = await db.orm
    .select(ROW)
    .from(station)
    .where(all(inTenant(actor, station), eq(station.id, id)));
  return (await withConnectors(db, rows))[0];
}

/** The transactions that run at a station, oldest first. */
export async function activeTransactionIds(db: Database, actor: Actor, stationId: number): Promise<number[]> {
  const rows = await db.orm
    .select({ id: transaction.id })
    .from(transaction)
    .where(all(inTenant(actor, transaction), eq(transaction.stationId, stationId), isNull(transaction.endedAt)))
    .orderBy(asc(transaction.id))
    .limit(100);
  return rows.map((row) => row.id);
}
