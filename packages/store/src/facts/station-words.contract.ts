/** What stations say beside their sessions: the newest of each, once, and seen by their tenant alone. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { MeterRow } from '../batch/types.js';
import type { Database } from '../database.js';
import { batch, begin, station, T, USER } from '../harness.contract.js';
import { listStationMeterValues, listTransactionMeterValues, placeAfter } from '../queries/meter-values.js';
import * as queries from '../queries/station-words.js';
import { type BootWord, WORDS_KEPT } from './station-words.js';

const actor = { userId: USER, tenantId: 1, role: 'admin' } as const;
const stranger = { ...actor, tenantId: 2 };
const limit = 200;

export function stationWordsContract(database: () => Database): void {
  let db: Database;
  beforeAll(() => {
    db = database();
  });

  const boot = (stationId: number, n: number): BootWord => ({
    ...{ stationId, at: T + n, version: 'ocpp1.6', reason: null, vendor: `V${n}`, model: 'M', serialNumber: null },
    ...{ boxSerialNumber: 'B', firmwareVersion: null, iccid: 'I', imsi: null, meterType: null, meterSerialNumber: 'S' },
  });

  describe('what stations say', () => {
    it('is kept once, newest first, as many as are kept, of each station by itself', async () => {
      const [one, other] = [await station(db), await station(db)];
      await batch(db, {}, () => ({ facts: { bootWord: [boot(other, 1)] } }));
      const many = Array.from({ length: WORDS_KEPT + 3 }, (_, n) => boot(one, n));
      await batch(db, {}, () => ({ facts: { bootWord: many } }));
      // The last again, as an edge sends it that heard no answer.
      await batch(db, {}, () => ({ facts: { bootWord: many.slice(-1) } }));
      await batch(db, {}, () => ({ facts: { bootWord: [boot(one, 1000)] } }));
      const { items } = await queries.listBoots(db, actor, one, { limit });
      expect(items.map((row) => row.vendor).slice(0, 2)).toEqual(['V1000', `V${WORDS_KEPT + 2}`]);
      expect(items).toHaveLength(WORDS_KEPT);
      expect(items[0]).toMatchObject({
        at: new Date(T + 1000),
        boxSerialNumber: 'B',
        iccid: 'I',
        meterSerialNumber: 'S',
      });
      const second = await queries.listBoots(db, actor, one, { limit: 1, before: items[0]?.id ?? 0 });
      expect([second.more, second.items[0]?.vendor]).toEqual([true, `V${WORDS_KEPT + 2}`]);
      expect((await queries.listBoots(db, actor, other, { limit })).items).toHaveLength(1);
      expect((await queries.listBoots(db, stranger, one, { limit })).items).toEqual([]);
    });

    it('of tokens, tax numbers and jobs too', async () => {
      const id = await station(db);
      const said = { stationId: id, at: T };
      const refusal = { ...said, idToken: "O'X", idTokenType: 'eMAID', verdict: 'Invalid', certificateStatus: null };
      const vat = { ...said, evseId: null, country: null, accepted: false, reason: 'InvalidFormat' };
      const status = { ...said, action: 'LogStatusNotification', status: 'Uploading', info: null };
      await batch(db, {}, () => ({
        facts: { refusalWord: [refusal], vatWord: [vat, vat], unaskedWord: [status, { ...status, at: T + 1 }] },
      }));
      const part = { limit };
      expect((await queries.listAuthorizationRefusals(db, actor, id, part)).items).toMatchObject([
        { idToken: "O'X", idTokenType: 'eMAID', verdict: 'Invalid', certificateStatus: null, at: new Date(T) },
      ]);
      expect((await queries.listVatChecks(db, actor, id, part)).items).toMatchObject([
        { evseId: null, country: null, accepted: false, reason: 'InvalidFormat' },
      ]);
      expect((await queries.listUnaskedStatuses(db, actor, id, part)).items).toMatchObject([
        { at: new Date(T + 1) },
        { at: new Date(T), status: 'Uploading' },
      ]);
      for (const list of [queries.listAuthorizationRefusals, queries.listVatChecks, queries.listUnaskedStatuses])
        expect((await list(db, stranger, id, part)).items).toEqual([]);
    });

    it('of grid controls is told also where the control is not known', async () => {
      const id = await station(db);
      const word = { stationId: id, tenantId: 1, controlId: 'own', started: true, at: T, supersededIds: ['a'] };
      await batch(db, {}, () => ({ facts: { derStartStop: [word] } }));
      const { items } = await queries.listDerStartStops(db, actor, id, { limit });
      expect(items).toMatchObject([{ controlId: 'own', started: true, supersededIds: ['a'] }]);
      expect((await queries.listDerStartStops(db, stranger, id, { limit })).items).toEqual([]);
    });
  });

  describe('what meters told', () => {
    const value = (stationId: number, transactionId: number | null, ms: number, n = 0): MeterRow => ({
      ...{ stationId, transactionId, evseId: transactionId === null ? n : 1, connectorId: 0 },
      ...{ sampledAt: T + ms, receivedAt: T + ms },
      samples: [
        {
          ...{ measurand: 'M', phase: undefined, context: undefined, location: undefined, unit: 'Wh', value: n },
          raw: undefined,
          signed: { method: undefined, encoding: 'OCMF', publicKey: 'k' },
        },
      ],
    });

    it('is walked page by page, also where many are of one instant, and seen by whom it is for', async () => {
      const id = await station(db);
      const [transaction] = await begin(db, [id]);
      const { id: own } = transaction as { id: number };
      const meterValues = [
        ...[value(id, own, 2), value(id, own, 0, 1), value(id, own, 0, 2), value(id, own, 0, 3), value(id, own, 1)],
        ...[value(id, null, 0, 0), value(id, null, 5, 3)],
      ];
      await batch(db, { stationIds: [id] }, () => ({ meterValues }));
      const seen: [number, number | undefined][] = [];
      let after: ReturnType<typeof placeAfter>;
      for (let more = true; more; ) {
        const page = await listTransactionMeterValues(db, actor, own, { limit: 2, ...(after && { after }) });
        for (const row of page.items) seen.push([row.sampledAt.getTime() - T, row.samples[0]?.value]);
        after = placeAfter(page.items, after);
        more = page.more;
      }
      expect(seen).toEqual([
        ...[
          [0, 1],
          [0, 2],
          [0, 3],
        ],
        ...[
          [1, 0],
          [2, 0],
        ],
      ]);
      const from = { from: new Date(T + 1), to: new Date(T + 2), limit };
      expect((await listTransactionMeterValues(db, actor, own, from)).items).toHaveLength(1);
      expect((await listTransactionMeterValues(db, actor, own, { limit: 1 })).items[0]?.samples).toEqual([
        { measurand: 'M', unit: 'Wh', value: 1, signed: { encoding: 'OCMF', publicKey: 'k' } },
      ]);
      for (const who of [stranger, { ...actor, role: 'user' as const }])
        expect((await listTransactionMeterValues(db, who, own, { limit })).items).toEqual([]);

      // Of the station itself: what belongs to no transaction.
      const outside = await listStationMeterValues(db, actor, id, { limit });
      expect(outside.items.map((row) => row.evseId)).toEqual([0, 3]);
      expect((await listStationMeterValues(db, actor, id, { limit, evseId: 3 })).items).toHaveLength(1);
      expect((await listStationMeterValues(db, stranger, id, { limit })).items).toEqual([]);
    });
  });
}
