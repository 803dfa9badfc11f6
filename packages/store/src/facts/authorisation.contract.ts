/** What batches write of reservations, details and vendors' messages, against a real schema. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { batch, begin, counting, station, T, USER, view } from '../harness.contract.js';
import { createReservation, getReservation, moveReservation } from '../queries/authorisation.js';
import { DATA_TRANSFERS_KEPT } from './authorisation.js';

export function authorisationContract(database: () => Database): void {
  let db: Database;
  beforeAll(() => {
    db = database();
  });

  describe('reservations', () => {
    it('are found by their number at their station, and moved', async () => {
      const [here, there] = [await station(db), await station(db)];
      await db.query(
        `insert into reservation (tenant_id, station_id, reservation_id, evse_id, id_token, expires_at, status)
       values (1, $1::int8, 5, 1, 'CARD', now() + interval '1 hour', 'active')`,
        [here],
      );
      const keys = [here, there].map((stationId) => ({ stationId, reservationId: 5 }));
      const { found } = await view(db, { stationIds: [here], looks: { reservation: keys } });
      const state = found.reservation?.get(`${here}/5`);
      expect(state).toMatchObject({ status: 'active', endedAt: null, transactionId: null });
      expect(found.reservation?.size).toBe(1);
      if (state === undefined) throw new Error('not found');
      await batch(db, { stationIds: [here] }, () => ({
        facts: {
          reservationState: [
            { ...state, status: 'expired', endedAt: T },
            { ...state, status: 'used', endedAt: T, transactionId: 9 },
          ],
        },
      }));
      const rows = await db.query('select status, transaction_id, ended_at from reservation where id = $1::int8', [
        state.id,
      ]);
      expect(rows).toEqual([{ status: 'used', transaction_id: 9, ended_at: new Date(T) }]);
    });
  });

  describe('a reservation that a command ends', () => {
    it('has ended, and does not before', async () => {
      const stationId = await station(db);
      const actor = { userId: USER, tenantId: 1, role: 'operator' } as const;
      const reserved = { evseId: 1, connectorType: null, idToken: 'R', groupId: null, expiresAt: new Date(T) };
      const id = (await createReservation(db, actor, { stationId, reservationId: 6, ...reserved })) ?? 0;
      const ended = async () => (await getReservation(db, actor, stationId, 6))?.endedAt;
      await moveReservation(db, id, 'active', 'Accepted', 'sent');
      expect(await ended()).toBeNull();
      await moveReservation(db, id, 'cancelled', 'Accepted');
      expect(await ended()).toBeInstanceOf(Date);
    });
  });

  describe('the group of a start', () => {
    it('is that of the token that began', async () => {
      const id = await station(db);
      const [t] = await begin(db, [id]);
      await db.query(
        "insert into id_token (tenant_id, value, value_key, group_id) values (1, 'Mine', 'mine', 'FLEET') on conflict do nothing",
      );
      await db.query("update transaction set id_token = 'MINE' where id = $1::int8", [t?.id ?? 0]);
      const key = { stationId: id, ocppTransactionId: t?.ocppTransactionId ?? '' };
      const { found } = await view(db, { looks: { startGroup: [key, { ...key, ocppTransactionId: 'none' }] } });
      expect([...(found.startGroup ?? [])]).toEqual([[`${id}/${key.ocppTransactionId}`, { groupId: 'FLEET' }]]);
    });
  });

  describe('tokens with limits', () => {
    it('bring what runs on them, the site and the outlets; others bring nothing', async () => {
      const id = await station(db);
      const [t] = await begin(db, [id]);
      await db.query(
        `with made as (insert into site (tenant_id, name) values (1, 'North') returning id)
         update station set site_id = made.id from made where station.id = $1::int8`,
        [id],
      );
      await db.query(
        `insert into connector (station_id, evse_id, connector_id, type, ocpp_status, status, status_at)
       values ($1::int8, 1, 1, 'CCS', 'Available', 'Available', now())`,
        [id],
      );
      await db.query("update transaction set id_token = 'LIM' where id = $1::int8", [t?.id ?? 0]);
      await db.query(
        `insert into id_token (tenant_id, value, value_key, max_concurrent, limits) values
         (1, 'Lim', 'lim', 1, '{"sites":["North"]}'), (1, 'Free', 'free', null, null)`,
      );
      const { idTokens } = await view(db, {
        idTokens: [
          { stationId: id, key: 'lim' },
          { stationId: id, key: 'free' },
        ],
      });
      expect(idTokens.get(`${id}/lim`)).toMatchObject({
        maxConcurrent: 1,
        limits: { sites: ['North'] },
        site: 'North',
        outlets: [{ evseId: 1, type: 'CCS' }],
        running: [{ id: t?.id, stationId: id, evseId: 1, connectorId: 1 }],
      });
      expect(idTokens.get(`${id}/free`)).toMatchObject({
        maxConcurrent: null,
        site: null,
        outlets: null,
        running: null,
      });
    });
  });

  describe('what transactions tell', () => {
    it('is laid over what they told before', async () => {
      const id = await station(db);
      const [t] = await begin(db, [id]);
      const transactionId = t?.id ?? 0;
      const write = (rows: object[]) =>
        batch(db, { stationIds: [id] }, () => ({
          facts: { transactionDetail: rows.map((row) => ({ transactionId, ...row })) },
        }));
      await write([{ startTrigger: 'Authorized', chargingState: 'EVConnected' }, { chargingState: 'Charging' }]);
      await write([{ offline: true, costDetails: { totalCost: { currency: 'BRL' } }, chargingState: undefined }]);
      const rows = await db.query(
        `select start_trigger, charging_state, offline, cost_details, max_soc from transaction_detail
       where transaction_id = $1::int8`,
        [transactionId],
      );
      expect(rows).toEqual([
        {
          start_trigger: 'Authorized',
          charging_state: 'Charging',
          offline: true,
          cost_details: { totalCost: { currency: 'BRL' } },
          max_soc: null,
        },
      ]);
    });
  });

  describe("a vendor's messages", () => {
    it('are kept once, without what is too large, and only the newest', async () => {
      const id = await station(db);
      const row = (n: number, data?: unknown) => ({
        stationId: id,
        direction: 'in' as const,
        at: T + n,
        vendorId: 'V',
        messageId: null,
        data,
        status: 'Accepted',
      });
      const write = (rows: ReturnType<typeof row>[]) =>
        batch(db, { stationIds: [id] }, () => ({ facts: { dataTransfer: rows } }));
      await write([row(1, { a: 1 }), row(2, 'x'.repeat(20_000)), row(3)]);
      await write([row(1, { a: 1 })]);
      const read = () =>
        db.query<{ data: unknown; bytes: number }>(
          'select data, data_bytes as bytes from data_transfer where station_id = $1::int8 order by id',
          [id],
        );
      expect(await read()).toEqual([
        { data: { a: 1 }, bytes: 7 },
        { data: null, bytes: 20_002 },
        { data: null, bytes: 0 },
      ]);
      await write(Array.from({ length: DATA_TRANSFERS_KEPT + 20 }, (_, n) => row(100 + n, n)));
      await write([row(1000, 'last')]);
      expect((await read()).length).toBeLessThanOrEqual(DATA_TRANSFERS_KEPT + 1);
      expect((await read()).at(-1)?.data).toBe('last');
    });
  });

  describe('meter values of no transaction', () => {
    it('39: are kept once, in one batch and in two; another reading of the instant is kept too', async () => {
      const id = await station(db);
      const value = (value: number) => ({
        measurand: 'Voltage',
        value,
        raw: undefined,
        phase: undefined,
        context: undefined,
        location: undefined,
        unit: undefined,
      });
      const row = (receivedAt: number, sample: number, evseId = 1) => ({
        ...{ transactionId: null, stationId: id, evseId, connectorId: 1, sampledAt: T, receivedAt },
        samples: [value(sample)],
      });
      const write = (...rows: ReturnType<typeof row>[]) =>
        batch(db, { stationIds: [id] }, () => ({ meterValues: rows }));
      await write(row(T, 230), row(T + 5, 230));
      await write(row(T + 60_000, 230), row(T + 60_000, 231), row(T + 60_000, 230, 2));
      const rows = await db.query('select evse_id, value from meter_sample where station_id = $1::int8 order by 1, 2', [
        id,
      ]);
      expect(rows).toEqual([
        { evse_id: 1, value: 230 },
        { evse_id: 1, value: 231 },
        { evse_id: 2, value: 230 },
      ]);
    });

    it('cost an ordinary event no statement', async () => {
      const id = await station(db);
      const [t] = await begin(db, [id]);
      const counted = counting(db);
      const row = { stationId: id, evseId: 1, connectorId: 1, sampledAt: T, receivedAt: T, samples: [] };
      const cost = async (transactionId: number | null) => {
        counted.statements();
        await batch(counted.db, { stationIds: [id] }, () => ({ meterValues: [{ ...row, transactionId }] }));
        return counted.statements();
      };
      expect(await cost(t?.id ?? 0)).toBe(await cost(null));
    });
  });
}
