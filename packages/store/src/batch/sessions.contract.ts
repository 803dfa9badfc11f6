/** Sessions: the newest wins by its epoch, and what an older one does late changes nothing (field.md 2, 3). */
import type { AccessChange, AccessMoment } from '@sigec/domain';
import { describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { counting, events, OTHER_TENANT, stations, T } from '../harness.contract.js';
import {
  type ConnectAttempt,
  closeSessions,
  closeSessionsOfEdges,
  edgesInUse,
  openSessions,
  type StationCredentials,
  touchStations,
} from './sessions.js';

/** Leaves a station as it is. */
const keep = (station: StationCredentials): AccessChange => ({
  ...station,
  securityProfile: 1,
  promoted: false,
  tripped: false,
});
const yes = (_: unknown, station: StationCredentials | undefined) => (station === undefined ? null : keep(station));
let fresh = 0;
const identity = () => {
  fresh += 1;
  return `CP/${fresh}+ü`;
};
/** As an edge stamps them: no two attempts have one time. */
let stamps = 0;
const attempt = (of: string, more: Partial<ConnectAttempt> = {}): ConnectAttempt => ({
  identity: of,
  edgeId: 'edge-1',
  version: 'ocpp1.6',
  address: '127.0.0.1',
  at: T + ++stamps / 100,
  ...more,
});

interface Row {
  online: boolean;
  edge: string | null;
  epoch: number;
  version: string | null;
  address: string | null;
  connected: Date | null;
  gone: Date | null;
  seen: Date | null;
}

export function sessionsContract(database: () => Database): void {
  const row = async (id: number): Promise<Row> => {
    const rows = await database().query<Row>(
      `select online, edge_id as edge, session_epoch as epoch, ocpp_version as version, remote_address as address,
         connected_at as connected, disconnected_at as gone, last_seen as seen from station where id = $1::int8`,
      [id],
    );
    return rows[0] as Row;
  };
  /** Registers a station by letting it in once. */
  const admitted = async (name = identity(), more: Partial<ConnectAttempt> = {}) => {
    const [session] = await openSessions(database(), [attempt(name, more)], 1, yes);
    return { id: session?.station.id ?? 0, epoch: session?.epoch ?? 0, name };
  };

  describe('opening sessions', () => {
    it('refuses the unknown, or registers them, as it is told', async () => {
      const name = identity();
      const asked: unknown[] = [];
      const refused = await openSessions(database(), [attempt(name)], null, (_, known) => {
        asked.push(known);
        return null;
      });
      expect([refused, asked]).toEqual([[null], [undefined]]);
      expect(await database().query('select 1 from station where identity = $1::text', [name])).toEqual([]);
      const [session] = await openSessions(database(), [attempt(name)], OTHER_TENANT, yes);
      expect(session).toMatchObject({
        epoch: 1,
        station: {
          tenantId: OTHER_TENANT,
          identity: name,
          blocked: false,
          registration: 'none',
          defaultVersion: null,
          pingSeconds: null,
          secretSalt: null,
          secretVerifier: null,
          epoch: 0,
        },
      });
      // Known now: it stays in its tenant.
      const [again] = await openSessions(database(), [attempt(name)], 1, yes);
      expect(again?.station.tenantId).toBe(OTHER_TENANT);
    });

    it('gives each session the next epoch, and says where it is', async () => {
      const { id, name } = await admitted(identity(), { at: T });
      expect(await row(id)).toEqual({
        online: true,
        edge: 'edge-1',
        epoch: 1,
        version: 'ocpp1.6',
        address: '127.0.0.1',
        connected: new Date(T),
        gone: null,
        seen: new Date(T),
      });
      await events(database());
      // A clock behind does not make it the older one; without a subprotocol the version of before stands.
      const later = attempt(name, { edgeId: 'edge-2', version: '', at: T - 1_000 });
      expect((await openSessions(database(), [later], null, yes))[0]?.epoch).toBe(2);
      expect(await row(id)).toMatchObject({
        epoch: 2,
        edge: 'edge-2',
        version: 'ocpp1.6',
        connected: new Date(T - 1_000),
      });
      expect(await events(database())).toEqual([
        { tenantId: 1, kind: 'station.online', payload: { device_id: String(id), identity: name, epoch: 2 } },
      ]);
    });

    it('answers per attempt in order; two of one station get epochs that follow, and the last one has it', async () => {
      const [a, b] = [await admitted(), await admitted()];
      const others = [attempt(a.name), attempt(b.name), attempt(identity()), attempt(a.name, { edgeId: 'edge-9' })];
      await events(database());
      const opened = await openSessions(database(), others, null, yes);
      expect(opened.map((s) => s && [s.station.id, s.epoch])).toEqual([[a.id, 2], [b.id, 2], null, [a.id, 3]]);
      expect(await row(a.id)).toMatchObject({ epoch: 3, edge: 'edge-9' });
      expect((await events(database())).map((e) => e.payload)).toMatchObject([
        { device_id: String(a.id), epoch: 3 },
        { device_id: String(b.id), epoch: 2 },
      ]);
    });

    it('gives an attempt that comes again the session it has, and not a newer one', async () => {
      const one = attempt(identity(), { edgeId: 'edge-7' });
      const opened = () => openSessions(database(), [one], 1, yes);
      const epochs = [(await opened())[0]?.epoch, (await opened())[0]?.epoch];
      expect(epochs).toEqual([1, 1]);
      const again = { ...one, at: one.at + 0.01 };
      expect((await openSessions(database(), [again], 1, yes))[0]?.epoch).toBe(2);
      expect((await openSessions(database(), [{ ...again, edgeId: 'edge-8' }], 1, yes))[0]?.epoch).toBe(3);
    });

    it('changes nothing where it is refused', async () => {
      const { id, name } = await admitted();
      const before = await row(id);
      await events(database());
      const opened = await openSessions(
        database(),
        [attempt(name, { edgeId: 'no' }), attempt(name, { edgeId: 'yes' })],
        1,
        (it, station) => (it.edgeId === 'yes' ? yes(it, station) : null),
      );
      expect(opened.map((s) => s?.epoch)).toEqual([undefined, before.epoch + 1]);
      await openSessions(database(), [attempt(name)], 1, () => null);
      expect(await row(id)).toMatchObject({ epoch: before.epoch + 1, edge: 'yes' });
      expect(await events(database())).toHaveLength(1);
    });

    it('commits nothing where nobody is let in, known or not: both wait for the same, and a guess costs no write', async () => {
      const { name } = await admitted();
      const again = attempt(name, { edgeId: 'again' });
      const first = await openSessions(database(), [again], null, yes);
      const ends: string[] = [];
      const watched: Database = {
        ...database(),
        transaction: (work) =>
          database()
            .transaction(work)
            .finally(() => ends.push('over'))
            .then((value) => {
              ends.push('committed');
              return value;
            }),
      };
      const refused = () => null;
      for (const one of [name, identity()])
        expect(await openSessions(watched, [attempt(one)], null, refused)).toEqual([null]);
      // Neither does an answer that is given again.
      expect((await openSessions(watched, [again], null, yes))[0]?.epoch).toBe(first[0]?.epoch);
      expect(ends).toEqual(['over', 'over', 'over']);
      expect((await openSessions(watched, [attempt(name), attempt(identity())], null, yes))[0]).not.toBeNull();
      expect(ends.slice(3)).toEqual(['over', 'committed']);
      // Who is registered stays so, let in or not.
      const fresh = identity();
      await openSessions(watched, [attempt(fresh)], 1, refused);
      expect(await database().query('select 1 from station where identity = $1::text', [fresh])).toHaveLength(1);
    });

    it('hands over what the decision is made from', async () => {
      const { id, name } = await admitted();
      await database().query(
        `update station set secret_salt = $2::bytea, secret_verifier = $3::bytea, blocked = true, ping_seconds = 7,
           default_version = 'ocpp1.6', registration = 'pending' where id = $1::int8`,
        [id, new Uint8Array([1, 0, 255]), new Uint8Array([9])],
      );
      let salt: number[] = [];
      await openSessions(database(), [attempt(name)], null, (_, known) => {
        expect(known).toMatchObject({
          blocked: true,
          pingSeconds: 7,
          defaultVersion: 'ocpp1.6',
          registration: 'pending',
        });
        salt = [...(known?.secretSalt ?? [])];
        return null;
      });
      expect(salt).toEqual([1, 0, 255]);
    });

    it('tells whoever decides by one clock, and whether the attempt comes again', async () => {
      const one = attempt(identity());
      const moments: AccessMoment[] = [];
      const look = (a: ConnectAttempt, station: StationCredentials | undefined, moment: AccessMoment) => {
        moments.push(moment);
        return yes(a, station);
      };
      await openSessions(database(), [one, attempt(one.identity)], 1, look);
      const last = attempt(one.identity);
      await openSessions(database(), [last], 1, look);
      await openSessions(database(), [last, last], 1, look);
      expect(moments.map((moment) => moment.repeated)).toEqual([false, false, false, true, true]);
      const [clock] = await database().query<{ now: number }>(`select date_part('epoch', now()) * 1000 as now`);
      for (const { now } of moments) expect(Math.abs(now - (clock?.now ?? 0))).toBeLessThan(60_000);
      expect((await row((await admitted(one.identity)).id)).epoch).toBe(4);
    });

    it('writes what an attempt makes of its station, and the next one in the batch finds it so', async () => {
      const { id, name } = await admitted();
      await database().query(
        `update station set secret_salt = 'a', secret_verifier = 'b', pending_secret_salt = 'c',
           pending_secret_verifier = 'd', pending_secret_at = now(), desired_security_profile = 3 where id = $1::int8`,
        [id],
      );
      await events(database());
      const until = T + 0.5;
      const changes: AccessChange[] = [
        {
          ...{ securityProfile: 2, minSecurityProfile: 1, desiredSecurityProfile: 3, promoted: true },
          ...{ connectsSince: T, connects: 7, flapUntil: null, tripped: false },
        },
        {
          ...{ securityProfile: 3, minSecurityProfile: 3, desiredSecurityProfile: null, promoted: false },
          ...{ connectsSince: T, connects: 8, flapUntil: until, tripped: true },
        },
      ];
      const found: (StationCredentials | undefined)[] = [];
      const opened = await openSessions(database(), [attempt(name), attempt(name)], null, (_, station) => {
        found.push(station);
        return changes[found.length - 1] ?? null;
      });
      expect(opened.map((session) => session?.tripped)).toEqual([false, true]);
      const text = (bytes: Uint8Array | null | undefined) => bytes && Buffer.from(bytes).toString();
      expect(found.map((s) => [text(s?.secretSalt), text(s?.secretVerifier), text(s?.pendingVerifier)])).toEqual([
        ['a', 'b', 'd'],
        ['c', 'd', null],
      ]);
      expect(found[1]).toMatchObject({ connectsSince: T, connects: 7, minSecurityProfile: 1 });
      const [now] = await database().query(
        `select security_profile, min_security_profile as least, desired_security_profile as desired,
           encode(secret_salt, 'escape') as salt, encode(secret_verifier, 'escape') as verifier,
           num_nonnulls(pending_secret_salt, pending_secret_verifier, pending_secret_at) as pending,
           connects_since as since, connects, flap_until = to_timestamp($2::float8 / 1000) as until
         from station where id = $1::int8`,
        [id, until],
      );
      expect(now).toEqual({
        ...{ security_profile: 3, least: 3, desired: null, salt: 'c', verifier: 'd', pending: 0 },
        ...{ since: new Date(T), connects: 8, until: true },
      });
      const told = await events(database());
      expect(told.map((event) => event.kind)).toEqual(['station.online', 'station.flapping']);
      expect(told[1]?.payload).toEqual({
        ...{ device_id: String(id), identity: name, epoch: 3, connects: 8 },
        until: new Date(until).toISOString(),
      });
      // As the database keeps it, it is found again.
      await openSessions(database(), [attempt(name)], null, (_, station) => {
        expect(station).toMatchObject({ connects: 8, connectsSince: T, flapUntil: until, pendingVerifier: null });
        return null;
      });
    });

    it('at once, over the same stations: every session has an epoch of its own', async () => {
      const names = Array.from({ length: 6 }, identity);
      const turns = Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? names : [...names].reverse()));
      const all = await Promise.all(
        turns.map((some) =>
          openSessions(
            database(),
            some.map((name) => attempt(name)),
            1,
            yes,
          ),
        ),
      );
      for (const name of names) {
        const epochs = all.flat().flatMap((s) => (s?.station.identity === name ? [s.epoch] : []));
        expect(epochs.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      }
    });
  });

  describe('closing sessions', () => {
    it('puts a station offline once, and tells', async () => {
      const { id, epoch, name } = await admitted();
      await events(database());
      const closed = { stationId: id, epoch, at: T + 60_000 };
      expect(await closeSessions(database(), [closed, closed])).toBe(1);
      expect(await closeSessions(database(), [closed])).toBe(0);
      expect(await row(id)).toMatchObject({ online: false, edge: null, epoch, gone: new Date(T + 60_000) });
      expect(await events(database())).toEqual([
        { tenantId: 1, kind: 'station.offline', payload: { device_id: String(id), identity: name, epoch } },
      ]);
      // The next session goes on from there: no epoch is used twice.
      expect((await admitted(name)).epoch).toBe(epoch + 1);
    });

    it('changes nothing where a newer session has begun, or none ever was', async () => {
      const { id, epoch, name } = await admitted();
      await admitted(name, { edgeId: 'newer' });
      await events(database());
      const late = { stationId: id, epoch, at: T };
      expect(await closeSessions(database(), [late, { ...late, epoch: epoch + 5 }, { ...late, stationId: 0 }])).toBe(0);
      expect(await row(id)).toMatchObject({ online: true, edge: 'newer' });
      expect(await closeSessions(database(), [])).toBe(0);
      expect(await events(database())).toEqual([]);
    });

    it('and opening at once: whoever comes first, the newer session stands', async () => {
      const all = await Promise.all(Array.from({ length: 8 }, () => admitted()));
      await Promise.all(
        all.flatMap(({ id, epoch, name }) => [
          closeSessions(database(), [{ stationId: id, epoch, at: T }]),
          openSessions(database(), [attempt(name)], null, yes),
        ]),
      );
      for (const { id, epoch } of all) expect(await row(id)).toMatchObject({ online: true, epoch: epoch + 1 });
    });

    it('of an edge that is gone takes its stations and no others', async () => {
      const gone = [await admitted(undefined, { edgeId: 'dead-1' }), await admitted(undefined, { edgeId: 'dead-1' })];
      const other = await admitted(undefined, { edgeId: 'alive' });
      const moved = await admitted(undefined, { edgeId: 'dead-1' });
      await admitted(moved.name, { edgeId: 'alive' });
      expect((await edgesInUse(database())).filter((e) => e === 'dead-1' || e === 'alive').sort()).toEqual([
        'alive',
        'dead-1',
      ]);
      await events(database());
      expect(await closeSessionsOfEdges(database(), ['dead-1', 'never'])).toBe(2);
      expect(await closeSessionsOfEdges(database(), ['dead-1'])).toBe(0);
      expect(await closeSessionsOfEdges(database(), [])).toBe(0);
      for (const { id, epoch } of gone) expect(await row(id)).toMatchObject({ online: false, edge: null, epoch });
      for (const { id } of [other, moved]) expect(await row(id)).toMatchObject({ online: true, edge: 'alive' });
      expect(await edgesInUse(database())).not.toContain('dead-1');
      const told = (await events(database())).map((e) => [e.kind, (e.payload as { identity: string }).identity]);
      expect(told.sort()).toEqual(gone.map((s) => ['station.offline', s.name]).sort());
    });
  });

  describe('when stations were heard', () => {
    it('is noted, and never goes back', async () => {
      const [a, b, c] = (await stations(database(), 3)) as [number, number, number];
      const seen = async () => [(await row(a)).seen, (await row(b)).seen, (await row(c)).seen];
      const heard = (stationId: number, at: number) => ({ stationId, epoch: 0, edgeId: 'edge-1', at });
      await touchStations(database(), [heard(b, T + 5), heard(a, T), heard(0, T)]);
      expect(await seen()).toEqual([new Date(T), new Date(T + 5), null]);
      await touchStations(database(), [heard(a, T + 1), heard(b, T)]);
      expect(await seen()).toEqual([new Date(T + 1), new Date(T + 5), null]);
      await touchStations(database(), []);
      expect(await row(a)).toMatchObject({ online: false, edge: null });
    });

    it('puts a station online again that speaks on in its newest session, and no other', async () => {
      const edgeId = identity();
      const [a, b] = [await admitted(identity(), { edgeId }), await admitted(identity(), { edgeId })];
      const [closed, older] = [await admitted(), await admitted()];
      expect(await closeSessionsOfEdges(database(), [edgeId])).toBe(2);
      await closeSessions(database(), [{ stationId: closed.id, epoch: closed.epoch, at: T + 50 }]);
      await admitted(older.name);
      await database().query('update station set online = false where id = $1::int8', [older.id]);
      await events(database());
      const later = Math.max(T, Date.now()) + 60_000;
      const heard = ({ id, epoch }: { id: number; epoch: number }, at: number) => ({
        stationId: id,
        epoch,
        edgeId,
        at,
      });
      await touchStations(database(), [heard(a, later), heard(closed, T + 49), heard(older, later)]);
      expect(await row(a.id)).toMatchObject({ online: true, edge: edgeId });
      for (const { id } of [b, closed, older]) expect((await row(id)).online).toBe(false);
      expect(await events(database())).toMatchObject([
        { kind: 'station.online', payload: { device_id: String(a.id) } },
      ]);
    });
  });

  it('sessions cost as many statements for 100 stations as for one', async () => {
    const { db, statements } = counting(database());
    const cost = async (count: number) => {
      const attempts = Array.from({ length: count }, () => attempt(identity()));
      const opened = await openSessions(db, attempts, 1, yes);
      const closed = opened.map((s) => ({ stationId: s?.station.id ?? 0, epoch: s?.epoch ?? 0, at: T }));
      await touchStations(
        db,
        closed.map((s) => ({ ...s, edgeId: 'edge-1', at: T + 90_000 })),
      );
      expect(await closeSessions(db, closed)).toBe(count);
      return statements();
    };
    expect(await cost(1)).toBe(await cost(100));
  });
}
