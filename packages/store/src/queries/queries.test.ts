import { describeReal, startPostgres } from '@sigec/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { openPostgres } from '../postgres.js';
import { borrowPglite } from '../testing/lent.js';
import * as q from './index.js';
import { stationAccessContract } from './station-access.contract.js';

const IDS = ['0193f000-0000-7000-8000-000000000001', '0193f000-0000-7000-8000-000000000002'] as const;
const operator: q.Actor = { userId: IDS[0], tenantId: 1, role: 'operator' };
const stranger: q.Actor = { userId: IDS[0], tenantId: 2, role: 'operator' };

function suite(open: () => Promise<{ db: Database; close: () => Promise<void> }>): void {
  let db: Database;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ db, close } = await open());
    await db.migrate();
    await db.query("insert into tenant (id, name) values (2, 'other')");
    for (const [i, id] of IDS.entries()) {
      await db.query(
        "insert into app_user (id, tenant_id, name, email, password_hash, role) values ($1, 1, 'x', $2, '-', 'user')",
        [id, `Person${i}@example.test`],
      );
    }
  });
  afterAll(() => close());

  const make = (identity: string, more: Partial<q.NewStation> = {}) =>
    q.createStation(db, operator, { identity, securityProfile: 1, secret: null, ...more });

  describe('who may come in', () => stationAccessContract(() => db));

  it('keeps a station to its tenant and an identity to one', async () => {
    const made = await make('T-1', { name: 'one' });
    expect(made?.createdAt).toBeInstanceOf(Date);
    expect(made).not.toHaveProperty('secretVerifier');
    expect(await make('T-1')).toBeUndefined();
    const id = made?.id ?? 0;
    expect(await q.getStation(db, stranger, id)).toBeUndefined();
    expect(await q.updateStation(db, stranger, id, { name: 'mine' })).toBeUndefined();
    const secret = { salt: new Uint8Array([1, 2]), verifier: new Uint8Array([3, 4]) };
    expect(await q.setStationSecret(db, stranger, id, secret)).toBe(false);
    expect(await q.setStationSecret(db, operator, id, secret)).toBe(true);
    expect((await q.getStation(db, operator, id))?.name).toBe('one');
    expect((await q.listStations(db, stranger, { limit: 10 })).items).toEqual([]);
    const blocked = await q.updateStation(db, operator, id, { blocked: true, leniency: { overlong: true } });
    expect(blocked).toMatchObject({ blocked: true, sessionEpoch: 1, leniency: { overlong: true } });
  });

  it('changes a station only where it is still as whoever changes it saw it', async () => {
    const id = (await make('T-2'))?.id ?? 0;
    const read = q.stationDocuments({ name: 'name' });
    const revision = async () => (await read(db, [{ tenantId: 1, id }]))[0]?.revision;
    expect(await revision()).toBe(1);
    expect(await q.updateStation(db, operator, id, { name: 'a' }, [7, 1])).toMatchObject({ name: 'a' });
    expect(await q.updateStation(db, operator, id, { name: 'b' }, [1])).toBe('stale');
    expect(await q.updateStation(db, operator, id, { name: 'b' }, [])).toBe('stale');
    expect(await q.updateStation(db, stranger, id, { name: 'b' }, [2])).toBeUndefined();
    await db.query('update station set last_seen = now() where id = $1::int8', [id]);
    expect([await revision(), (await q.getStation(db, operator, id))?.name]).toEqual([2, 'a']);
    const both = await Promise.all(['c', 'd'].map((name) => q.updateStation(db, operator, id, { name }, [2])));
    expect(both.filter((one) => one === 'stale')).toHaveLength(1);
    expect(await q.updateStation(db, operator, id, { name: 'e' })).toMatchObject({ name: 'e' });
    expect(await revision()).toBe(4);
  });

  it('registers many at once, and leaves those that are there', async () => {
    const secret = { salt: new Uint8Array([0, 255]), verifier: new Uint8Array([7]) };
    const many = Array.from({ length: 5001 }, (_, n) => ({ identity: `M-${n}`, securityProfile: 1, secret }));
    await make('M-0', { name: 'before' });
    expect(await q.createStations(db, operator, [...many, { ...many[1]!, secret: null }])).toBe(5000);
    expect(await q.createStations(db, stranger, many)).toBe(0);
    const rows = await db.query(
      "select tenant_id as tenant, name, secret_salt as salt, secret_verifier as verifier from station where identity in ('M-0', 'M-5000') order by id",
    );
    expect(rows.map((row) => JSON.parse(JSON.stringify(row)))).toMatchObject([
      { name: 'before', salt: null },
      { tenant: 1 },
    ]);
    const { salt, verifier } = rows[1] as { salt: Uint8Array; verifier: Uint8Array };
    expect([[...salt], [...verifier]]).toEqual([[0, 255], [7]]);
  });

  it('reads many stations at once as it reads one, each for its tenant', async () => {
    const full = await make('D-1', { name: 'Ô "x" \\', lat: 1.5, lng: -2.25, site: 's', leniency: { overlong: true } });
    const bare = await make('D-2');
    const ids = [full?.id ?? 0, bare?.id ?? 0] as const;
    await db.query(
      `update station set last_seen = timestamptz '2026-01-01T00:00:00.123999Z', online = true, edge_id = 'e',
         connected_at = timestamptz '1969-12-31T23:59:59.999999Z' where id = $1`,
      [ids[0]],
    );
    for (const [evse, connector] of [
      [2, 1],
      [1, 2],
      [1, 1],
    ] as const)
      await db.query(
        `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, info, status_at)
         values ($1, $2, $3, 'Available', 'Available', 'i', timestamptz '2026-01-01T00:00:00.0005Z')`,
        [ids[0], evse, connector],
      );
    for (const [name, ended] of [
      ['open', false],
      ['closed', true],
      ['open too', false],
    ] as const)
      await db.query(
        `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
           started_at, ended_at, currency, register, tariff)
         values (1, $1, 1, 1, 'ocpp2.0.1', $2, 'started', now(), case when $3::int4 = 1 then now() end, 'BRL', '{}', '{}')`,
        [ids[0], name, ended ? 1 : 0],
      );
    const keys = [
      { tenantId: 1, id: ids[1] },
      { tenantId: 2, id: ids[0] },
      { tenantId: 1, id: ids[0] },
      { tenantId: 1, id: Number.MAX_SAFE_INTEGER },
      { tenantId: 1, id: ids[1] },
    ];
    const expected = await Promise.all(
      ids.map(async (id) => ({
        ...(await q.getStation(db, operator, id)),
        activeTransactionIds: await q.activeTransactionIds(db, operator, id),
      })),
    );
    expect(expected[0]?.activeTransactionIds.length).toBe(2);
    expect(expected[0]?.connectors?.length).toBe(3);
    const found = await q.getStationDetails(db, keys);
    expect(found).toEqual([expected[1], undefined, expected[0], undefined, expected[1]]);
    expect(found[2]).not.toHaveProperty('secretVerifier');
    expect(await q.getStationDetails(db, [])).toEqual([]);
    const shape = { id: 'id', place: { group: { lat: 'lat', site: 'site' } }, seen: 'lastSeen' } as const;
    const plugs = { connectors: { evse: 'evseId', at: 'statusAt' } } as const;
    const read = q.stationDocuments({ ...shape, plugs, running: 'activeTransactionIds' });
    const documents = (await read(db, keys)).map((one) => one && JSON.parse(one.json));
    const at = '2026-01-01T00:00:00.000Z';
    expect(documents).toEqual([
      { id: String(ids[1]), place: null, seen: null, plugs: [], running: [] },
      undefined,
      {
        id: String(ids[0]),
        place: { lat: 1.5, site: 's' },
        seen: '2026-01-01T00:00:00.123Z',
        plugs: [1, 1, 2].map((evse) => ({ evse, at })),
        running: expected[0]?.activeTransactionIds.map(String),
      },
      undefined,
      documents[0],
    ]);
    expect(() => q.stationDocuments({ 'a" ; --': 'id' })).toThrow(RangeError);
    await db.query('delete from transaction where station_id = $1', [ids[0]]);
  });

  it('searches without taking % and _ for wildcards', async () => {
    await make('S-100%', { site: 'Pátio' });
    await make('S-1000', { site: 'Garagem' });
    const found = async (text: string) =>
      (await q.listStations(db, operator, { q: text, limit: 10 })).items.map((s) => s.identity);
    expect(await found('100%')).toEqual(['S-100%']);
    expect(await found('pátio')).toEqual(['S-100%']);
    expect(await found('s-100')).toEqual(['S-100%', 'S-1000']);
  });

  it('measures distance on the sphere, also across the 180th meridian', async () => {
    await make('N-se', { lat: -23.5503, lng: -46.6339 });
    await make('N-paulista', { lat: -23.5614, lng: -46.6559 });
    await make('N-rio', { lat: -22.9068, lng: -43.1729 });
    await make('N-fiji', { lat: -17, lng: -179.99 });
    const near = await q.nearbyStations(db, operator, { lat: -23.55, lng: -46.63, radiusM: 5000, limit: 10 });
    expect(near.map((s) => s.identity)).toEqual(['N-se', 'N-paulista']);
    expect(near[0]?.distanceM).toBeCloseTo(399, -1);
    expect(near[1]?.distanceM).toBeGreaterThan(2800);
    expect(near[1]?.distanceM).toBeLessThan(3000);
    const fiji = await q.nearbyStations(db, operator, { lat: -17, lng: 179.99, radiusM: 5000, limit: 10 });
    expect(fiji.map((s) => s.identity)).toEqual(['N-fiji']);
    const pole = await q.nearbyStations(db, operator, { lat: 90, lng: 0, radiusM: 100_000, limit: 10 });
    expect(pole).toEqual([]);
  });

  it('33: walks the log page by page, by microseconds', async () => {
    const id = (await make('L-1'))?.id ?? 0;
    const at = ['10:00:00.000001', '10:00:00.000002', '10:00:00.000003'];
    for (const [i, time] of at.entries()) {
      // The second is answered later than the third comes.
      await db.query(
        `insert into message_exchange (station_id, at, direction, type, message_id, action, payload, answer_type,
           answered_at, answer)
         values ($1, $2::timestamptz, 'in', 'call', $3, 'Heartbeat', $4, $5, $2::timestamptz + $6::int4 * interval '1 s',
           $7)`,
        [
          id,
          `2026-01-01T${time}Z`,
          `m${i}`,
          `${i}`,
          i === 1 ? 'result' : null,
          i === 1 ? 9 : null,
          i === 1 ? '1a' : null,
        ],
      );
    }
    for (const order of ['asc', 'desc'] as const) {
      const seen: string[] = [];
      let after: q.MessageKey | undefined;
      for (let i = 0; i < 10; i++) {
        const got = await q.listMessages(db, operator, id, { order, limit: 1, ...(after ? { after } : {}) });
        const row = got.items[0];
        if (!row) break;
        seen.push(row.payload);
        after = { atMicros: row.atMicros, leg: row.leg };
        if (!got.more) break;
      }
      expect(seen).toEqual(order === 'asc' ? ['0', '1', '1a', '2'] : ['2', '1a', '1', '0']);
    }
    expect((await q.listMessages(db, stranger, id, { order: 'asc', limit: 9 })).items).toEqual([]);
    expect((await q.listMessages(db, operator, id, { order: 'asc', limit: 9, action: 'Reset' })).items).toEqual([]);
  });

  it('gives a person one token, whoever asks first', async () => {
    const driver: q.Actor = { userId: IDS[1], tenantId: 1, role: 'user' };
    const [a, b] = await Promise.all([q.ensureUserToken(db, driver), q.ensureUserToken(db, driver)]);
    const again = await q.ensureUserToken(db, driver);
    expect(again.value).toMatch(/^U[A-Z2-7]{19}$/);
    expect([a.value, b.value]).toContain(again.value);
    const first = await q.ensureIdToken(db, operator, { value: 'TAG' });
    const second = await q.ensureIdToken(db, operator, { value: 'tag' });
    expect([first.created, second.created]).toEqual([true, false]);
    expect(second.token.id).toBe(first.token.id);
    expect(await q.findIdToken(db, stranger, 'TAG')).toBeUndefined();
  });

  it('shows a driver their own transactions, and finds the one a command led to', async () => {
    const stationId = (await make('X-1'))?.id ?? 0;
    const begin = async (name: string, user: string | null, token: string, remote: number | null) => {
      const rows = await db.query<{ id: number }>(
        `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, id_token,
           user_id, remote_start_id, status, started_at, currency, register, tariff)
         values (1, $1, 1, 1, 'ocpp2.0.1', $2, $3, $4::text::uuid, $5, 'started', now(), 'BRL', '{}', '{}') returning id`,
        [stationId, name, token, user, remote],
      );
      return rows[0]?.id ?? 0;
    };
    const a = await begin('a', IDS[0], 'A', null);
    const b = await begin('b', IDS[1], 'B', 77);
    const driver: q.Actor = { userId: IDS[0], tenantId: 1, role: 'user' };
    expect((await q.listTransactions(db, driver, { limit: 9 })).items.map((t) => t.id)).toEqual([a]);
    expect(await q.getTransaction(db, driver, b)).toBeUndefined();
    expect((await q.listTransactions(db, operator, { limit: 1 })).items.map((t) => t.id)).toEqual([b]);
    expect((await q.listTransactions(db, operator, { limit: 1, before: b })).items.map((t) => t.id)).toEqual([a]);
    expect((await q.listTransactions(db, operator, { limit: 9, active: false })).items).toEqual([]);
    expect((await q.listTransactions(db, operator, { limit: 9, to: new Date(0) })).items).toEqual([]);
    expect(await q.activeTransactionIds(db, operator, stationId)).toEqual([a, b]);
    expect(await q.lastTransactionId(db, operator, stationId)).toBe(b);
    const trace = { stationId, evseId: 1, idToken: 'a', afterId: 0 };
    expect((await q.findStarted(db, operator, trace))?.id).toBe(a);
    expect(await q.findStarted(db, operator, { ...trace, afterId: a })).toBeUndefined();
    expect((await q.findStarted(db, operator, { ...trace, afterId: b, remoteStartId: 77 }))?.id).toBe(b);
    expect((await q.findStarted(db, operator, { ...trace, afterId: b, ocppTransactionId: 'a' }))?.id).toBe(a);
    expect(await q.findStarted(db, operator, { ...trace, afterId: 0, evseId: 2 })).toBeUndefined();
  });

  it('finds a person by e-mail in whatever case, and gives an address once', async () => {
    expect((await q.findUserByEmail(db, 'PERSON0@example.test'))?.id).toBe(IDS[0]);
    const user = { tenantId: 1, name: 'n', email: 'person0@EXAMPLE.test', passwordHash: '-', role: 'admin' } as const;
    expect(await q.createUser(db, user)).toBeUndefined();
    expect(await q.hasAdministrator(db)).toBe(false);
    expect(await q.createUser(db, { ...user, email: 'a@example.test' })).toBeDefined();
    expect(await q.hasAdministrator(db)).toBe(true);
  });
}

describe('queries on PGlite', () => {
  suite(async () => {
    const db = await borrowPglite();
    return { db, close: () => db.close() };
  });
});

describeReal('queries on PostgreSQL', ['postgres'], () => {
  suite(async () => {
    const server = await startPostgres();
    const db = openPostgres({ url: await server.createDatabase('queries'), connections: 2 });
    return {
      db,
      close: async () => {
        await db.close();
        await server.stop();
      },
    };
  });
});
