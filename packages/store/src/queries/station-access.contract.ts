/** How a station may come in, as operators change it. */
import { expect, it } from 'vitest';
import type { Database } from '../database.js';
import { events } from '../harness.contract.js';
import * as q from './index.js';

const operator: q.Actor = { userId: '0193f000-0000-7000-8000-000000000001', tenantId: 1, role: 'operator' };
const stranger: q.Actor = { ...operator, tenantId: 2 };
const secret = (n: number): q.StationSecret => ({ salt: new Uint8Array([n, 0]), verifier: new Uint8Array([n, 1]) });
const NOTHING = { salt: null, verifier: null, at: null };

export function stationAccessContract(database: () => Database): void {
  const make = async (identity: string) => {
    const made = await q.createStation(database(), operator, { identity, securityProfile: 1, secret: secret(0) });
    return made?.id ?? 0;
  };
  const verifiers = async (id: number) => {
    const rows = await database().query(
      `select encode(secret_verifier, 'hex') as now, encode(pending_secret_verifier, 'hex') as next,
         num_nonnulls(pending_secret_salt, pending_secret_at)::int4 as more from station where id = $1::int8`,
      [id],
    );
    return rows[0];
  };

  it('a new password stands beside the old one, and is not replaced while the charger may hold it', async () => {
    const db = database();
    const id = await make('ROT-1');
    expect(await q.beginRotation(db, stranger, id, secret(1))).toBeUndefined();
    expect(await q.beginRotation(db, operator, id, secret(1))).toEqual(NOTHING);
    expect(await verifiers(id)).toEqual({ now: '0001', next: '0101', more: 2 });
    expect((await q.getStation(db, operator, id))?.pendingSecretAt).toBeInstanceOf(Date);
    expect(await q.getStation(db, operator, id)).not.toHaveProperty('pendingSecretVerifier');
    expect(await q.beginRotation(db, operator, id, secret(2))).toBeUndefined();
    // It came in by the old one since: it does not hold the first.
    await db.query(`update station set connected_at = now() + interval '1 s' where id = $1::int8`, [id]);
    const before = await q.beginRotation(db, operator, id, secret(2));
    expect([...(before?.verifier ?? [])]).toEqual([1, 1]);
    expect(await verifiers(id)).toEqual({ now: '0001', next: '0201', more: 2 });
    // Refused: what was pending before is again.
    await q.dropRotation(db, stranger, id, secret(2), NOTHING);
    await q.dropRotation(db, operator, id, secret(1), NOTHING);
    expect(await verifiers(id)).toMatchObject({ next: '0201' });
    await q.dropRotation(db, operator, id, secret(2), before ?? NOTHING);
    expect(await verifiers(id)).toEqual({ now: '0001', next: '0101', more: 2 });
    await q.dropRotation(db, operator, id, secret(1), NOTHING);
    expect(await verifiers(id)).toEqual({ now: '0001', next: null, more: 0 });
    // One that is set by hand ends what is under way.
    await q.beginRotation(db, operator, id, secret(3));
    await events(db);
    expect(await q.setStationSecret(db, stranger, id, secret(4))).toBe(false);
    expect(await q.setStationSecret(db, operator, id, secret(4))).toBe(true);
    expect(await verifiers(id)).toEqual({ now: '0401', next: null, more: 0 });
    // It is told of, and nobody's edit is overtaken by it.
    const payload = { device_id: String(id), revision: 1, fields: ['credentials'] };
    expect(await events(db)).toEqual([{ tenantId: 1, kind: 'station.changed', payload }]);
  });

  it('of two rotations at once one begins', async () => {
    const id = await make('ROT-2');
    const begun = await Promise.all([1, 2, 3].map((n) => q.beginRotation(database(), operator, id, secret(n))));
    expect(begun.filter((before) => before !== undefined)).toEqual([NOTHING]);
  });

  it('a profile is wanted, and not any more', async () => {
    const db = database();
    const id = await make('WANT-1');
    const desired = async () => (await q.getStation(db, operator, id))?.desiredSecurityProfile;
    await q.wantSecurityProfile(db, stranger, id, 3);
    expect(await desired()).toBeNull();
    await q.wantSecurityProfile(db, operator, id, 2);
    await q.wantSecurityProfile(db, operator, id, 3);
    await q.unwantSecurityProfile(db, stranger, id, 3, null);
    expect(await desired()).toBe(3);
    await q.unwantSecurityProfile(db, operator, id, 3, 2);
    expect(await desired()).toBe(2);
    await q.unwantSecurityProfile(db, operator, id, 3, null);
    expect(await desired()).toBe(2);
    const patched = await q.updateStation(db, operator, id, { minSecurityProfile: 2 });
    expect(patched).toMatchObject({ minSecurityProfile: 2 });
  });

  it('8: stations that flap are listed, and let go', async () => {
    const db = database();
    const [held, past, calm] = [await make('FLAP-1'), await make('FLAP-2'), await make('FLAP-3')];
    const until = `update station set connects = 61, connects_since = now(), flap_until = now() + $2::float8 * interval '1 s' where id = $1::int8`;
    await db.query(until, [held, 900]);
    await db.query(until, [past, -1]);
    const listed = async (flapping: boolean) =>
      (await q.listStations(db, operator, { q: 'FLAP-', flapping, limit: 10 })).items.map((item) => item.id);
    expect([await listed(true), await listed(false)]).toEqual([[held], [past, calm]]);
    const read = q.stationDocuments({ flapping: { group: { until: 'flapUntil', connects: 'flapConnects' } } });
    const keys = [held, past, calm].map((id) => ({ tenantId: 1, id }));
    const shown = (await read(db, keys)).map((one) => JSON.parse(one?.json ?? '') as unknown);
    expect(shown).toEqual([
      { flapping: { until: expect.stringMatching(/^2.*Z$/), connects: 61 } },
      { flapping: null },
      { flapping: null },
    ]);
    await events(db);
    expect(await q.stopFlapping(db, stranger, held)).toBe(false);
    expect(await q.stopFlapping(db, operator, held)).toBe(true);
    const payload = { device_id: String(held), revision: 1, fields: ['flapping'] };
    expect(await events(db)).toEqual([{ tenantId: 1, kind: 'station.changed', payload }]);
    expect(await listed(true)).toEqual([]);
    expect(await q.getStation(db, operator, held)).toMatchObject({ connects: 0, flapUntil: null });
  });
}
