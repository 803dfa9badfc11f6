/** Smart charging as a station of the specification plays it: vehicles, limits of others, priority, dynamic values. */
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, startCsms, startStation } from './testing/setup.js';

afterEach(closeAll);

type Payload = Record<string, unknown>;
const accepted = { status: 'Accepted' };
const profile = (more: Payload, limit: number): Payload => ({
  ...{ stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', ...more },
  chargingSchedule: [
    {
      ...{ id: 1, chargingRateUnit: 'W', startSchedule: new Date(Date.now() - 60_000).toISOString() },
      chargingSchedulePeriod: [{ startPeriod: 0, limit }],
    },
  ],
});

async function charging(version: '2.0.1' | '2.1', options: Parameters<typeof startStation>[1] = {}) {
  const csms = await startCsms(version);
  csms.answer('NotifyEVChargingNeeds', () => accepted);
  csms.answer('NotifyEVChargingSchedule', () => accepted);
  const station = startStation(csms, { speed: 10, ...options });
  await station.boot();
  const { transactionId } = station.startTransaction({ auto: false });
  const power = () => station.snapshot().evses[0]?.powerW;
  return { csms, station, transactionId, power };
}

describe('a station of 2.x', () => {
  it('tells what the vehicle needs after its start, and what it means to do with a profile', async () => {
    const { csms, transactionId } = await charging('2.0.1', { iso15118: true });
    await csms.until(() => csms.of('NotifyEVChargingNeeds').length === 1);
    expect(csms.received.findIndex((r) => r.action === 'TransactionEvent')).toBeLessThan(
      csms.received.findIndex((r) => r.action === 'NotifyEVChargingNeeds'),
    );
    const tx = profile({ id: 1, chargingProfilePurpose: 'TxProfile', transactionId }, 7000);
    expect(await csms.call('SetChargingProfile', { evseId: 1, chargingProfile: tx })).toEqual(accepted);
    await csms.until(() => csms.of('NotifyEVChargingSchedule').length === 1);
    expect(csms.of('NotifyEVChargingSchedule')[0]?.payload).toMatchObject({
      evseId: 1,
      chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 7000 }] },
    });
    expect(csms.violations).toEqual([]);
  });

  it('keeps to the limit of somebody else, and tells of it and of its end', async () => {
    const { csms, station, power } = await charging('2.0.1');
    station.limit(3000);
    await csms.until(() => csms.of('NotifyChargingLimit').length === 1);
    expect(power()).toBe(3000);
    await csms.call('GetChargingProfiles', { requestId: 1, chargingProfile: { chargingLimitSource: ['EMS'] } });
    await csms.until(() => csms.of('ReportChargingProfiles').length === 1);
    station.limit(null);
    await csms.until(() => csms.of('ClearedChargingLimit').length === 1);
    expect(power()).toBe(50_000);
    expect(() => station.limit(1, 9)).toThrow(RangeError);
    expect(csms.violations).toEqual([]);
  });
});

describe('a station of 2.1', () => {
  it('charges with priority where a profile says how, asked by the CSMS or by the driver', async () => {
    const { csms, station, transactionId, power } = await charging('2.1');
    const ask = (activate: boolean, id = transactionId) =>
      csms.call('UsePriorityCharging', { transactionId: id, activate });
    expect(await ask(true, 'none')).toEqual({ status: 'Rejected' });
    expect(await ask(true)).toEqual({ status: 'NoProfile' });
    await csms.call('SetChargingProfile', { evseId: 1, chargingProfile: profile({ id: 1 }, 5000) });
    const priority = profile({ id: 2, chargingProfilePurpose: 'PriorityCharging' }, 20_000);
    await csms.call('SetChargingProfile', { evseId: 1, chargingProfile: priority });
    expect(power()).toBe(5000);
    expect(await ask(true)).toEqual(accepted);
    expect(power()).toBe(20_000);
    station.prioritise(1, false);
    await csms.until(() => csms.of('NotifyPriorityCharging').length === 1);
    expect(power()).toBe(5000);
    expect(csms.violations).toEqual([]);
  });

  it('follows a dynamic profile, pushed or pulled', async () => {
    const { csms, transactionId, power } = await charging('2.1');
    csms.answer('PullDynamicScheduleUpdate', () => ({ ...accepted, scheduleUpdate: { limit: 4000 } }));
    const update = (id: number) =>
      csms.call('UpdateDynamicSchedule', { chargingProfileId: id, scheduleUpdate: { limit: 6000 } });
    const dynamic = profile({ id: 3, chargingProfileKind: 'Dynamic' }, 9000);
    await csms.call('SetChargingProfile', { evseId: 1, chargingProfile: dynamic });
    expect(power()).toBe(9000);
    expect(await update(4)).toEqual({ status: 'Rejected' });
    expect(await update(3)).toEqual(accepted);
    expect(power()).toBe(6000);
    const pulling = { ...dynamic, dynUpdateInterval: 1 };
    await csms.call('SetChargingProfile', { evseId: 1, chargingProfile: pulling });
    await csms.until(() => power() === 4000, 'the pulled limit');
    const modes = { transactionId, allowedEnergyTransfer: ['DC'] };
    expect(await csms.call('NotifyAllowedEnergyTransfer', modes)).toEqual(accepted);
    expect(await csms.call('AFRRSignal', { timestamp: new Date().toISOString(), signal: 1 })).toEqual(accepted);
    expect(csms.violations).toEqual([]);
  });
});
