/** Smart charging as chargers tell it: stored, told, once, and refused where it cannot be. */
import { type PlacedProfile, readProfile } from '@sigec/domain';
import type { RequestState } from '@sigec/store';
import { describe, expect, it } from 'vitest';
import { CHARGING_SAMPLES_2X as SAMPLES } from '../../testing/charging-samples.js';
import { at, NOW, Plain } from '../../testing/plain.js';

const V = 'ocpp2.0.1';
const S = { stationId: 1 };
const kinds = (plain: Plain) => plain.events.map(({ kind }) => kind).filter((kind) => !kind.startsWith('transaction.'));

const request = (more: Partial<RequestState> = {}): RequestState => ({
  ...{ id: 70, stationId: 1, action: 'GetChargingProfiles', requestId: 931, status: 'accepted' },
  ...{ detail: null, parts: 0, endedAt: null, ...more },
});

const started = (plain: Plain, transactionId: string, evseId = 1) =>
  plain.say(V, 'TransactionEvent', {
    ...{ eventType: 'Started', timestamp: at(0), triggerReason: 'CablePluggedIn', seqNo: 0 },
    ...{ transactionInfo: { transactionId }, evse: { id: evseId, connectorId: 1 } },
  });

describe('NotifyChargingLimit and ClearedChargingLimit', () => {
  const [ems, so] = SAMPLES.NotifyChargingLimit as [object, object];

  it('keep the limit of each source and EVSE, and forget it', () => {
    const plain = new Plain();
    plain.batch(
      { version: V, action: 'NotifyChargingLimit', payload: ems },
      { version: V, action: 'NotifyChargingLimit', payload: so },
      { version: V, action: 'NotifyChargingLimit', payload: so },
      { version: V, action: 'ClearedChargingLimit', payload: { chargingLimitSource: 'EMS' } },
      { version: V, action: 'ClearedChargingLimit', payload: { chargingLimitSource: 'EMS' } },
    );
    expect(plain.facts.chargingLimit).toMatchObject([
      { evseId: 0, source: 'EMS', limit: { gridCritical: null, schedules: [] } },
      { evseId: 1, source: 'SO', limit: { gridCritical: true, schedules: [{ unit: 'W', periods: [{}, {}] }] } },
      { evseId: 0, source: 'EMS', limit: null },
    ]);
    expect(kinds(plain)).toEqual(['charging_limit.set', 'charging_limit.set', 'charging_limit.cleared']);
  });

  it('refuse an EVSE that is not there, and more limits than a station can have', () => {
    const plain = new Plain().know('stationEvses', S, [1, 2]);
    const bad = { chargingLimit: { chargingLimitSource: 'EMS' }, evseId: 3 };
    expect(() => plain.say(V, 'NotifyChargingLimit', bad)).toThrow('evseId: no such EVSE');
    const many = Array.from({ length: 400 }, (_, n) => ({ evseId: 1, source: `S${n}`, hash: n }));
    plain.know('chargingLimits', S, many);
    expect(() => plain.say(V, 'NotifyChargingLimit', ems)).toThrow('too many limits');
    expect(plain.facts).toEqual({});
    // 2.1 names sources of its own.
    const own = { chargingLimit: { chargingLimitSource: 'Solar', isLocalGeneration: true } };
    const other = new Plain();
    other.say('ocpp2.1', 'NotifyChargingLimit', own);
    expect(other.facts.chargingLimit).toMatchObject([{ source: 'Solar', limit: { localGeneration: true } }]);
  });
});

describe('ReportChargingProfiles', () => {
  const [first, last] = SAMPLES.ReportChargingProfiles as [object, object];
  const report = (payload: object) => ({ version: V, action: 'ReportChargingProfiles', payload }) as const;

  it('gathers the parts, each once, and ends with the last', () => {
    const plain = new Plain().know('request', { ...S, requestId: 931 }, request());
    plain.batch(report(first), report(first), report(last), report(last));
    expect(plain.facts.chargingProfile).toMatchObject([
      { id: 5, evseId: 1, source: 'reported', limitSource: 'CSO', purpose: 'TxDefaultProfile' },
      { id: -6, evseId: 0, limitSource: 'EMS' },
    ]);
    expect(plain.facts.requestPart).toMatchObject([
      { request: 70, seqNo: 0, items: [{ evse_id: 1, limit_source: 'CSO', charging_profile: { id: 5 } }] },
      { request: 70, seqNo: 1 },
    ]);
    expect(plain.facts.requestState?.at(-1)).toMatchObject({ status: 'complete', parts: 2, endedAt: NOW });
    expect(plain.facts.chargingReportPart).toHaveLength(2);
    expect(plain.facts.chargingReportEnd).toEqual([{ request: 70 }]);
    expect(plain.events.filter(({ kind }) => kind === 'charging_profile.reported')).toHaveLength(2);
  });

  it('is refused where nobody asked, where another thing was asked, and after its end', () => {
    const plain = new Plain();
    expect(() => plain.say(V, 'ReportChargingProfiles', first)).toThrow('requestId: no such request');
    plain.know('request', { ...S, requestId: 931 }, request({ action: 'GetBaseReport' }));
    expect(() => plain.say(V, 'ReportChargingProfiles', first)).toThrow('requestId: no such request');
    plain.know('request', { ...S, requestId: 931 }, request({ status: 'complete', parts: 2, endedAt: NOW }));
    expect(() => plain.say(V, 'ReportChargingProfiles', first)).toThrow('has ended');
    const huge = {
      ...first,
      chargingProfile: [{ ...SAMPLES.ReportChargingProfiles[0]?.chargingProfile[0], id: 2 ** 31 }],
    };
    plain.know('request', { ...S, requestId: 931 }, request());
    expect(() => plain.say(V, 'ReportChargingProfiles', huge)).toThrow('chargingProfile.id');
    expect(plain.facts).toEqual({});
    expect(plain.events).toEqual([]);
  });
});

describe('NotifyEVChargingNeeds', () => {
  const [dc, ac] = SAMPLES.NotifyEVChargingNeeds as [object, object];

  it('is accepted for the transaction that runs, and a profile is due', () => {
    const plain = new Plain().know('stationEvses', S, [1, 2]);
    started(plain, 'TX-1');
    expect(plain.say(V, 'NotifyEVChargingNeeds', dc)).toEqual({ status: 'Accepted' });
    expect(plain.facts.evChargingNeeds).toMatchObject([
      { evseId: 1, ocppTransactionId: 'TX-1', transfer: 'DC', maxPowerW: 60_000, answer: 'Accepted', plan: 'due' },
    ]);
    expect(kinds(plain)).toEqual(['ev_charging.needs']);
  });

  it('waits for a transaction, and says so', () => {
    const plain = new Plain();
    expect(plain.say(V, 'NotifyEVChargingNeeds', ac)).toEqual({ status: 'Processing' });
    expect(plain.facts.evChargingNeeds).toMatchObject([
      {
        ...{ evseId: 2, ocppTransactionId: '', maxPowerW: 3 * 16 * 230, departureAt: NOW + 7_200_000 },
        ...{ maxScheduleTuples: 12, plan: 'due' },
      },
    ]);
  });

  it('is answered once, the same again', () => {
    const plain = new Plain();
    const message = { version: V, action: 'NotifyEVChargingNeeds', payload: dc } as const;
    expect(plain.batch(message, message)).toEqual([{ status: 'Processing' }, { status: 'Processing' }]);
    expect(plain.facts.evChargingNeeds).toHaveLength(1);
    expect(kinds(plain)).toEqual(['ev_charging.needs']);
  });

  it('is rejected with the reason where it cannot be met', () => {
    const plain = new Plain().know('allowedTransfer', S, { 'TX-1': ['AC_three_phase'] });
    started(plain, 'TX-1');
    expect(plain.say(V, 'NotifyEVChargingNeeds', dc)).toEqual({
      status: 'Rejected',
      statusInfo: { reasonCode: 'NotAllowed' },
    });
    const mixed = {
      evseId: 2,
      chargingNeeds: { ...SAMPLES.NotifyEVChargingNeeds[0]?.chargingNeeds, requestedEnergyTransfer: 'AC_single_phase' },
    };
    expect(plain.say(V, 'NotifyEVChargingNeeds', mixed)).toMatchObject({ status: 'Rejected' });
    expect(plain.facts.evChargingNeeds).toMatchObject([{ plan: 'none' }, { plan: 'none' }]);
  });

  it('is refused for an EVSE that is not there', () => {
    const plain = new Plain().know('stationEvses', S, [2]);
    expect(() => plain.say(V, 'NotifyEVChargingNeeds', dc)).toThrow('evseId: no such EVSE');
    expect(() => plain.say(V, 'NotifyEVChargingNeeds', { ...dc, evseId: 0 })).toThrow('evseId');
    expect(plain.facts).toEqual({});
  });
});

describe('NotifyEVChargingSchedule', () => {
  const [plan] = SAMPLES.NotifyEVChargingSchedule as [object];
  const held = (limit: number): PlacedProfile => ({
    evseId: 1,
    ...readProfile({
      ...{ id: 1, stackLevel: 0, chargingProfilePurpose: 'TxProfile', chargingProfileKind: 'Absolute' },
      transactionId: 'TX-1',
      chargingSchedule: [
        { chargingRateUnit: 'W', startSchedule: at(0), chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
      ],
    }),
  });

  it('is accepted within what the EVSE is allowed, else rejected; once', () => {
    for (const [limit, status] of [
      [7000, 'Accepted'],
      [6000, 'Rejected'],
    ] as const) {
      const plain = new Plain().know('chargingProfiles', S, [held(limit)]);
      started(plain, 'TX-1');
      const message = { version: V, action: 'NotifyEVChargingSchedule', payload: plan } as const;
      expect(plain.batch(message, message)).toEqual([{ status }, { status }]);
      expect(plain.facts.evChargingSchedule).toMatchObject([{ ocppTransactionId: 'TX-1', answer: status }]);
      expect(kinds(plain)).toEqual(['ev_charging.schedule']);
    }
  });

  it('of an EVSE that is not there is refused', () => {
    const plain = new Plain().know('stationEvses', S, [2]);
    expect(() => plain.say(V, 'NotifyEVChargingSchedule', plan)).toThrow('evseId: no such EVSE');
  });
});

describe('2.1', () => {
  it('NotifyPriorityCharging changes the transaction that it names, once', () => {
    const plain = new Plain();
    const payload = { transactionId: 'TX-1', activated: true };
    expect(() => plain.say('ocpp2.1', 'NotifyPriorityCharging', payload)).toThrow('no such transaction');
    started(plain, 'TX-1');
    const message = { version: 'ocpp2.1', action: 'NotifyPriorityCharging', payload } as const;
    expect(plain.batch(message, message)).toEqual([{}, {}]);
    expect(plain.facts.priorityCharging).toMatchObject([
      { ocppTransactionId: 'TX-1', active: true, source: 'station' },
    ]);
    expect(kinds(plain)).toEqual(['priority_charging.changed']);
  });

  it('PullDynamicScheduleUpdate gets what is held, and nothing where nothing is', () => {
    const plain = new Plain().know('dynamicSchedule', { ...S, profileId: 5 }, { update: { setpoint: 3000 } });
    expect(plain.say('ocpp2.1', 'PullDynamicScheduleUpdate', { chargingProfileId: 5 })).toEqual({
      status: 'Accepted',
      scheduleUpdate: { setpoint: 3000 },
    });
    expect(plain.facts.dynamicPull).toEqual([{ stationId: 1, profileId: 5, pulledAt: NOW }]);
    expect(plain.say('ocpp2.1', 'PullDynamicScheduleUpdate', { chargingProfileId: 6 })).toEqual({
      status: 'Rejected',
      statusInfo: { reasonCode: 'UnknownProfile' },
    });
  });
});
