/** What changes the way a station may come in: a password under way, a profile that it was told, the breaker closed. */
import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Param, Sql } from '../database.js';
import { station } from '../schema.js';
import { type Actor, all, inTenant } from './scope.js';
import type { StationSecret } from './stations.js';
import { tellEvent } from './tell.js';

const SET = `
  update station set secret_salt = $3::bytea, secret_verifier = $4::bytea, pending_secret_salt = null,
    pending_secret_verifier = null, pending_secret_at = null, updated_at = now()
  where id = $1::int8 and tenant_id = $2::int4 returning revision`;

/** A new password, at once; false where the tenant has no such station. One that was under way is dropped. */
export function setStationSecret(db: Database, actor: Actor, id: number, secret: StationSecret): Promise<boolean> {
  return changed(db, actor, id, 'credentials', SET, [id, actor.tenantId, secret.salt, secret.verifier]);
}

/** What a rotation replaced: put back where the charger refuses the new one. All null where there was none. */
export interface PendingSecret {
  readonly salt: Uint8Array | null;
  readonly verifier: Uint8Array | null;
  readonly at: Date | null;
}

// A password that the charger was told and may hold is not given up for another: without it the charger could be locked
// out. One that came in since by the old password does not hold it.
const BEGIN = `
  update station s set pending_secret_salt = $3::bytea, pending_secret_verifier = $4::bytea, pending_secret_at = now(),
    updated_at = now()
  from (
    select id, pending_secret_salt, pending_secret_verifier, pending_secret_at from station
    where id = $1::int8 and tenant_id = $2::int4
      and (pending_secret_verifier is null or connected_at > pending_secret_at) for no key update) old
  where s.id = old.id
  returning old.pending_secret_salt as salt, old.pending_secret_verifier as verifier, old.pending_secret_at as at`;

/**
 * From now on either password opens a session, until the charger has used the new one.
 * @returns what was pending before; undefined where the charger may hold that and has not come in since
 */
export async function beginRotation(
  db: Sql,
  { tenantId }: Actor,
  id: number,
  { salt, verifier }: StationSecret,
): Promise<PendingSecret | undefined> {
  return (await db.query<PendingSecret>(BEGIN, [id, tenantId, salt, verifier]))[0];
}

/** The charger did not take the password: what was pending before is so again, unless the new one was used meanwhile. */
export async function dropRotation(
  db: Database,
  actor: Actor,
  id: number,
  { verifier }: StationSecret,
  before: PendingSecret,
): Promise<void> {
  await db.orm
    .update(station)
    .set({
      pendingSecretSalt: before.salt,
      pendingSecretVerifier: before.verifier,
      pendingSecretAt: before.at,
      updatedAt: sql`now()`,
    })
    .where(of(actor, id, eq(station.pendingSecretVerifier, verifier)));
}

/** Notes the profile that a station is told to go to: once it came by it, it is taken by no lower one. */
export async function wantSecurityProfile(db: Database, actor: Actor, id: number, profile: number): Promise<void> {
  await db.orm.update(station).set({ desiredSecurityProfile: profile, updatedAt: sql`now()` }).where(of(actor, id));
}

/** The station will not go there: what it was told before holds again, unless it came by the profile meanwhile. */
export async function unwantSecurityProfile(
  db: Database,
  actor: Actor,
  id: number,
  profile: number,
  before: number | null,
): Promise<void> {
  await db.orm
    .update(station)
    .set({ desiredSecurityProfile: before, updatedAt: sql`now()` })
    .where(of(actor, id, eq(station.desiredSecurityProfile, profile)));
}

const STOP_FLAPPING = `
  update station set connects_since = null, connects = 0, flap_until = null, updated_at = now()
  where id = $1::int8 and tenant_id = $2::int4 returning revision`;

/** Closes the flap breaker, and counts anew; false where the tenant has no such station. */
export function stopFlapping(db: Database, actor: Actor, id: number): Promise<boolean> {
  return changed(db, actor, id, 'flapping', STOP_FLAPPING, [id, actor.tenantId]);
}

/** By a statement that returns the revision, which stays: nobody's edit of the device is overtaken by it. */
function changed(
  db: Database,
  { tenantId }: Actor,
  id: number,
  field: string,
  text: string,
  params: readonly Param[],
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ revision: number }>(text, params);
    if (row === undefined) return false;
    const { revision } = row;
    await tellEvent(tx, tenantId, 'station.changed', { device_id: String(id), revision, fields: [field] });
    return true;
  });
}

const of = (actor: Actor, id: number, more?: SQL): SQL | undefined =>
  and(all(inTenant(actor, station), eq(station.id, id)), more);
