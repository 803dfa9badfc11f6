import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answerNeeds,
  type ChargingProfile,
  type CompositePlace,
  compositeSchedule,
  highestLimit,
  isWithin,
  meets,
  messagePath,
  type PlacedProfile,
  type ProfilePlace,
  profileFaults,
  profileForNeeds,
  readProfile,
  schedulesAgree,
  UNKNOWN_ABILITY,
  writeProfile,
} from './index.js';

const START = Date.UTC(2026, 0, 1);
const HOUR_S = 3600;

/** Profiles that the specification allows at an EVSE, without a transaction. */
const anyPeriods = fc
  .uniqueArray(fc.integer({ min: 1, max: 80_000 }), { maxLength: 5 })
  .chain((starts) =>
    fc.tuple(
      fc.constant([0, ...starts.sort((a, b) => a - b)]),
      fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: starts.length + 1, maxLength: starts.length + 1 }),
    ),
  )
  .map(([starts, limits]) =>
    starts.map((startS, n) => ({ startS, limit: limits[n] ?? 0, phases: null, phaseToUse: null, extra: {} })),
  );

const anyProfile: fc.Arbitrary<PlacedProfile> = fc
  .record({
    id: fc.integer({ min: -1000, max: 1000 }),
    evseId: fc.constantFrom(0, 1),
    stackLevel: fc.nat(5),
    station: fc.boolean(),
    recurring: fc.boolean(),
    startAt: fc.integer({ min: -100_000, max: 100_000 }),
    durationS: fc.option(fc.integer({ min: 80_001, max: 86_400 })),
    periods: anyPeriods,
  })
  .map(({ station, recurring, startAt, durationS, periods, evseId, ...rest }) => ({
    ...rest,
    evseId: station ? 0 : evseId,
    purpose: station ? ('ChargingStationMaxProfile' as const) : ('TxDefaultProfile' as const),
    kind: recurring ? ('Recurring' as const) : ('Absolute' as const),
    recurrency: recurring ? ('Daily' as const) : null,
    validFrom: null,
    validTo: null,
    transactionId: null,
    schedules: [
      { id: 1, startAt: START + startAt * 1000, durationS, unit: 'W' as const, minRate: null, periods, extra: {} },
    ],
    extra: {},
  }));

const place = (more: Partial<ProfilePlace> = {}): ProfilePlace => ({
  version: 'ocpp2.0.1',
  evseId: 1,
  evseIds: [1, 2],
  running: [],
  ability: UNKNOWN_ABILITY,
  held: [],
  withStart: false,
  ...more,
});

const AT: CompositePlace = {
  evseId: 1,
  transactionId: 'TX',
  startedAt: START,
  priority: false,
  maxPowerW: null,
  voltageV: null,
  phases: null,
};

const simple = (limit: number, more: Partial<PlacedProfile> = {}): PlacedProfile => ({
  id: 1,
  evseId: 1,
  stackLevel: 0,
  purpose: 'TxDefaultProfile',
  kind: 'Absolute',
  recurrency: null,
  validFrom: null,
  validTo: null,
  transactionId: null,
  schedules: [
    {
      ...{ id: 1, startAt: START, durationS: null, unit: 'W', minRate: null, extra: {} },
      periods: [{ startS: 0, limit, phases: null, phaseToUse: null, extra: {} }],
    },
  ],
  extra: {},
  ...more,
});

const at = (profiles: readonly PlacedProfile[], more: Partial<CompositePlace> = {}) =>
  compositeSchedule(profiles, { ...AT, ...more }, START, HOUR_S, 'W').map(({ limit }) => limit);

describe('a profile', () => {
  it('is the same after a way through the message of 2.x, and of 1.6 but for what 1.6 has no word for', () => {
    fc.assert(
      fc.property(anyProfile, ({ evseId: _, ...profile }) => {
        expect(readProfile(writeProfile(profile, '2.x'))).toEqual(profile);
        const old = readProfile(writeProfile(profile, '1.6'));
        expect(old).toEqual({ ...profile, schedules: profile.schedules.map((s) => ({ ...s, id: null })) });
      }),
    );
    const extra = { ...simple(1), extra: { dynUpdateInterval: 5 } };
    expect(writeProfile(extra, '2.x')).toHaveProperty('dynUpdateInterval', 5);
    expect(writeProfile(extra, '1.6')).not.toHaveProperty('dynUpdateInterval');
  });

  it('that is allowed has no faults, and one limit above what the EVSE can do has one', () => {
    fc.assert(
      fc.property(anyProfile, fc.integer({ min: 1, max: 200_000 }), (profile, most) => {
        const where = place({ evseId: profile.evseId });
        expect(profileFaults(profile, where)).toEqual([]);
        const limited = { ...where, ability: { ...UNKNOWN_ABILITY, maxPowerW: most } };
        const over = (profile.schedules[0]?.periods ?? []).flatMap((p, n) => ((p.limit ?? 0) > most ? [n] : []));
        expect(profileFaults(profile, limited).map(({ path }) => path)).toEqual(
          over.map((n) => ['schedules', 0, 'periods', n, 'limit']),
        );
      }),
    );
  });

  it('of 1.6 is named by the fields of 1.6', () => {
    const path = ['schedules', 0, 'periods', 2, 'limit'];
    expect(messagePath(path, '1.6')).toBe('chargingSchedule.chargingSchedulePeriod.2.limit');
    expect(messagePath(path, '2.x')).toBe('chargingSchedule.0.chargingSchedulePeriod.2.limit');
  });

  it.each<[string, Partial<ChargingProfile>, Partial<ProfilePlace>, string]>([
    ['external constraints', { purpose: 'ChargingStationExternalConstraints' }, { evseId: 0 }, 'purpose'],
    ['the station by an EVSE', { purpose: 'ChargingStationMaxProfile' }, {}, 'evseId'],
    [
      'a transaction that is not there',
      { purpose: 'TxProfile', transactionId: 'X' },
      { running: ['Y'] },
      'transactionId',
    ],
    ['no transaction', { purpose: 'TxProfile' }, { running: ['Y'] }, 'transactionId'],
    ['a transaction of a default', { transactionId: 'Y' }, { running: ['Y'] }, 'transactionId'],
    ['recurring without how', { kind: 'Recurring' }, {}, 'recurrency'],
    ['how without recurring', { recurrency: 'Daily' }, {}, 'recurrency'],
    ['dynamic before 2.1', { kind: 'Dynamic' }, {}, 'kind'],
    ['priority before 2.1', { purpose: 'PriorityCharging' }, {}, 'purpose'],
    ['an end before its begin', { validFrom: 5, validTo: 5 }, {}, 'validTo'],
    ['a start with a default', {}, { withStart: true }, 'purpose'],
    ['no schedule', { schedules: [] }, {}, 'schedules'],
  ])('%s is refused by its field', (_name, profile, where, field) => {
    expect(profileFaults({ ...simple(1), ...profile }, place(where)).map(({ path }) => path[0])).toContain(field);
  });

  it('with a twin is refused in 2.x, and replaces it in 1.6', () => {
    const held = [simple(1, { id: 2 })];
    expect(profileFaults(simple(1), place({ held }))).toMatchObject([{ path: ['stackLevel'] }]);
    expect(profileFaults(simple(1), place({ held, version: 'ocpp1.6' }))).toEqual([]);
    expect(profileFaults(simple(1, { id: 2 }), place({ held }))).toEqual([]);
  });

  it('makes watts of amperes only where the phases are known', () => {
    const ability = { ...UNKNOWN_ABILITY, maxPowerW: 6900 };
    expect(highestLimit(ability, 'A', null)).toBeNull();
    expect(highestLimit({ ...ability, phases: 3 }, 'A', null)).toBe(10);
    expect(highestLimit({ ...ability, phases: 3 }, 'A', 1)).toBe(30);
    expect(highestLimit({ ...ability, phases: 3, maxCurrentA: 8 }, 'A', null)).toBe(8);
    expect(highestLimit({ ...ability, phases: 1, maxCurrentA: 16 }, 'W', null)).toBe(3680);
  });
});

describe('the composite schedule', () => {
  it('never allows more than any profile of the station as a whole, nor than the EVSE can do', () => {
    fc.assert(
      fc.property(
        fc.array(anyProfile, { maxLength: 6 }),
        fc.integer({ min: 1, max: 100_000 }),
        (profiles, maxPowerW) => {
          const made = compositeSchedule(profiles, { ...AT, maxPowerW }, START, 24 * HOUR_S, 'W');
          expect(made[0]?.startS).toBe(0);
          for (const [n, period] of made.entries()) {
            expect(period.limit ?? 0).toBeLessThanOrEqual(maxPowerW);
            const before = made[n - 1];
            if (before === undefined) continue;
            expect(period.startS).toBeGreaterThan(before.startS);
            expect(period.limit).not.toBe(before.limit);
          }
          // The order in which profiles were set does not matter, where their stack levels differ.
          const levels = profiles.map((p, n) => ({ ...p, stackLevel: n }));
          const one = compositeSchedule(levels, AT, START, HOUR_S, 'W');
          expect(compositeSchedule([...levels].reverse(), AT, START, HOUR_S, 'W')).toEqual(one);
          expect(schedulesAgree(one, one, HOUR_S)).toBe(true);
        },
      ),
    );
  });

  it('takes the highest stack level, the transaction before the default, and the least of the purposes', () => {
    expect(at([])).toEqual([null]);
    expect(at([simple(10), simple(20, { stackLevel: 1 })])).toEqual([20]);
    const own = simple(30, { purpose: 'TxProfile', transactionId: 'TX' });
    expect(at([simple(10), own])).toEqual([30]);
    expect(at([simple(10), { ...own, transactionId: 'OTHER' }])).toEqual([10]);
    const station = simple(5, { evseId: 0, purpose: 'ChargingStationMaxProfile' });
    const external = simple(4, { evseId: 0, purpose: 'ChargingStationExternalConstraints' });
    expect(at([own, station])).toEqual([5]);
    expect(at([own, station, external])).toEqual([4]);
    expect(at([own, station, simple(3, { evseId: 0, purpose: 'LocalGeneration' })])).toEqual([8]);
    const priority = simple(50, { purpose: 'PriorityCharging' });
    expect(at([own, priority])).toEqual([30]);
    expect(at([own, priority], { priority: true })).toEqual([50]);
    expect(at([simple(10, { evseId: 2 })])).toEqual([null]);
    expect(at([simple(10, { validTo: START + 60_000 })])).toEqual([10, null]);
  });

  it('comes again each day', () => {
    const [schedule] = simple(10).schedules;
    const daily = simple(10, {
      ...{ kind: 'Recurring', recurrency: 'Daily' },
      schedules: schedule === undefined ? [] : [{ ...schedule, startAt: START - 5 * 86_400_000, durationS: HOUR_S }],
    });
    const made = compositeSchedule([daily], AT, START, 2 * 86_400, 'W');
    expect(made.map(({ startS, limit }) => [startS, limit])).toEqual([
      [0, 10],
      [HOUR_S, null],
      [86_400, 10],
      [86_400 + HOUR_S, null],
    ]);
  });

  it('in amperes is that in watts over the phases', () => {
    const made = compositeSchedule([simple(6900)], { ...AT, phases: 3 }, START, HOUR_S, 'A');
    expect(made).toEqual([{ startS: 0, limit: 10 }]);
  });

  it('holds the schedule of a vehicle that stays below it, and no other', () => {
    fc.assert(
      fc.property(fc.nat(50_000), fc.nat(50_000), (limit, wish) => {
        const [schedule] = simple(wish).schedules;
        if (schedule === undefined) return;
        expect(isWithin(schedule, START, [simple(limit)], AT)).toBe(wish <= limit + 1);
      }),
    );
  });
});

describe('criteria', () => {
  it('that are absent mean all, and those that are there must all hold', () => {
    const none = { ids: null, evseId: null, purpose: null, stackLevel: null };
    fc.assert(
      fc.property(anyProfile, (profile) => {
        expect(meets(profile, none)).toBe(true);
        expect(meets(profile, { ...none, ids: [profile.id], evseId: profile.evseId })).toBe(true);
        expect(meets(profile, { ...none, ids: [profile.id], evseId: 7 })).toBe(false);
        expect(meets(profile, { ...none, stackLevel: profile.stackLevel + 1 })).toBe(false);
      }),
    );
  });
});

describe('needs of a vehicle', () => {
  const dc = { transfer: 'DC', hasAc: false, hasDc: true, maxPowerW: 60_000, departureAt: null };

  it('are accepted where a profile can follow, and else honestly not', () => {
    expect(answerNeeds(dc, { running: true, allowed: null })).toEqual({ status: 'Accepted' });
    expect(answerNeeds(dc, { running: false, allowed: null })).toEqual({ status: 'Processing' });
    expect(answerNeeds(dc, { running: true, allowed: ['AC_BPT'] })).toMatchObject({ reason: 'NotAllowed' });
    const wrong = { ...dc, transfer: 'AC_three_phase' };
    expect(answerNeeds(wrong, { running: true, allowed: null })).toMatchObject({ status: 'Rejected' });
  });

  it('lead to a profile that may be sent, within what both can do', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400_000 }),
        fc.integer({ min: 1, max: 400_000 }),
        fc.integer(),
        (ev, evse, left) => {
          const needs = { maxPowerW: ev, departureAt: START + left };
          const profile = profileForNeeds(needs, { profileId: 1, transactionId: 'TX', maxPowerW: evse, now: START });
          if (profile === null) throw new Error('no profile');
          const ability = { ...UNKNOWN_ABILITY, maxPowerW: Math.min(ev, evse) };
          expect(profileFaults(profile, place({ running: ['TX'], ability }))).toEqual([]);
        },
      ),
    );
    const nothing = { profileId: 1, transactionId: 'TX', maxPowerW: null, now: START };
    expect(profileForNeeds({ maxPowerW: null, departureAt: null }, nothing)).toBeNull();
  });
});
