/** What stations tell of displays, grid control, battery swaps and settlements, written and looked up. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { batch, station, T, view } from '../harness.contract.js';
import * as queries from '../queries/energy.js';
import { createRequest } from '../queries/requests.js';
import type { SettlementFact, SwapFact } from './energy.js';

const actor = { userId: '00000000-0000-0000-0000-000000000000', tenantId: 1, role: 'admin' } as const;
const stranger = { ...actor, tenantId: 2 };
export function energyContract(database: () => Database): void {
  let db: Database;
  beforeAll(() => {
    db = database();
  });

  const limit = 50;
  const message = (stationId: number, messageId: number, content = 'x') => ({
    stationId,
    tenantId: 1,
    messageId,
    priority: 'InFront',
    state: null,
    startsAt: T,
    endsAt: null,
    ocppTransactionId: null,
    display: null,
    contents: [{ format: 'UTF8', content }],
  });

  describe('display messages', () => {
    it('are replaced by what is reported, and go where a whole report leaves them out', async () => {
      const id = await station(db);
      await queries.saveDisplayMessage(db, actor, message(id, 1, 'old'));
      await queries.saveDisplayMessage(db, actor, message(id, 2));
      const whole = await createRequest(db, actor, {
        stationId: id,
        action: 'GetDisplayMessages',
        requestId: 1,
        payload: {},
      });
      const some = await createRequest(db, actor, {
        stationId: id,
        action: 'GetDisplayMessages',
        requestId: 2,
        payload: { priority: 'InFront' },
      });
      const told = [message(id, 1, 'first'), message(id, 1, 'new'), message(id, 3)];
      await batch(db, {}, () => ({ facts: { displayMessage: told, displaySweep: [{ request: some as number }] } }));
      const list = async () => (await queries.listDisplayMessages(db, actor, id, { limit })).items;
      expect((await list()).map((m) => [m.messageId, m.source, m.contents[0]?.content])).toEqual([
        [1, 'set', 'new'],
        [2, 'set', 'x'],
        [3, 'reported', 'x'],
      ]);
      expect((await list())[0]?.startsAt).toEqual(new Date(T));
      await batch(db, {}, () => ({ facts: { displayMessage: told, displaySweep: [{ request: whole as number }] } }));
      expect((await list()).map((m) => m.messageId)).toEqual([1, 3]);
      expect((await queries.listDisplayMessages(db, stranger, id, { limit })).items).toEqual([]);
      await queries.forgetDisplayMessage(db, stranger, id, 1);
      expect(await list()).toHaveLength(2);
    });

    it('what came last under a request is found by its number', async () => {
      const id = await station(db);
      const request = (await createRequest(db, actor, {
        stationId: id,
        action: 'GetDisplayMessages',
        requestId: 9,
        payload: {},
      })) as number;
      const part = (seqNo: number, items: unknown[]) => ({ request, seqNo, items, receivedAt: T });
      await batch(db, {}, () => ({ facts: { requestPart: [part(0, [{ id: 1 }]), part(1, [{ id: 2 }])] } }));
      const found = await view(db, {
        looks: {
          lastPart: [
            { stationId: id, requestId: 9 },
            { stationId: id, requestId: 8 },
          ],
        },
      });
      expect(found.found.lastPart).toEqual(new Map([[`${id}/9`, [{ id: 2 }]]]));
    });
  });

  describe('grid control', () => {
    const control = (stationId: number, controlId: string, superseded = false) => ({
      stationId,
      tenantId: 1,
      controlId,
      controlType: 'VoltVar',
      isDefault: false,
      superseded,
      startsAt: T,
      durationS: 1.5,
      priority: 1,
      content: { priority: 1 },
    });

    it('a control starts, puts others aside, and each event is kept once', async () => {
      const id = await station(db);
      const told = { stationId: id, tenantId: 1, controlId: 'a', started: true, at: T, supersededIds: ['b', 'a'] };
      const facts = {
        derControl: [control(id, 'a'), control(id, 'b'), control(id, 'a', true)],
        derStartStop: [told, told],
      };
      await batch(db, {}, () => ({ facts }));
      await batch(db, {}, () => ({ facts: { derStartStop: [told] } }));
      const { items } = await queries.listDerControls(db, actor, id, { limit });
      expect(items.map((c) => [c.controlId, c.started, c.superseded, c.durationS])).toEqual([
        ['a', true, false, 1.5],
        ['b', false, true, 1.5],
      ]);
      const rows = await db.query('select superseded_ids as ids from der_start_stop where station_id = $1::int8', [id]);
      expect(rows).toEqual([{ ids: ['b', 'a'] }]);
      const request = (await createRequest(db, actor, {
        stationId: id,
        action: 'GetDERControl',
        requestId: 1,
        payload: {},
      })) as number;
      await batch(db, {}, () => ({ facts: { derControl: [control(id, 'b')], derSweep: [{ request }] } }));
      expect((await queries.listDerControls(db, actor, id, { limit })).items.map((c) => c.controlId)).toEqual(['b']);
    });

    it('an alarm is a row from its beginning to its end', async () => {
      const id = await station(db);
      const alarm = { stationId: id, tenantId: 1, controlType: 'HVMustTrip', gridEventFault: 'OverVoltage' };
      const raised = { ...alarm, raisedAt: T, endedAt: null, extraInfo: null, receivedAt: T };
      await batch(db, {}, () => ({ facts: { derAlarm: [raised, { ...raised, endedAt: T + 500 }] } }));
      const key = { stationId: id, controlType: 'HVMustTrip' };
      const { found } = await view(db, { looks: { newestDerAlarm: [key, { ...key, controlType: 'none' }] } });
      expect([...(found.newestDerAlarm?.values() ?? [])]).toMatchObject([{ raisedAt: T, endedAt: T + 500 }]);
      expect((await queries.listDerAlarms(db, actor, id, { limit })).items).toHaveLength(1);
    });
  });

  describe('battery swaps', () => {
    it('go on under their number, with the batteries of each event', async () => {
      const id = await station(db);
      const token = { idToken: 'CARD', idTokenType: 'ISO14443' };
      const opened = await queries.openSwap(db, actor, { stationId: id, requestId: 5, ...token });
      expect(await queries.openSwap(db, actor, { stationId: id, requestId: 5, ...token })).toBeUndefined();
      const key = { stationId: id, requestId: 5 };
      const swap: SwapFact = {
        ...key,
        ...token,
        tenantId: 1,
        round: 1,
        source: 'requested',
        status: 'in',
        lastEvent: 'BatteryIn',
        serials: [],
      };
      const one = { evseId: 1, soc: 12.5, soh: 97, productionDate: null, vendorInfo: null, at: T };
      const battery = { ...key, ...one, round: 1, event: 'BatteryIn', serialNumber: 'B "1"' };
      await batch(db, {}, () => ({ facts: { batterySwap: [swap], batterySwapBattery: [battery, battery] } }));
      // The answer that comes later than the battery changes nothing.
      await queries.settleSwap(db, actor, opened as number, 'accepted');
      const { found } = await view(db, { looks: { swap: [key] } });
      expect(found.swap?.get(`${id}/5`)).toMatchObject({
        round: 1,
        status: 'in',
        lastEvent: 'BatteryIn',
        serials: ['B "1"'],
      });
      await batch(db, {}, () => ({ facts: { batterySwap: [{ ...swap, round: 2, source: 'station' }] } }));
      expect((await queries.listSwaps(db, actor, id, { limit })).items).toMatchObject([
        { round: 2, source: 'station', batteries: [] },
        { round: 1, status: 'in', batteries: [{ serialNumber: 'B "1"', soc: 12.5 }] },
      ]);
      expect((await queries.listSwaps(db, stranger, id, { limit })).items).toEqual([]);
    });
  });

  describe('settlements', () => {
    it('are kept once, and stand once they are settled', async () => {
      const id = await station(db);
      const told: SettlementFact = {
        stationId: id,
        tenantId: 1,
        pspRef: 'P',
        status: 'Failed',
        amountMinor: 1234,
        currency: 'BRL',
        conflict: false,
        ocppTransactionId: 'T',
        transactionId: null,
        statusInfo: null,
        rounded: false,
        settledAt: T,
        receiptId: null,
        receiptUrl: null,
        vatNumber: '11222333000181',
        vatCompany: { name: 'ACME' },
      };
      const write = (more: Partial<SettlementFact>) =>
        batch(db, {}, () => ({ facts: { settlement: [{ ...told, ...more }] } }));
      await write({});
      await write({ status: 'Settled' });
      await write({ status: 'Settled', amountMinor: 1 });
      await batch(db, {}, () => ({ facts: { settlementConflict: [{ stationId: id, pspRef: 'P' }] } }));
      const { found } = await view(db, { looks: { settlementOf: [{ stationId: id, pspRef: 'P' }] } });
      expect(found.settlementOf?.get(`${id}/P`)).toMatchObject({
        status: 'Settled',
        amountMinor: 1234,
        conflict: true,
      });
      const of = await queries.listSettlements(db, actor, { stationId: id, limit });
      expect(of.items).toMatchObject([
        { pspRef: 'P', amountMinor: 1234, conflict: true, vatCompany: { name: 'ACME' } },
      ]);
      expect((await queries.listSettlements(db, stranger, { limit })).items).toEqual([]);
    });
  });
}
