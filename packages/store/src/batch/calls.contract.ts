/** Batches of charger messages: what is written is what is read, by the keys it is read by. */
import { type StationStatus, stationStatus, type TransactionStatus } from '@sigec/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import {
  batch,
  begin,
  begun,
  counting,
  events,
  OTHER_TENANT,
  station,
  stations,
  T,
  USER,
  unknown,
  view,
} from '../harness.contract.js';
import { type BootChange, type ConnectorChange, type MeterRow, type Sample, tokenKey } from './types.js';

const status = fc.constantFrom<StationStatus>('Available', 'Occupied', 'Faulted', 'Unavailable');
/** The connectors of a station; EVSE 0 is the station as a whole. */
const connectors = fc.uniqueArray(
  fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 2 }), status).map(([evse, connector, s]) => ({
    evse,
    connector: evse === 0 ? 0 : connector,
    status: s,
  })),
  { selector: (c) => `${c.evse}/${c.connector}`, maxLength: 6 },
);

export function callsContract(database: () => Database): void {
  const one = async <Row extends object>(sql: string, id: number) => (await database().query<Row>(sql, [id]))[0];

  describe('boots', () => {
    const boot = (stationId: number, more: Partial<BootChange> = {}): BootChange => ({
      stationId,
      vendor: 'Elétrica "X"',
      model: 'DC\\60',
      serialNumber: null,
      firmwareVersion: '1.0',
      version: 'ocpp1.6',
      registration: 'accepted',
      at: T,
      ...more,
    });

    it('are written to their stations, and read back by the next batch', async () => {
      const db = database();
      const [a, b, c] = (await stations(db, 3)) as [number, number, number];
      await batch(db, { stationIds: [a, b] }, () => ({
        boots: [boot(a), boot(b, { vendor: 'Y', serialNumber: '7', registration: 'pending' })],
      }));
      const { stations: seen } = await view(db, { stationIds: [c, b, a, a] });
      expect(seen.get(a)).toEqual({
        id: a,
        tenantId: 1,
        identity: expect.any(String),
        epoch: 0,
        registration: 'accepted',
        blocked: false,
        leniency: {},
      });
      expect(seen.get(b)?.registration).toBe('pending');
      expect(seen.get(c)?.registration).toBe('none');
      expect(seen.size).toBe(3);
      const row = await one(
        `select vendor, model, serial_number as serial, firmware_version as firmware, ocpp_version as version,
           booted_at as at from station where id = $1::int8`,
        a,
      );
      const told = { vendor: 'Elétrica "X"', model: 'DC\\60', serial: null, firmware: '1.0', version: 'ocpp1.6' };
      expect(row).toEqual({ ...told, at: new Date(T) });
      expect((await view(db, { stationIds: [0, -1] })).stations.size).toBe(0);
    });
  });

  describe('connectors', () => {
    const change = (
      stationId: number,
      c: { evse: number; connector: number; status: StationStatus },
    ): ConnectorChange => ({
      stationId,
      evseId: c.evse,
      connectorId: c.connector,
      ocppStatus: c.status === 'Occupied' ? 'Charging' : c.status,
      status: c.status,
      errorCode: null,
      vendorErrorCode: c.status === 'Faulted' ? 'E,1' : null,
      vendorId: c.status === 'Faulted' ? 'Acme' : null,
      info: null,
      at: T,
    });

    it('make the status of their station by the rule of the domain', async () => {
      const db = database();
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(connectors, connectors), { minLength: 1, maxLength: 40 }), async (sets) => {
          const ids = await stations(db, sets.length);
          for (const phase of [0, 1] as const) {
            await batch(db, { stationIds: ids }, () => ({
              connectors: sets.flatMap((set, i) => set[phase].map((c) => change(ids[i] as number, c))),
            }));
          }
          const rows = await db.query<{ id: number; status: string }>(
            'select id, status from station where id = any($1::int8[]) order by id',
            [ids],
          );
          const expected = sets.map(([before, after], i) => {
            const now = new Map([...before, ...after].map((c) => [`${c.evse}/${c.connector}`, c]));
            const own = now.get('0/0')?.status;
            const status = stationStatus(
              [...now.values()].filter((c) => c.evse > 0).map((c) => c.status),
              own,
            );
            return { id: ids[i], status };
          });
          expect(rows).toEqual(expected);
        }),
        { numRuns: 8 },
      );
    });

    it('are kept as told last', async () => {
      const db = database();
      const id = await station(db);
      for (const status of ['Faulted', 'Occupied'] as const)
        await batch(db, { stationIds: [id] }, () => ({ connectors: [change(id, { evse: 1, connector: 1, status })] }));
      const rows = await db.query(
        `select evse_id, connector_id, ocpp_status, status, error_code, vendor_error_code, vendor_id, status_at
         from connector
         where station_id = $1::int8`,
        [id],
      );
      expect(rows).toEqual([
        {
          evse_id: 1,
          connector_id: 1,
          ocpp_status: 'Charging',
          status: 'Occupied',
          error_code: null,
          vendor_error_code: null,
          vendor_id: null,
          status_at: new Date(T),
        },
      ]);
    });

    it('of the station as a whole may be several: a fault of one is told', async () => {
      const db = database();
      const id = await station(db);
      await batch(db, { stationIds: [id] }, () => ({
        connectors: [
          change(id, { evse: 0, connector: 0, status: 'Faulted' }),
          change(id, { evse: 0, connector: 1, status: 'Occupied' }),
        ],
      }));
      expect(await one('select status from station where id = $1::int8', id)).toEqual({ status: 'Faulted' });
    });
  });

  describe('tokens', () => {
    it('are found by their lower-case value, in the tenant of the station', async () => {
      const db = database();
      const [mine, theirs] = [await station(db), await station(db, OTHER_TENANT)];
      await db.query(
        `insert into id_token (tenant_id, value, value_key, status, group_id, user_id, expires_at) values
           (1, 'Tag-A', 'tag-a', 'active', 'fleet', $1::uuid, $2::timestamptz),
           (${OTHER_TENANT}, 'TAG-A', 'tag-a', 'blocked', null, null, null)`,
        [USER, new Date(T).toISOString()],
      );
      const keys = ['tag-a', 'tag-a', 'Tag-A', 'tag-b'];
      const wanted = [mine, theirs].flatMap((stationId) => keys.map((key) => ({ stationId, key })));
      const { idTokens } = await view(db, { idTokens: [...wanted, { stationId: 0, key: 'tag-a' }] });
      expect([...idTokens.keys()].sort()).toEqual([tokenKey(mine, 'tag-a'), tokenKey(theirs, 'tag-a')].sort());
      expect(idTokens.get(tokenKey(mine, 'tag-a'))).toMatchObject({
        value: 'Tag-A',
        status: 'active',
        groupId: 'fleet',
        userId: USER,
        expiresAt: T,
      });
      expect(idTokens.get(tokenKey(theirs, 'tag-a'))).toMatchObject({
        value: 'TAG-A',
        status: 'blocked',
        groupId: null,
        userId: null,
        expiresAt: null,
      });
    });
  });

  describe('samples and events', () => {
    it('are kept as told, with what is not known', async () => {
      const db = database();
      const id = await station(db);
      const nothing = { phase: undefined, context: undefined, location: undefined, unit: undefined };
      const sample = (more: Partial<Sample>): Sample => ({
        ...{ measurand: 'Voltage', value: undefined, raw: undefined, ...nothing },
        ...more,
      });
      const row = (more: Partial<MeterRow>): MeterRow => ({
        ...{
          transactionId: null,
          stationId: id,
          evseId: 1,
          connectorId: 1,
          sampledAt: T - 5,
          receivedAt: T,
          samples: [],
        },
        ...more,
      });
      const rows = [
        row({ samples: [sample({ raw: 'OCMF|{"a":1}' }), sample({ measurand: 'say "x\\y"', value: 0 })] }),
        row({ transactionId: 77, sampledAt: T - 4, samples: [sample({ value: -0.125, phase: 'L1-N', unit: 'V' })] }),
        row({
          sampledAt: T - 3.5,
          samples: [sample({ value: 1e15, context: 'Sample.Periodic', location: 'Outlet', unit: 'çã🚗' })],
        }),
      ];
      await batch(db, { stationIds: [id] }, () => ({ meterValues: rows }));
      const read = await db.query<object>(
        `select transaction_id as "transactionId", station_id as "stationId", evse_id as "evseId",
           connector_id as "connectorId", (extract(epoch from sampled_at) * 1000)::float8 as "sampledAt",
           (extract(epoch from received_at) * 1000)::float8 as "receivedAt", measurand, phase, context, location, unit,
           value, raw
         from meter_sample where station_id = $1::int8 order by sampled_at, value nulls first`,
        [id],
      );
      const known = (value: Sample) => JSON.parse(JSON.stringify(value)) as object;
      const none = { phase: null, context: null, location: null, unit: null, value: null, raw: null };
      expect(read).toEqual(
        rows.flatMap(({ samples, ...place }) => samples.map((one) => ({ ...place, ...none, ...known(one) }))),
      );
    });

    it('go to the outbox in their order, in the same commit', async () => {
      const db = database();
      const id = await station(db);
      await events(db);
      const told = Array.from({ length: 50 }, (_, n) => ({
        tenantId: 1 + (n % 2),
        kind: `k.${n}`,
        payload: { n, text: '"\\ção', none: null },
      }));
      await batch(db, { stationIds: [id] }, () => ({ events: told }));
      expect(await events(db)).toEqual(told);
    });
  });

  describe('a batch', () => {
    it('leaves nothing behind where the work or a write fails', async () => {
      const db = database();
      const id = await station(db);
      await events(db);
      const boot = {
        stationId: id,
        vendor: 'v',
        model: 'm',
        serialNumber: null,
        firmwareVersion: null,
        version: 'x',
        at: T,
      };
      const event = { tenantId: 1, kind: 'x', payload: {} };
      const untouched = async () => {
        expect(await one('select vendor, registration from station where id = $1::int8', id)).toEqual({
          vendor: null,
          registration: 'none',
        });
        expect(await events(db)).toEqual([]);
      };
      const failing = batch(db, { stationIds: [id] }, () => {
        throw new Error('rule broken');
      });
      await expect(failing).rejects.toThrow('rule broken');
      const bad = begun(2_000_000_000, id, { status: 'no such' as TransactionStatus });
      const refused = batch(db, { stationIds: [id] }, () => ({
        boots: [{ ...boot, registration: 'accepted' }],
        transactions: [bad],
        events: [event],
      }));
      await expect(refused).rejects.toMatchObject({ code: '23514' });
      await untouched();
      // The connection that failed serves the next one.
      await batch(db, { stationIds: [id] }, () => ({ events: [event] }));
      expect(await events(db)).toEqual([event]);
    });

    it('costs as many statements with 200 stations as with one', async () => {
      const { db, statements } = counting(database());
      const cost = async (ids: readonly number[]) => {
        const known = await begin(database(), ids);
        statements();
        await batch(
          db,
          {
            stationIds: ids,
            transactions: known.map((t) => ({ stationId: t.stationId, ocppTransactionId: t.ocppTransactionId })),
            startKeys: ids.map((stationId) => ({ stationId, key: 'k' })),
            activeOf: ids,
            idTokens: ids.map((stationId) => ({ stationId, key: 'tag' })),
            newTransactions: ids.flatMap((id) => unknown(id, 1)),
          },
          (seen) => ({
            boots: ids.map((stationId) => ({
              stationId,
              vendor: 'v',
              model: 'm',
              serialNumber: null,
              firmwareVersion: null,
              version: 'ocpp1.6',
              registration: 'accepted',
              at: T,
            })),
            connectors: ids.map((stationId) => ({
              stationId,
              evseId: 1,
              connectorId: 1,
              ocppStatus: 'Available',
              status: 'Available',
              errorCode: null,
              vendorErrorCode: null,
              vendorId: null,
              info: null,
              at: T,
            })),
            transactions: [...seen.transactions, ...ids.map((id, i) => begun(seen.newTransactionIds[i] as number, id))],
            events: ids.map(() => ({ tenantId: 1, kind: 'x', payload: {} })),
          }),
        );
        return statements();
      };
      const small = await cost(await stations(database(), 1));
      expect(small).toBeGreaterThan(5);
      expect(await cost(await stations(database(), 200))).toBe(small);
      expect(await cost(await stations(database(), 200))).toBeLessThan(14);
    });
  });
}
