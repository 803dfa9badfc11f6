/** What drivers have to do with, on either database: tokens, codes, receipts, what is drawn now. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { OTHER_TENANT, station, USER } from '../harness.contract.js';
import * as q from './index.js';

const driver: q.Actor = { userId: USER, tenantId: 1, role: 'user' };
const operator: q.Actor = { userId: '0193f000-0000-7000-8000-0000000000bb', tenantId: 1, role: 'operator' };

export function driversContract(get: () => Database): void {
  let db: Database;
  let stationId: number;
  let count = 0;
  const transaction = async (more: { ended?: boolean; tenantId?: number; userId?: string | null } = {}) => {
    const { ended = true, tenantId = 1, userId = USER } = more;
    const [made] = await db.query<{ id: number }>(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status, user_id,
         id_token, started_at, ended_at, currency, register, tariff)
       values ($1::int4, $2::int8, 1, 1, 'ocpp2.0.1', $3::text, 'completed', $4::text::uuid, 'DRIVERS', now() - interval '1 hour',
         case when $5::int4 = 1 then now() end, 'BRL', '{}', '{"currency":"BRL","perKwhMinor":75}') returning id`,
      [tenantId, stationId, `drivers-${++count}`, userId, ended ? 1 : 0],
    );
    return made?.id ?? 0;
  };
  beforeAll(async () => {
    db = get();
    stationId = await station(db);
  });

  describe('tokens of a driver', () => {
    const add = async (value: string) => {
      const made = await q.addOwnToken(db, driver, { value, name: null });
      if (typeof made === 'string') throw new Error(made);
      return made;
    };

    it('are theirs to name, to block and to give up, and nobody else’s', async () => {
      const { id } = await add('OWNCARD1');
      const other = { ...driver, userId: operator.userId };
      expect(await q.changeOwnToken(db, other, id, { name: 'x' })).toBeUndefined();
      expect(await q.removeOwnToken(db, other, id)).toBeUndefined();
      expect(await q.changeOwnToken(db, driver, id, { name: 'Chaveiro', status: 'blocked' })).toMatchObject({
        name: 'Chaveiro',
        status: 'blocked',
        blockedBy: USER,
      });
      expect(await q.changeOwnToken(db, driver, id, { status: 'active' })).toMatchObject({
        status: 'active',
        blockedBy: null,
      });
      expect(await q.removeOwnToken(db, driver, id)).toBe('removed');
      expect(await q.removeOwnToken(db, driver, id)).toBeUndefined();
      // The lists of stations are told by the trigger of all changes.
      const [removed] = await db.query("select value from id_token_removed where value_key = 'owncard1'");
      expect(removed).toEqual({ value: 'OWNCARD1' });
    });

    it('that the operator blocked stay blocked, by no detour', async () => {
      const { id } = await add('OWNCARD2');
      await q.updateIdToken(db, operator, id, { status: 'blocked' });
      expect(await q.changeOwnToken(db, driver, id, { status: 'active' })).toBe('held');
      expect(await q.changeOwnToken(db, driver, id, { status: 'blocked' })).toBe('held');
      expect(await q.removeOwnToken(db, driver, id)).toBe('held');
      expect(await q.addOwnToken(db, driver, { value: 'owncard2', name: null })).toBe('taken');
      expect(await q.changeOwnToken(db, driver, id, { name: 'A' })).toMatchObject({ status: 'blocked', name: 'A' });
    });

    it('have one among them that is virtual, however often it is asked for at once', async () => {
      const asked = await Promise.all([1, 2, 3, 4].map(() => q.ensureUserToken(db, driver)));
      expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
      expect(asked[0]).toMatchObject({ type: 'Central', localList: false, userId: USER });
      const { items } = await q.listOwnTokens(db, driver, { limit: 100 });
      expect(items.filter(({ type }) => type === 'Central')).toHaveLength(1);
      await db.query('delete from id_token where id = $1::int8', [asked[0]?.id ?? 0]);
    });

    it('that charge are not given up', async () => {
      const { id } = await add('DRIVERS');
      const running = await transaction({ ended: false });
      expect(await q.removeOwnToken(db, driver, id)).toBe('held');
      await db.query('update transaction set ended_at = now() where id = $1::int8', [running]);
      expect(await q.removeOwnToken(db, driver, id)).toBe('removed');
    });

    it('are so many and no more', async () => {
      const before = (await q.listOwnTokens(db, driver, { limit: 100 })).items.length;
      for (let n = before; n < q.MAX_OWN_TOKENS - 1; n++) await add(`MANY${n}`);
      // Also where several are added at once.
      const last = await Promise.all(
        [1, 2, 3, 4].map((n) => q.addOwnToken(db, driver, { value: `MANYMORE${n}`, name: null })),
      );
      expect(last.filter((made) => made === 'too-many')).toHaveLength(3);
      await db.query("delete from id_token where user_id = $1::uuid and value like 'MANY%'", [USER]);
    });
  });

  describe('codes on stations', () => {
    it('are one for each connector, stay, and are replaced alone', async () => {
      const id = await station(db);
      await db.query(
        `insert into connector (station_id, evse_id, connector_id, type, max_power_w, ocpp_status, status, status_at)
         select $1::int8, e, 1, 'CCS', 50000, 'Available', 'Available', now() from generate_series(0, 2) e`,
        [id],
      );
      await q.makeConnectCodes(db, operator, id);
      const codes = await q.listConnectCodes(db, operator, id);
      // EVSE 0 is the station as a whole.
      expect(codes.map(({ evseId }) => evseId)).toEqual([1, 2]);
      for (const { code } of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
      await q.makeConnectCodes(db, operator, id);
      expect(await q.listConnectCodes(db, operator, id)).toEqual(codes);

      const [first, second] = codes.map(({ code }) => code) as [string, string];
      const typed = `${first.slice(0, 5)}-${first.slice(5)}`.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l');
      expect(await q.findConnectPlace(db, typed)).toMatchObject({ stationId: id, evseId: 1, maxPowerW: 50000 });
      expect(await q.findConnectPlace(db, first, OTHER_TENANT)).toBeUndefined();
      expect(await q.rotateConnectCode(db, operator, { stationId: id, evseId: 1, connectorId: 1 })).toBe(true);
      expect(await q.rotateConnectCode(db, operator, { stationId: id, evseId: 7, connectorId: 1 })).toBe(false);
      const stranger = { ...operator, tenantId: OTHER_TENANT };
      expect(await q.rotateConnectCode(db, stranger, { stationId: id, evseId: 1, connectorId: 1 })).toBe(false);
      expect(await q.findConnectPlace(db, first)).toBeUndefined();
      expect(await q.findConnectPlace(db, second)).toMatchObject({ evseId: 2 });
    });
  });

  describe('receipts', () => {
    const numbers = async (ids: readonly number[]) =>
      Promise.all(ids.map(async (id) => (await q.getReceipt(db, operator, id))?.number));

    it('are numbered one after another, also where many are made at once and some twice', async () => {
      const ids = await Promise.all(Array.from({ length: 6 }, () => transaction()));
      const make = (transactionId: number) => q.putReceipt(db, driver, { transactionId, userId: USER, content: {} });
      await Promise.all([...ids, ...ids].map(make));
      const found = (await numbers(ids)).map(Number).sort((a, b) => a - b);
      expect(found).toEqual(found.map((_, n) => (found[0] ?? 0) + n));
      // What could not be made takes no number with it.
      await expect(make(999_999_999)).rejects.toThrow();
      const next = await transaction();
      await make(next);
      expect(await numbers([next])).toEqual([(found.at(-1) ?? 0) + 1]);
    });

    it('stand as they were made', async () => {
      const id = await transaction();
      await q.putReceipt(db, driver, { transactionId: id, userId: USER, content: { total: 1 } });
      await q.putReceipt(db, driver, { transactionId: id, userId: USER, content: { total: 2 } });
      expect(await q.getReceipt(db, driver, id)).toMatchObject({ content: { total: 1 } });
      const change = () => db.query(`update receipt set content = '{}' where transaction_id = $1::int8`, [id]);
      await expect(change()).rejects.toThrow(/never changed/);
      const drop = () => db.query('delete from receipt where transaction_id = $1::int8', [id]);
      await expect(drop()).rejects.toThrow(/never changed/);
      expect(await q.getReceipt(db, { ...driver, userId: operator.userId }, id)).toBeUndefined();
    });
  });

  it('power now is the newest that was told, of all phases', async () => {
    const [whole, phases, none] = [await transaction(), await transaction(), await transaction()];
    const told = (id: number, ago: number, samples: unknown) =>
      db.query(
        `insert into meter_value (transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, samples)
         values ($1::int8, $2::int8, 1, 1, now() - $3::int4 * interval '1 s', now(), $4::text::json)`,
        [id, stationId, ago, JSON.stringify(samples)],
      );
    const power = (value: number, more: object = {}) => ({
      measurand: 'Power.Active.Import',
      value,
      unit: 'W',
      ...more,
    });
    await told(whole, 60, [power(3000)]);
    await told(whole, 30, [{ measurand: 'Energy.Active.Import.Register', value: 1 }, power(7.5, { unit: 'kW' })]);
    await told(whole, 10, [{ measurand: 'Voltage', value: 230 }]);
    await told(
      phases,
      5,
      ['L1', 'L2', 'L3'].map((phase) => power(1000, { phase })),
    );
    const found = await q.livePower(db, [whole, phases, none]);
    expect([whole, phases, none].map((id) => found.get(id)?.powerW)).toEqual([7500, 3000, undefined]);
  });
}
