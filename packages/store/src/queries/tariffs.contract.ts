/** Tariffs: what a session begins under is the nearest that is assigned, in its newest version, and stays what it was. */
import type { Tariff } from '@sigec/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TariffContent } from '../batch/tariffs.js';
import { tariffKey } from '../batch/types.js';
import type { Database } from '../database.js';
import { batch, begun, events, OTHER_TENANT, station, stations, unknown, view } from '../harness.contract.js';
import type { Actor } from './scope.js';
import { assignTariff, listTariffAssignments, tariffAt, unassignTariff } from './tariff-assignments.js';
import { archiveTariff, changeTariff, createTariff, getTariff, listTariffs, listTariffVersions } from './tariffs.js';

const OPERATOR: Actor = { userId: '0193f000-0000-7000-8000-0000000000bb', tenantId: OTHER_TENANT, role: 'operator' };
const STRANGER: Actor = { ...OPERATOR, tenantId: 1 };
const content = (perKwhMinor: number): TariffContent => ({ currency: 'BRL', perKwhMinor });

export function tariffsContract(get: () => Database): void {
  describe('tariffs', () => {
    const make = (name: string, perKwhMinor: number) =>
      createTariff(get(), OPERATOR, { name, content: content(perKwhMinor) });
    const placed = (stationId: number | null, evseId = 0) => ({ stationId, evseId });
    const told = async () => (await events(get())).map(({ kind }) => kind);
    beforeAll(async () => void (await told()));

    it('are changed as new versions, one at a time, and put away where they hold nowhere', async () => {
      const db = get();
      const whole: TariffContent = {
        ...{ ...content(65.313), perMinuteMinor: 10, taxes: [{ name: 'ICMS', basisPoints: 1800 }] },
        bands: [{ name: 'ponta', days: [1, 5], from: '18:00', to: '21:00', perKwhMinor: 120 }],
      };
      const id = await createTariff(db, OPERATOR, { name: 'Rua', content: whole });
      expect(await getTariff(db, OPERATOR, id)).toMatchObject({ version: 1, status: 'active', content: whole });
      const next = { id, from: 1, name: 'Rua 2', content: content(80) };
      expect(await changeTariff(db, STRANGER, next)).toBe(false);
      expect(await Promise.all([changeTariff(db, OPERATOR, next), changeTariff(db, OPERATOR, next)])).toEqual(
        expect.arrayContaining([true, false]),
      );
      const { items } = await listTariffVersions(db, OPERATOR, id, { limit: 10 });
      expect(items.map((row) => [row.version, row.content])).toEqual([
        [2, content(80)],
        [1, whole],
      ]);
      await assignTariff(db, OPERATOR, id, placed(null));
      expect(await archiveTariff(db, OPERATOR, id)).toBe(false);
      await unassignTariff(db, OPERATOR, placed(null));
      expect(await archiveTariff(db, STRANGER, id)).toBe(false);
      expect(await archiveTariff(db, OPERATOR, id)).toBe(true);
      expect(await changeTariff(db, OPERATOR, { ...next, from: 2 })).toBe(false);
      expect(await assignTariff(db, OPERATOR, id, placed(null))).toBeUndefined();
      const listed = async (archived: boolean) =>
        (await listTariffs(db, OPERATOR, { archived, limit: 100 })).items.map((row) => row.id);
      expect([(await listed(false)).includes(id), (await listed(true)).includes(id)]).toEqual([false, true]);
      expect(await told()).toEqual([
        ...['tariff.created', 'tariff.changed', 'tariff.assigned', 'tariff.unassigned', 'tariff.archived'],
      ]);
    });

    it('hold where they are nearest, for whoever begins in one batch', async () => {
      const db = get();
      const [a, b] = (await stations(db, 2, OTHER_TENANT)) as [number, number];
      const elsewhere = await station(db);
      const [tenant, ofStation, ofEvse] = await Promise.all([make('t', 1), make('s', 2), make('e', 3)]);
      const wanted = { newTransactions: [a, b, elsewhere].flatMap((id) => unknown(id, 1)) };
      expect((await view(db, wanted)).tariffs.size).toBe(0);
      await assignTariff(db, OPERATOR, tenant, placed(null));
      await assignTariff(db, OPERATOR, ofEvse, placed(a));
      // The later word of one place holds.
      await assignTariff(db, OPERATOR, ofStation, placed(a));
      await assignTariff(db, OPERATOR, ofEvse, placed(a, 2));
      const { tariffs } = await view(db, wanted);
      const at = (id: number, evse: number) => tariffs.get(tariffKey(id, evse));
      expect(at(a, 0)).toEqual({ ...content(2), id: ofStation, version: 1, name: 's' });
      expect([at(a, 2)?.perKwhMinor, at(b, 0)?.perKwhMinor, at(elsewhere, 0)]).toEqual([3, 1, undefined]);
      expect([tariffs.size, (await tariffAt(db, a, 1))?.id, (await tariffAt(db, a, 2))?.id]).toEqual([
        3,
        ofStation,
        ofEvse,
      ]);
      // Where nothing begins, nothing is asked for.
      expect((await view(db, { stationIds: [a] })).tariffs.size).toBe(0);
      const of = async (filter: object) =>
        (await listTariffAssignments(db, OPERATOR, { limit: 10, ...filter })).items.map((row) => row.evseId);
      expect([await of({ stationId: a }), await of({ tariffId: tenant })]).toEqual([[0, 2], [0]]);
      expect((await listTariffAssignments(db, STRANGER, { limit: 10 })).items).toEqual([]);
      // A station of another tenant is nobody's place.
      expect(await assignTariff(db, OPERATOR, tenant, placed(elsewhere))).toBeUndefined();
      await unassignTariff(db, OPERATOR, placed(null));
    });

    it('of a session stay what they were when it began, with what it remembers of its time', async () => {
      const db = get();
      const id = await station(db);
      const tariff: Tariff = { ...content(75), id: 9, version: 1, name: 'x', perMinuteMinor: 0.5, bands: [] };
      const usage = { peak: { at: 5, mWh: 7 }, points: [[1, 'charging', 0, 1]], slots: [[0, 1, 2, 3, 4]] } as const;
      const place = { stationIds: [id], activeOf: [id] };
      await batch(db, { ...place, newTransactions: unknown(id, 1) }, ({ newTransactionIds: [number = 0] }) => ({
        transactions: [begun(number, id, { tariff })],
      }));
      const [open] = (await view(db, place)).transactions;
      expect(open?.tariff).toEqual(tariff);
      await batch(db, place, ({ transactions }) => ({
        transactions: transactions.map((t) => ({ ...t, register: { ...t.register, usage } })),
      }));
      expect((await view(db, place)).transactions[0]?.register.usage).toEqual(usage);
    });
  });
}
