/** Stations with their connectors: registered, read, changed, searched. */
import { and, asc, eq, getTableColumns, gt, inArray, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import { connector, station, transaction } from '../schema.js';
import { type Actor, all, inTenant, type Page, page } from './scope.js';

export type ConnectorRow = typeof connector.$inferSelect;
export type StationView = StationRow & { readonly connectors: readonly ConnectorRow[] };

const {
  secretSalt: _salt,
  secretVerifier: _verifier,
  pendingSecretSalt: _pendingSalt,
  pendingSecretVerifier: _pendingVerifier,
  connectsSince: _since,
  revision: _revision,
  ...ROW
} = getTableColumns(station);

/** The columns of a station without what only the login of chargers, or a change by an operator, needs. */
export const STATION_ROW = ROW;
export type StationRow = Pick<typeof station.$inferSelect, keyof typeof ROW>;

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
  readonly site?: string | null;
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

export interface NewStation extends StationPatch {
  readonly identity: string;
  readonly securityProfile: number;
  /** Null: no password is asked for. */
  readonly secret: StationSecret | null;
}

/** Registers a station; undefined where the identity is taken, by whichever tenant. */
export async function createStation(db: Database, actor: Actor, made: NewStation): Promise<StationView | undefined> {
  const { secret, ...values } = made;
  const rows = await db.orm
    .insert(station)
    .values({
      ...values,
      tenantId: actor.tenantId,
      secretSalt: secret?.salt ?? null,
      secretVerifier: secret?.verifier ?? null,
    })
    .onConflictDoNothing()
    .returning(ROW);
  return rows[0] && { ...rows[0], connectors: [] };
}

const MANY = `
  insert into station (tenant_id, identity, security_profile, secret_salt, secret_verifier)
  select $2::int4, identity, "securityProfile", decode(salt, 'base64'), decode(verifier, 'base64')
  from json_to_recordset($1::text::json) as s(identity text, "securityProfile" int2, salt text, verifier text)
  on conflict do nothing returning id`;
/** Rows of one statement. */
const MANY_ROWS = 5000;

export type ImportedStation = Pick<NewStation, 'identity' | 'securityProfile' | 'secret'>;

/** Registers stations in bulk; returns how many were new. An identity that is taken stays as it is. */
export async function createStations(db: Database, actor: Actor, made: readonly ImportedStation[]): Promise<number> {
  const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('base64');
  let created = 0;
  for (let from = 0; from < made.length; from += MANY_ROWS) {
    const rows = made.slice(from, from + MANY_ROWS).map(({ identity, securityProfile, secret }) => {
      return { identity, securityProfile, salt: text(secret?.salt), verifier: text(secret?.verifier) };
    });
    created += (await db.query(MANY, [JSON.stringify(rows), actor.tenantId])).length;
  }
  return created;
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

const ENDED = {
  online: false,
  edgeId: null,
  disconnectedAt: sql`case when ${station.online} then now() else ${station.disconnectedAt} end`,
  sessionEpoch: sql`${station.sessionEpoch} + 1`,
};

/**
 * Changes what is given; undefined where the tenant has no such station.
 * @param ifRevision the revisions that the change was made for; another one is `stale`, and stays as it is
 */
export async function updateStation(
  db: Database,
  actor: Actor,
  id: number,
  patch: StationPatch,
  ifRevision?: readonly number[],
): Promise<StationView | 'stale' | undefined> {
  const mine = all(inTenant(actor, station), eq(station.id, id));
  const rows = await db.orm
    .update(station)
    .set({
      ...patch,
      updatedAt: sql`now()`,
      revision: sql`${station.revision} + 1`,
      // A blocked station's session is no longer its newest: whatever it sends next is answered by closing it.
      ...(patch.blocked === true ? ENDED : {}),
    })
    .where(all(mine, ifRevision && inArray(station.revision, [...ifRevision])))
    .returning(ROW);
  if (rows.length > 0 || ifRevision === undefined) return (await withConnectors(db, rows))[0];
  // Nothing was changed; only what to say of it is asked for.
  return (await db.orm.select({ id: station.id }).from(station).where(mine)).length > 0 ? 'stale' : undefined;
}

/** A new password, at once; false where the tenant has no such station. One that was under way is dropped. */
export async function setStationSecret(
  db: Database,
  actor: Actor,
  id: number,
  secret: StationSecret,
): Promise<boolean> {
  const rows = await db.orm
    .update(station)
    .set({
      ...{ secretSalt: secret.salt, secretVerifier: secret.verifier, updatedAt: sql`now()` },
      ...{ pendingSecretSalt: null, pendingSecretVerifier: null, pendingSecretAt: null },
    })
    .where(all(inTenant(actor, station), eq(station.id, id)))
    .returning({ id: station.id });
  return rows.length > 0;
}

export interface StationFilter {
  readonly status?: StationRow['status'];
  readonly online?: boolean;
  readonly site?: string;
  /** Held back by the flap breaker now. */
  readonly flapping?: boolean;
  /** Part of identity, name, vendor, model, serial number, site or address, in whatever case. */
  readonly q?: string;
  readonly after?: number;
  readonly limit: number;
}

function contains(q: string): SQL | undefined {
  const pattern = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
  const columns = [ROW.identity, ROW.name, ROW.vendor, ROW.model, ROW.serialNumber, ROW.site, ROW.address];
  return or(...columns.map((column) => sql`${column} ilike ${pattern}`));
}

export async function listStations(db: Database, actor: Actor, filter: StationFilter): Promise<Page<StationView>> {
  const rows = await db.orm
    .select(ROW)
    .from(station)
    .where(
      and(
        inTenant(actor, station),
        filter.status === undefined ? undefined : eq(station.status, filter.status),
        filter.online === undefined ? undefined : eq(station.online, filter.online),
        filter.site === undefined ? undefined : eq(station.site, filter.site),
        filter.flapping === undefined
          ? undefined
          : sql`coalesce(${station.flapUntil} > now(), false) = ${filter.flapping}::boolean`,
        filter.q === undefined ? undefined : contains(filter.q),
        filter.after === undefined ? undefined : gt(station.id, filter.after),
      ),
    )
    .orderBy(asc(station.id))
    .limit(filter.limit + 1);
  const { items, more } = page(rows, filter.limit);
  return { items: await withConnectors(db, items), more };
}
