/** Smart charging: profiles by REST that chargers obey, limits of others, vehicles, and what chargers get wrong. */
import { createStation, type Station } from '@sigec/sim';
import { afterAll, describe, expect, it } from 'vitest';
import { Charger } from '../support/charger.js';
import { VERSIONS, type Version } from '../support/dialect.js';
import type { CreatedDevice, Problem } from '../support/rest.js';
import { endpoint, register, type System, validToken } from '../support/system.js';
import { eventually } from '../support/wait.js';

type Json = Readonly<Record<string, unknown>>;
interface List {
  readonly items: readonly Json[];
}

const FULL_W = 50_000;
const open: Station[] = [];

/** A simulated charger that charges at its full power. */
async function charging(system: System, version: Version, more: { iso15118?: boolean } = {}) {
  const device = await register(system);
  const { identity } = device;
  const idToken = await validToken(system);
  const url = endpoint(system);
  const password = device.credentials.password;
  const station = createStation({ url, identity, password, version, idToken, batteryWh: 1_000_000, ...more });
  open.push(station);
  await station.boot();
  await eventually(async () => expect((await system.rest.device(device.id)).connectors.length).toBeGreaterThan(0));
  const { transactionId } = station.startTransaction({ auto: false });
  expect(await station.flush(10_000)).toBe(true);
  const power = () => {
    const [evse] = station.snapshot().evses;
    return evse?.powerW;
  };
  await eventually(() => expect(power()).toBe(FULL_W));
  return { device, station, transactionId, power };
}

const profile = (limit: number, more: Json = {}) => ({
  ...{ evse_id: 1, stack_level: 1, purpose: 'TxDefaultProfile', kind: 'Absolute' },
  schedules: [
    {
      ...{ unit: 'W', start_at: new Date(Date.now() - 60_000).toISOString() },
      periods: [{ start_s: 0, limit }],
    },
  ],
  ...more,
});

/** The commands that reached a charger, by its log. */
async function commandsTo({ rest }: System, device: CreatedDevice): Promise<string[]> {
  const messages = await rest.messages(device.id);
  return messages.filter(({ direction, type }) => direction === 'out' && type === 'call').map(({ action }) => action);
}

export function chargingSuite(get: () => System): void {
  afterAll(async () => {
    await Promise.all(open.map((station) => station.close()));
    await Charger.closeAll();
  });

  describe.each(VERSIONS)('profiles in %s', (version) => {
    it('are set by REST, obeyed, told again, expected, and cleared', async () => {
      const system = get();
      const { rest } = system;
      const { device, power } = await charging(system, version);
      const path = `/devices/${device.id}`;
      const set = await rest.ok<Json>('PUT', `${path}/charging-profiles/7`, profile(7000));
      expect(set).toMatchObject({ result: 'Accepted', profile: { profile_id: 7, source: 'csms' } });
      await eventually(() => expect(power()).toBe(7000));
      // Of the transaction that runs, without naming it.
      const own = profile(9000, { purpose: 'TxProfile', stack_level: 0 });
      await rest.ok('PUT', `${path}/charging-profiles/8`, own);
      await eventually(() => expect(power()).toBe(9000));
      const composite = await rest.ok<Json>('GET', `${path}/composite-schedule?evse_id=1&duration=600&unit=W`);
      expect(composite).toMatchObject({ periods: [{ limit: 9000 }], expected: [{ limit: 9000 }], agrees: true });

      if (version !== '1.6') {
        const asked = await rest.command<Json>(device.id, 'GetChargingProfiles', { chargingProfile: {} });
        expect(asked.body).toMatchObject({ response: { status: 'Accepted' } });
        const number = String(asked.body.request_id);
        const report = await rest.ok<Json & List>('GET', `${path}/requests/${number}?wait=10`);
        expect(report).toMatchObject({ status: 'complete', parts: 2 });
        expect(report.items.map((item) => (item.charging_profile as Json).id)).toEqual([7, 8]);
      }
      const held = await rest.ok<List>('GET', `${path}/charging-profiles`);
      expect(held.items.map(({ profile_id, state }) => [profile_id, state])).toEqual([
        [7, 'set'],
        [8, 'set'],
      ]);
      expect(await rest.ok('DELETE', `${path}/charging-profiles/8`)).toMatchObject({ result: 'Accepted' });
      await eventually(() => expect(power()).toBe(7000));
      expect(await rest.ok('DELETE', `${path}/charging-profiles/7`)).toMatchObject({ result: 'Accepted' });
      await eventually(() => expect(power()).toBe(FULL_W));
      expect(await rest.ok('GET', `${path}/charging-profiles`)).toMatchObject({ items: [] });
      expect(await rest.ok('DELETE', `${path}/charging-profiles/7`)).toMatchObject({ result: 'Unknown' });
    });

    it('above what the station can do are refused, and nothing is sent', async () => {
      const system = get();
      const { rest } = system;
      const { device, power } = await charging(system, version);
      await rest.ok('PUT', `/devices/${device.id}/charging-abilities/1`, { max_power_w: FULL_W });
      const over = await rest.send<Problem>('PUT', `/devices/${device.id}/charging-profiles/7`, profile(FULL_W + 1));
      expect(over).toMatchObject({
        status: 422,
        body: { code: 'validation', errors: [{ field: 'schedules.0.periods.0.limit' }] },
      });
      const unknown = await rest.send<Problem>(
        'PUT',
        `/devices/${device.id}/charging-profiles/7`,
        profile(1, { evse_id: 5 }),
      );
      expect(unknown).toMatchObject({ status: 422, body: { errors: [{ field: 'evse_id' }] } });
      await rest.command(device.id, 'ClearCache', {});
      await eventually(async () => expect(await commandsTo(system, device)).toContain('ClearCache'));
      expect(await commandsTo(system, device)).not.toContain('SetChargingProfile');
      expect(power()).toBe(FULL_W);
    });
  });

  it('limits of others are seen, and are gone with them', async () => {
    const system = get();
    const { device, station, power } = await charging(system, '2.0.1');
    const limits = () => system.rest.ok<List>('GET', `/devices/${device.id}/charging-limits`);
    station.limit(3000, 0, 'SO');
    await eventually(async () =>
      expect((await limits()).items).toMatchObject([
        { evse_id: 0, source: 'SO', grid_critical: false, schedules: [{ periods: [{ limit: 3000 }] }] },
      ]),
    );
    expect(power()).toBe(3000);
    station.limit(null, 0, 'SO');
    await eventually(async () => expect((await limits()).items).toEqual([]));
  });

  it('a vehicle is answered, gets its profile, and says what it means to do', async () => {
    const system = get();
    const { device, transactionId } = await charging(system, '2.0.1', { iso15118: true });
    await eventually(async () => {
      const { items } = await system.rest.ok<List>('GET', `/devices/${device.id}/ev-charging`);
      expect(items).toMatchObject([
        {
          ...{ evse_id: 1, ocpp_transaction_id: transactionId },
          needs: { requested_energy_transfer: 'DC', answer: 'Accepted', plan: 'sent', max_power_w: FULL_W },
          schedule: { answer: 'Accepted' },
        },
      ]);
    });
    const profiles = await system.rest.ok<List>('GET', `/devices/${device.id}/charging-profiles`);
    expect(profiles.items).toMatchObject([{ purpose: 'TxProfile', ocpp_transaction_id: transactionId }]);
  });

  it('2.1 follows dynamic values that it pulls, and charges with priority', async () => {
    const system = get();
    const { rest } = system;
    const { device, station, transactionId, power } = await charging(system, '2.1');
    const path = `/devices/${device.id}`;
    const dynamic = { kind: 'Dynamic', stack_level: 2, extra: { dynUpdateInterval: 1 } };
    await rest.ok('PUT', `${path}/charging-profiles/5`, profile(8000, dynamic));
    await eventually(() => expect(power()).toBe(8000));
    await rest.ok('PUT', `${path}/dynamic-schedules/5`, { limit: 6000 });
    await eventually(() => expect(power()).toBe(6000));
    await eventually(async () => {
      const { items } = await rest.ok<List>('GET', `${path}/dynamic-schedules`);
      expect(items).toMatchObject([{ profile_id: 5, update: { limit: 6000 }, pulled_at: expect.any(String) }]);
    });
    await rest.ok('PUT', `${path}/charging-profiles/6`, profile(20_000, { purpose: 'PriorityCharging' }));
    await rest.command(device.id, 'UsePriorityCharging', { transactionId, activate: true });
    await eventually(() => expect(power()).toBe(20_000));
    station.prioritise(1, false);
    await eventually(async () => {
      const { items } = await rest.ok<List>('GET', `${path}/ev-charging`);
      expect(items).toMatchObject([{ priority: { active: false, source: 'station' } }]);
    });
  });

  it('a report that nobody asked for, and needs of an EVSE that is not there, are refused', async () => {
    const system = get();
    const device = await register(system);
    const charger = await Charger.connect(endpoint(system), device.credentials, '2.0.1');
    await charger.settle();
    const schedule = { id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 1 }] };
    const kind = { chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Relative' };
    const report = {
      ...{ requestId: 4711, chargingLimitSource: 'CSO', evseId: 1 },
      chargingProfile: [{ id: 1, stackLevel: 0, ...kind, chargingSchedule: [schedule] }],
    };
    await expect(charger.call(['ReportChargingProfiles', report])).rejects.toMatchObject({
      rpcErrorCode: 'PropertyConstraintViolation',
    });
    const dc = { evMaxCurrent: 100, evMaxVoltage: 400 };
    const needs = (evseId: number) => ({
      evseId,
      chargingNeeds: { requestedEnergyTransfer: 'DC', dcChargingParameters: dc },
    });
    await expect(charger.call(['NotifyEVChargingNeeds', needs(9)])).rejects.toMatchObject({
      rpcErrorCode: 'PropertyConstraintViolation',
    });
    expect(await charger.call(['NotifyEVChargingNeeds', needs(1)])).toEqual({ status: 'Processing' });
    const path = `/devices/${device.id}`;
    expect(await system.rest.ok('GET', `${path}/charging-profiles`)).toMatchObject({ items: [] });
    expect((await system.rest.ok<List>('GET', `${path}/ev-charging`)).items).toMatchObject([{ evse_id: 1 }]);
    expect(charger.violations).toEqual([]);
  });
}
