/** Rows of smart charging on a real engine: written, found, replaced and forgotten as the rules say. */
import { meets, type PlacedProfile, PURPOSES } from '@sigec/domain';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import * as q from '../queries/index.js';
import { type Facts, type Looks, readFound, writeFacts } from './index.js';

const actor: q.Actor = { userId: '0193f000-0000-7000-8000-000000000001', tenantId: 1, role: 'operator' };
const stranger: q.Actor = { ...actor, tenantId: 2 };
const AT = Date.UTC(2026, 0, 1);

export function chargingContract(database: () => Database): void {
  let db: Database;
  beforeAll(() => {
    db = database();
  });

  let count = 0;
  async function station(): Promise<number> {
    const made = await q.createStation(db, actor, { identity: `CHG-${++count}`, securityProfile: 1, secret: null });
    return made?.id ?? 0;
  }
  const transaction = async (stationId: number, evseId: number, ocppId: string) =>
    db.query(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
       started_at, currency, register, tariff)
     values (1, $1::int8, $2::int4, 1, 'x', $3, 'started', now(), 'BRL', '{}', '{}')`,
      [stationId, evseId, ocppId],
    );
  const write = (facts: Facts) => db.transaction((tx) => writeFacts(tx, facts));
  const find = (looks: Looks) => db.transaction((tx) => readFound(tx, looks));

  const profile = (id: number, more: Partial<PlacedProfile> = {}): PlacedProfile => ({
    ...{ id, evseId: 1, stackLevel: 0, purpose: 'TxDefaultProfile', kind: 'Absolute', recurrency: null },
    ...{ validFrom: AT, validTo: null, transactionId: null, extra: { maxOfflineDuration: 5 } },
    schedules: [
      {
        ...{ id: 1, startAt: AT, durationS: 60, unit: 'W', minRate: null, extra: {} },
        periods: [{ startS: 0, limit: 7000, phases: null, phaseToUse: null, extra: {} }],
      },
    ],
    ...more,
  });
  const row = (stationId: number, made: PlacedProfile) =>
    ({ ...made, stationId, tenantId: 1, source: 'reported', limitSource: 'CSO', state: 'set' }) as const;
  const ids = async (stationId: number) =>
    (await q.listChargingProfiles(db, actor, stationId, { limit: 200 })).items.map(({ profileId }) => profileId);

  describe('profiles', () => {
    it('come back as they went in; the last row of a batch counts, and ours stays ours', async () => {
      const stationId = await station();
      await write({ chargingProfile: [row(stationId, profile(1, { stackLevel: 9 })), row(stationId, profile(1))] });
      const found = await find({ chargingProfiles: [{ stationId }] });
      expect(found.chargingProfiles?.get(String(stationId))).toEqual([profile(1)]);
      await q.rememberProfile(db, actor, stationId, profile(2, { stackLevel: 1 }), 'set', [1]);
      await write({ chargingProfile: [row(stationId, profile(2, { stackLevel: 3 }))] });
      const { items } = await q.listChargingProfiles(db, actor, stationId, { limit: 10 });
      expect(items).toMatchObject([{ profileId: 2, source: 'csms', stackLevel: 3 }]);
      expect((await q.listChargingProfiles(db, stranger, stationId, { limit: 10 })).items).toEqual([]);
      expect(await q.chargingContext(db, stranger, stationId, 1)).toBeUndefined();
    });

    it('are forgotten as the rule of the domain has it', async () => {
      const stationId = await station();
      const anyProfile = fc.record({
        id: fc.integer({ min: 1, max: 6 }),
        evseId: fc.nat(2),
        stackLevel: fc.nat(2),
        purpose: fc.constantFrom(...PURPOSES),
      });
      const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
      const criteria = fc.record({
        ids: maybe(fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1 })),
        evseId: maybe(fc.nat(2)),
        purpose: maybe(fc.constantFrom(...PURPOSES)),
        stackLevel: maybe(fc.nat(2)),
      });
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(anyProfile, { selector: ({ id }) => id }), criteria, async (held, c) => {
          await db.query('delete from charging_profile where station_id = $1::int8', [stationId]);
          if (held.length > 0) await write({ chargingProfile: held.map((h) => row(stationId, profile(h.id, h))) });
          const wanted = held.filter((h) => meets(h, c)).map(({ id }) => id);
          const all = { ...c, limitSources: null, before: null, external: true };
          expect((await q.forgetProfiles(db, actor, stationId, all)).sort()).toEqual(wanted.sort());
          expect(await ids(stationId)).toEqual(
            held
              .map(({ id }) => id)
              .filter((id) => !wanted.includes(id))
              .sort(),
          );
        }),
        { numRuns: 40 },
      );
    });

    it('that a complete report did not tell are gone, as far as they were asked for', async () => {
      const stationId = await station();
      const old = [profile(1), profile(2), profile(3, { evseId: 2 })];
      await write({ chargingProfile: old.map((one) => row(stationId, one)) });
      await db.query(
        "update charging_profile set updated_at = now() - interval '1 minute' where station_id = $1::int8",
        [stationId],
      );
      const payload = { evseId: 1, chargingProfile: { chargingLimitSource: ['CSO', 'EMS'] } };
      const request = await q.createRequest(db, actor, {
        stationId,
        action: 'GetChargingProfiles',
        requestId: 5,
        payload,
      });
      const part = { request: request ?? 0, hash: 4_000_000_000 };
      const ended = { request: request ?? 0 };
      await write({
        chargingProfile: [row(stationId, profile(2))],
        chargingReportPart: [part, part],
        chargingReportEnd: [ended],
      });
      expect(await ids(stationId)).toEqual([2, 3]);
      const key = { stationId, requestId: 5, hash: part.hash };
      const found = await find({ chargingReportSeen: [key, { ...key, hash: 1 }] });
      expect([...(found.chargingReportSeen?.keys() ?? [])]).toEqual([`${stationId}/5/4000000000`]);
    });

    it('are judged by what operators said, and else by what the station tells', async () => {
      const stationId = await station();
      const name = (component: string, evse: number | null, variable: string) =>
        JSON.stringify([component, null, evse, null, variable, null]).toLowerCase();
      const variables = [
        [name('EVSE', 1, 'Power'), 'EVSE', 'Power', '100', 22_000],
        [name('SmartChargingCtrlr', null, 'ProfileStackLevel'), 'SmartChargingCtrlr', 'ProfileStackLevel', '4', null],
        [name('SmartChargingCtrlr', null, 'RateUnit'), 'SmartChargingCtrlr', 'RateUnit', 'A,W', null],
      ] as const;
      for (const [path, component, variable, value, max] of variables)
        await db.query(
          `insert into device_variable (tenant_id, station_id, path, attribute, component, variable, value, max_limit, learnt_from)
         values (1, $1::int8, $2, 'Actual', $3, $4, $5, $6::float8, 'x')`,
          [stationId, path, component, variable, value, max],
        );
      const told = await q.chargingContext(db, actor, stationId, 1);
      expect(told).toMatchObject({
        evseIds: null,
        ability: { maxPowerW: 22_000, maxStackLevel: 4, maxPeriods: null, units: ['A', 'W'] },
      });
      const said = {
        maxPowerW: 11_000,
        maxCurrentA: null,
        phases: 3,
        voltageV: 230,
        maxStackLevel: null,
        maxPeriods: 7,
        units: 'W',
      };
      await q.putChargingAbility(db, actor, stationId, 1, said);
      expect((await q.chargingContext(db, actor, stationId, 1))?.ability).toMatchObject({
        ...{ maxPowerW: 11_000, maxStackLevel: 4, maxPeriods: 7, phases: 3, units: ['W'] },
      });
    });
  });

  describe('limits, vehicles and dynamic values', () => {
    it('of others are kept by EVSE and source, and cleared', async () => {
      const stationId = await station();
      const limit = { gridCritical: true, localGeneration: null, schedules: [], hash: 4_000_000_000, receivedAt: AT };
      const place = { stationId, tenantId: 1, source: 'EMS' };
      await write({ chargingLimit: [0, 1, 2].map((evseId) => ({ ...place, evseId, limit })) });
      await write({
        chargingLimit: [
          { ...place, evseId: 2, limit: null },
          { ...place, evseId: 1, limit: null },
        ],
      });
      const rows = await q.listChargingLimits(db, actor, stationId);
      expect(rows).toMatchObject([{ evseId: 0, source: 'EMS', gridCritical: true, receivedAt: new Date(AT) }]);
      const found = await find({ chargingLimits: [{ stationId }] });
      expect(found.chargingLimits?.get(String(stationId))).toEqual([{ evseId: 0, source: 'EMS', hash: limit.hash }]);
    });

    it('ask once for each transaction, and are claimed when it runs, once', async () => {
      const stationId = await station();
      const place = { stationId, tenantId: 1, evseId: 1, ocppTransactionId: '', receivedAt: Date.now(), hash: 3 };
      const needs = {
        ...{ ...place, transfer: 'DC', controlMode: null, mobilityMode: null, departureAt: null, maxPowerW: 1.5 },
        ...{ maxScheduleTuples: null, needs: {}, answer: 'Processing', answerReason: null },
        plan: 'due',
      } as const;
      await write({ evChargingNeeds: [needs, { ...needs, maxPowerW: 60_000.5 }] });
      const found = await find({ evCharging: [{ stationId, evseId: 1 }], stationEvses: [{ stationId }] });
      expect(found.evCharging?.get(`${stationId}/1`)).toEqual({
        needs: { ocppTransactionId: '', hash: 3, answer: 'Processing', answerReason: null },
        schedule: null,
      });
      expect(found.stationEvses?.get(String(stationId))).toEqual([]);
      expect(await q.claimDuePlans(db, 5)).toEqual([]);
      await transaction(stationId, 1, 'TX');
      const [plan] = await q.claimDuePlans(db, 5);
      expect(plan).toMatchObject({ stationId, evseId: 1, ocppTransactionId: 'TX', maxPowerW: 60_000.5 });
      expect(await q.claimDuePlans(db, 5)).toEqual([]);
      if (plan !== undefined) await q.settlePlan(db, plan, 'sent', null);
      await write({
        evChargingSchedule: [
          {
            ...{ ...place, ocppTransactionId: 'TX', timeBase: AT, selectedScheduleId: 1, toleranceAccepted: true },
            ...{ schedule: profile(1).schedules[0] as never, answer: 'Accepted' },
          },
        ],
        priorityCharging: [
          {
            stationId,
            tenantId: 1,
            ocppTransactionId: 'TX',
            active: true,
            source: 'station',
            answer: null,
            changedAt: AT,
          },
        ],
      });
      const [seen] = await q.listEvCharging(db, actor, stationId, { limit: 10 });
      expect(seen).toMatchObject({
        ...{ evseId: 1, ocppTransactionId: 'TX', needs: { plan: 'sent' }, allowed: null },
        ...{ schedule: { answer: 'Accepted', timeBase: AT, selectedScheduleId: 1 }, priority: { active: true } },
      });
      const more = await find({ prioritised: [{ stationId }], allowedTransfer: [{ stationId }] });
      expect(more.prioritised?.get(String(stationId))).toEqual(['TX']);
      expect(await q.listEvCharging(db, stranger, stationId, { limit: 10 })).toEqual([]);
    });

    it('wait to be pulled, and say when', async () => {
      const stationId = await station();
      await q.putDynamicSchedule(db, actor, stationId, 5, { limit: 10 }, null);
      const key = { stationId, profileId: 5 };
      const found = await find({ dynamicSchedule: [key, { ...key, profileId: 6 }] });
      expect([...(found.dynamicSchedule ?? [])]).toEqual([[`${stationId}/5`, { update: { limit: 10 } }]]);
      await write({
        dynamicPull: [
          { ...key, pulledAt: AT },
          { ...key, pulledAt: AT + 1000 },
        ],
      });
      const rows = await q.listDynamicSchedules(db, actor, stationId);
      expect(rows).toMatchObject([{ profileId: 5, pulledAt: new Date(AT + 1000) }]);
      await q.noteAfrrSignal(db, actor, stationId, { signal: -3, signalAt: new Date(AT), answer: 'Accepted' });
      await db.query("update afrr_signal set created_at = now() - interval '31 days'");
      expect(await q.sweepCharging(db, 30)).toBe(1);
    });
  });
}
