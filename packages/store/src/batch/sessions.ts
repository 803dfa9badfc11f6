/** Sessions of chargers in batches: who may connect, which session is the newest, who is offline. */
import type { Database, Sql } from '../database.js';
import { numbers, texts } from './columns.js';
import { writeEvents } from './write.js';

/** What the decision to let a charger in is made from. */
export interface StationCredentials {
  readonly id: number;
  readonly tenantId: number;
  readonly identity: string;
  readonly blocked: boolean;
  readonly registration: string;
  readonly defaultVersion: string | null;
  readonly pingSeconds: number | null;
  readonly secretSalt: Uint8Array | null;
  readonly secretVerifier: Uint8Array | null;
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

/** The session that was opened for an attempt, or null where `admit` refused. */
export interface OpenedSession {
  readonly station: StationCredentials;
  readonly epoch: number;
}

const FIND = `
  select id, tenant_id as "tenantId", identity, blocked, registration, default_version as "defaultVersion",
    ping_seconds as "pingSeconds", secret_salt as "secretSalt", secret_verifier as "secretVerifier",
    session_epoch as epoch, edge_id as "edgeId", round(date_part('epoch', connected_at) * 1e6) / 1e3 as "connectedAt"
  from station where identity = any($1::text::text[]) order by id for no key update`;

const REGISTER = `
  insert into station (tenant_id, identity) select $1::int4, identity from unnest($2::text::text[]) as i(identity)
  order by identity on conflict (identity) do nothing`;

const OPEN = `
  update station s set session_epoch = k.epoch, online = true, edge_id = k.edge_id, remote_address = k.address,
    ocpp_version = coalesce(nullif(k.version, ''), s.ocpp_version), connected_at = to_timestamp(k.at / 1000),
    last_seen = to_timestamp(k.at / 1000), updated_at = now()
  from unnest($1::text::int8[], $2::text::int8[], $3::text::text[], $4::text::text[], $5::text::text[],
    $6::text::float8[]) as k(id, epoch, edge_id, address, version, at)
  where s.id = k.id`;

/**
 * Opens sessions. `admit` decides for each attempt over what is known of the station (undefined = unknown); it is pure.
 * Every opened session gets the next epoch of its station, so the newest authenticated one is told from all others by
 * one number that no clock can turn round.
 * @param register tenant that unknown stations are registered in, or null where unknown stations are refused
 * @returns per attempt, in order
 */
export async function openSessions<A extends ConnectAttempt>(
  db: Database,
  attempts: readonly A[],
  register: number | null,
  admit: (attempt: A, station: StationCredentials | undefined) => boolean,
): Promise<(OpenedSession | null)[]> {
  return db.transaction(async (tx) => {
    const known = await find(tx, [...new Set(attempts.map((a) => a.identity))]);
    if (register !== null) {
      const missing = [...new Set(attempts.map((a) => a.identity).filter((identity) => !known.has(identity)))];
      if (missing.length > 0) {
        await tx.query(REGISTER, [register, texts(missing, (identity) => identity)]);
        for (const [identity, station] of await find(tx, missing)) known.set(identity, station);
      }
    }
    const epochs = new Map<number, { epoch: number; attempt: A; station: StationCredentials }>();
    const opened = attempts.map((attempt) => {
      const station = known.get(attempt.identity);
      if (!admit(attempt, station) || station === undefined) return null;
      if (!epochs.has(station.id) && isRepeated(attempt, station)) return { station, epoch: station.epoch };
      const epoch = (epochs.get(station.id)?.epoch ?? station.epoch) + 1;
      epochs.set(station.id, { epoch, attempt, station });
      return { station, epoch };
    });
    const rows = [...epochs.values()];
    if (rows.length > 0) {
      await Promise.all([
        tx.query(OPEN, [
          numbers(rows, (r) => r.station.id),
          numbers(rows, (r) => r.epoch),
          texts(rows, (r) => r.attempt.edgeId),
          texts(rows, (r) => r.attempt.address),
          texts(rows, (r) => r.attempt.version),
          numbers(rows, (r) => r.attempt.at),
        ]),
        tell(
          tx,
          'station.online',
          rows.map(({ station, epoch }) => ({ ...station, epoch })),
        ),
      ]);
    }
    return opened;
  });
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

async function tell(tx: Sql, kind: 'station.online' | 'station.offline', moved: readonly Moved[]): Promise<number> {
  await writeEvents(
    tx,
    moved.map(({ id, tenantId, identity, epoch }) => ({
      tenantId,
      kind,
      payload: { device_id: String(id), identity, epoch },
    })),
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
