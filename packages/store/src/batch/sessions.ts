/** Sessions of chargers in batches: who may connect, which session is the newest, who is offline. */
import { type AccessChange, type AccessMoment, afterAccess, type StationAccess } from '@sigec/domain';
import type { Database, Sql } from '../database.js';
import { wakeLanes } from '../facts/commands.js';
import { numbers, texts } from './columns.js';
import { writeEvents } from './write.js';

/** A station as whoever decides over its sessions sees it. */
export interface StationCredentials extends StationAccess {
  readonly id: number;
  readonly tenantId: number;
  readonly identity: string;
  readonly registration: string;
  readonly pingSeconds: number | null;
  readonly epoch: number;
}

export interface ConnectAttempt {
  readonly identity: string;
  readonly edgeId: string;
  readonly version: string;
  readonly address: string;
  /** ms since 1970, the edge's clock. */
  readonly at: number;
}

/** A station as it is found, with what its newest session was opened for. */
interface Found extends StationCredentials {
  readonly edgeId: string | null;
  /** ms since 1970, microseconds as fraction. */
  readonly connectedAt: number | null;
  /** The database's clock, which all processes share: ms since 1970. */
  readonly now: number;
}

/** Stamps of one edge are 1.25 us apart; kept in whole microseconds and handed through two doubles they move by 0.75. */
const SAME_MS = 0.001;

/**
 * The newest session was opened for this very attempt, which came again: each edge stamps its attempts with times of their
 * own. Another epoch would make the session that the first answer opened a stale one. Closed meanwhile, it has no edge.
 */
const isRepeated = (attempt: ConnectAttempt, { edgeId, connectedAt }: Found): boolean =>
  connectedAt !== null &&
  Math.abs(connectedAt - attempt.at) < SAME_MS &&
  (edgeId === attempt.edgeId || edgeId === null);

/** The session that was opened for an attempt, or null where it was refused. */
export interface OpenedSession {
  readonly station: StationCredentials;
  readonly epoch: number;
  /** It was one connection too many: the flap breaker is open. */
  readonly tripped: boolean;
}

/** Decides over one attempt; pure. Null refuses it. */
export type Decide<A> = (
  attempt: A,
  station: StationCredentials | undefined,
  moment: AccessMoment,
) => AccessChange | null;

const FIND = `
  select id, tenant_id as "tenantId", identity, blocked, registration, default_version as "defaultVersion",
    ping_seconds as "pingSeconds", secret_salt as "secretSalt", secret_verifier as "secretVerifier",
    pending_secret_salt as "pendingSalt", pending_secret_verifier as "pendingVerifier",
    min_security_profile as "minSecurityProfile", desired_security_profile as "desiredSecurityProfile",
    date_part('epoch', connects_since) * 1000 as "connectsSince", connects,
    date_part('epoch', flap_until) * 1000 as "flapUntil", date_part('epoch', now()) * 1000 as now,
    session_epoch as epoch, edge_id as "edgeId", round(date_part('epoch', connected_at) * 1e6) / 1e3 as "connectedAt"
  from station where identity = any($1::text::text[]) order by id for no key update`;

const REGISTER = `
  insert into station (tenant_id, identity) select $1::int4, identity from unnest($2::text::text[]) as i(identity)
  order by identity on conflict (identity) do nothing`;

// One row is written once, whatever it learns: what the session is, what it was let in by, and how often it came.
const OPEN = `
  update station s set session_epoch = k.epoch, online = true, edge_id = k.edge_id, remote_address = k.address,
    ocpp_version = coalesce(nullif(k.version, ''), s.ocpp_version), connected_at = to_timestamp(k.at / 1000),
    last_seen = to_timestamp(k.at / 1000), updated_at = now(), security_profile = k.profile,
    min_security_profile = k.least, desired_security_profile = k.desired,
    secret_salt = case when k.promoted = 1 then s.pending_secret_salt else s.secret_salt end,
    secret_verifier = case when k.promoted = 1 then s.pending_secret_verifier else s.secret_verifier end,
    pending_secret_salt = case when k.promoted = 1 then null else s.pending_secret_salt end,
    pending_secret_verifier = case when k.promoted = 1 then null else s.pending_secret_verifier end,
    pending_secret_at = case when k.promoted = 1 then null else s.pending_secret_at end,
    connects_since = to_timestamp(k.since / 1000), connects = k.connects, flap_until = to_timestamp(k.flap_until / 1000)
  from unnest($1::text::int8[], $2::text::int8[], $3::text::text[], $4::text::text[], $5::text::text[],
    $6::text::float8[], $7::text::int2[], $8::text::int2[], $9::text::int2[], $10::text::int2[], $11::text::float8[],
    $12::text::int4[], $13::text::float8[])
    as k(id, epoch, edge_id, address, version, at, profile, least, desired, promoted, since, connects, flap_until)
  where s.id = k.id`;

/** From a session to the look at its queue of commands where no boot comes, ms. */
const UNBOOTED_MS = 3000;

/** What becomes of a station: its newest session, and all that the sessions before it in the batch changed. */
interface Opening<A> {
  readonly attempt: A;
  readonly epoch: number;
  readonly station: StationCredentials;
  readonly change: AccessChange;
}

/** Nothing was changed: the transaction is taken back, and this is its outcome. */
class Unchanged<Outcome> extends Error {
  constructor(readonly outcome: Outcome) {
    super('nothing was changed');
  }
}

/**
 * Opens sessions. Every opened session gets the next epoch of its station, so the newest authenticated one is told from all
 * others by one number that no clock can turn round.
 *
 * Where none is opened nothing is committed. The lock on a station that is there is something to write, so a commit would
 * wait for the disk where one that nobody knows waits for nothing: a wrong password would take longer than an unknown
 * station, and each guess would cost a write.
 * @param register tenant that unknown stations are registered in, or null where unknown stations are refused
 * @param decide asked in order, with each station as the attempts before left it
 * @returns per attempt, in order
 */
export async function openSessions<A extends ConnectAttempt>(
  db: Database,
  attempts: readonly A[],
  register: number | null,
  decide: Decide<A>,
): Promise<(OpenedSession | null)[]> {
  type Opened = (OpenedSession | null)[];
  const work = async (tx: Sql): Promise<Opened> => {
    const known = await find(tx, [...new Set(attempts.map((a) => a.identity))]);
    let registered = false;
    if (register !== null) {
      const missing = [...new Set(attempts.map((a) => a.identity).filter((identity) => !known.has(identity)))];
      if (missing.length > 0) {
        registered = true;
        await tx.query(REGISTER, [register, texts(missing, (identity) => identity)]);
        for (const [identity, station] of await find(tx, missing)) known.set(identity, station);
      }
    }
    const openings = new Map<number, Opening<A>>();
    const tripped: Moved[] = [];
    const opened = attempts.map((attempt) => {
      const station = known.get(attempt.identity);
      const before = station && openings.get(station.id);
      const repeated = station !== undefined && before === undefined && isRepeated(attempt, station);
      const change = decide(attempt, station, { now: station?.now ?? 0, repeated });
      if (change === null || station === undefined) return null;
      if (repeated) return { station, epoch: station.epoch, tripped: false };
      const epoch = (before?.epoch ?? station.epoch) + 1;
      const promoted = change.promoted || before?.change.promoted === true;
      openings.set(station.id, { attempt, epoch, station, change: { ...change, promoted } });
      known.set(attempt.identity, afterAccess(station, change));
      if (change.tripped) tripped.push({ ...station, epoch });
      return { station, epoch, tripped: change.tripped };
    });
    if (openings.size > 0) await write(tx, [...openings.values()], tripped);
    else if (!registered) throw new Unchanged(opened);
    return opened;
  };
  try {
    return await db.transaction(work);
  } catch (error) {
    if (error instanceof Unchanged) return error.outcome as Opened;
    throw error;
  }
}

async function write(tx: Sql, rows: readonly Opening<ConnectAttempt>[], tripped: readonly Moved[]): Promise<void> {
  const flapping = new Map(rows.map(({ station, change }) => [station.id, change]));
  await Promise.all([
    tx.query(OPEN, [
      numbers(rows, (r) => r.station.id),
      numbers(rows, (r) => r.epoch),
      texts(rows, (r) => r.attempt.edgeId),
      texts(rows, (r) => r.attempt.address),
      texts(rows, (r) => r.attempt.version),
      numbers(rows, (r) => r.attempt.at),
      numbers(rows, (r) => r.change.securityProfile),
      numbers(rows, (r) => r.change.minSecurityProfile),
      numbers(rows, (r) => r.change.desiredSecurityProfile),
      numbers(rows, (r) => (r.change.promoted ? 1 : 0)),
      numbers(rows, (r) => r.change.connectsSince),
      numbers(rows, (r) => r.change.connects),
      numbers(rows, (r) => r.change.flapUntil),
    ]),
    // A charger that boots now has its queue looked at by then; one that does not boot again on a new connection, a little later.
    wakeLanes(
      tx,
      rows.map(({ station }) => station.id),
      UNBOOTED_MS,
    ),
    writeEvents(tx, [
      ...rows.map(({ station, epoch }) => event('station.online', { ...station, epoch })),
      ...tripped.map((moved) => {
        const { connects, flapUntil } = flapping.get(moved.id) as AccessChange;
        const told = event('station.flapping', moved);
        const until = flapUntil === null ? null : new Date(flapUntil).toISOString();
        return { ...told, payload: { ...told.payload, connects, until } };
      }),
    ]),
  ]);
}

async function find(tx: Sql, identities: readonly string[]): Promise<Map<string, Found>> {
  const rows = await tx.query<Found>(FIND, [texts(identities, (identity) => identity)]);
  return new Map(rows.map((row) => [row.identity, row]));
}

export interface ClosedSocket {
  readonly stationId: number;
  readonly epoch: number;
  readonly at: number;
}

// Compare before set: the close of an old socket must not put the station offline that a newer one serves.
const CLOSE = `
  update station s set online = false, edge_id = null, disconnected_at = to_timestamp(k.at / 1000), updated_at = now()
  from (
    select s.id, k.at from unnest($1::text::int8[], $2::text::int8[], $3::text::float8[]) as k(id, epoch, at)
    join station s on s.id = k.id where s.session_epoch = k.epoch and s.online
    order by s.id for no key update of s) k
  where s.id = k.id
  returning s.id, s.tenant_id as "tenantId", s.identity, s.session_epoch as epoch`;

const SWEEP = `
  update station s set online = false, edge_id = null, disconnected_at = now(), updated_at = now()
  from (
    select id, session_epoch from station where online and edge_id is not null and edge_id = any($1::text::text[])
    order by id limit 10000 for no key update skip locked) k
  where s.id = k.id and s.session_epoch = k.session_epoch
  returning s.id, s.tenant_id as "tenantId", s.identity, s.session_epoch as epoch`;

/** A station that went on or off line. */
interface Moved {
  id: number;
  tenantId: number;
  identity: string;
  epoch: number;
}

type Kind = 'station.online' | 'station.offline' | 'station.flapping';

const event = (kind: Kind, { id, tenantId, identity, epoch }: Moved) => ({
  tenantId,
  kind,
  payload: { device_id: String(id), identity, epoch },
});

async function tell(tx: Sql, kind: Kind, moved: readonly Moved[]): Promise<number> {
  await writeEvents(
    tx,
    moved.map((one) => event(kind, one)),
  );
  return moved.length;
}

/** Puts stations offline whose socket closed, unless a newer session has begun. Returns how many changed. */
export async function closeSessions(db: Database, closed: readonly ClosedSocket[]): Promise<number> {
  return db.transaction(async (tx) => {
    const gone = await tx.query<Moved>(CLOSE, [
      numbers(closed, (c) => c.stationId),
      numbers(closed, (c) => c.epoch),
      numbers(closed, (c) => c.at),
    ]);
    return tell(tx, 'station.offline', gone);
  });
}

/** The edges that stations are said to be connected to. */
export async function edgesInUse(db: Database): Promise<string[]> {
  const rows = await db.query<{ edgeId: string }>(
    `select distinct edge_id as "edgeId" from station where online and edge_id is not null`,
  );
  return rows.map((row) => row.edgeId);
}

/** Puts the stations of edges offline whose lease ran out. Returns how many changed. */
export async function closeSessionsOfEdges(db: Database, edgeIds: readonly string[]): Promise<number> {
  return db.transaction(async (tx) =>
    tell(tx, 'station.offline', await tx.query<Moved>(SWEEP, [texts(edgeIds, (id) => id)])),
  );
}

/** When a session was last heard. */
export interface Heard {
  readonly stationId: number;
  readonly epoch: number;
  readonly edgeId: string;
  /** ms since 1970, the edge's clock. */
  readonly at: number;
}

// A station that speaks in its newest session after it was set offline is not offline: its edge had only lost the cache,
// and with it its lease. What came before the close of its socket is older than that close, by the same clock.
const TOUCH = `
  with touched as (update station s set last_seen = to_timestamp(k.at / 1000), online = s.online or k.back,
    edge_id = case when k.back then k.edge_id else s.edge_id end
  from (
    select s.id, k.at, k.edge_id, (not s.online and s.session_epoch = k.epoch
      and s.disconnected_at < to_timestamp(k.at / 1000)) is true as back
    from unnest($1::text::int8[], $2::text::int8[], $3::text::text[], $4::text::float8[]) as k(id, epoch, edge_id, at)
    join station s on s.id = k.id order by s.id for no key update of s) k
  where s.id = k.id and (s.last_seen is null or s.last_seen < to_timestamp(k.at / 1000))
  returning s.id, s.tenant_id, s.identity, s.session_epoch, k.back)
  select id, tenant_id as "tenantId", identity, session_epoch as epoch from touched where back`;

/**
 * Notes when stations were last heard, set-based, and puts those online again that were thought gone.
 * @param heard at most one entry per station
 */
export async function touchStations(db: Database, heard: readonly Heard[]): Promise<void> {
  if (heard.length === 0) return;
  await db.transaction(async (tx) => {
    const back = await tx.query<Moved>(TOUCH, [
      numbers(heard, (h) => h.stationId),
      numbers(heard, (h) => h.epoch),
      texts(heard, (h) => h.edgeId),
      numbers(heard, (h) => h.at),
    ]);
    await tell(tx, 'station.online', back);
  });
}
