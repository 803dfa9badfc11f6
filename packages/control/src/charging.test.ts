/** Smart charging by REST: judged before it leaves, remembered when taken, forgotten when cleared. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargingSweep, vehiclePlans } from './background/charging.js';
import { type Harness, type Json, result, type Sent, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 50, commandTimeoutMs: 2000 });
});
afterAll(() => h.close());

let count = 0;
async function device(version: string) {
  const identity = `CHG ${++count}`;
  const id = await h.station(identity, version);
  for (const evse of [1, 2])
    await h.db.query(
      `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
       values ($1::int8, $2::int4, 1, 'Available', 'Available', now())`,
      [Number(id), evse],
    );
  const url = `/api/v1/devices/${id}`;
  const call = (method: string, path: string, body?: unknown) =>
    h.call(method, `${url}${path}`, { as: 'operator', ...(body === undefined ? {} : { body }) });
  const accept = (answer: (sent: Sent) => Json = () => ({ status: 'Accepted' })) =>
    h.edge(identity, (sent) => result(answer(sent)));
  return { id, identity, call, accept };
}

async function transaction(id: string, evseId: number, ocppId: string) {
  const [row] = await h.db.query<{ id: number }>(
    `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
       started_at, currency, register, tariff)
     values (1, $1::int8, $2::int4, 1, 'x', $3, 'started', now(), 'BRL', '{}', '{"currency":"BRL","perKwhMinor":75}')
     returning id`,
    [Number(id), evseId, ocppId],
  );
  return row?.id ?? 0;
}

const FIELDS = { evse_id: 1, stack_level: 2, purpose: 'TxDefaultProfile', kind: 'Absolute' } as const;
const START = '2026-01-01T00:00:00.000Z';
const schedule = (limit: number, more: Json = {}) => ({
  unit: 'W',
  start_at: START,
  periods: [
    { start_s: 0, limit },
    { start_s: 600, limit: limit / 2 },
  ],
  ...more,
});

const errorsOf = (json: Json) => (json.errors as { field: string }[]).map(({ field }) => field);

describe('a charging profile', () => {
  it('is one form for 1.6 and for 2.x, shown, and cleared', async () => {
    for (const version of ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1']) {
      const { call, accept } = await device(version);
      const edge = accept();
      const put = await call('PUT', '/charging-profiles/7', { ...FIELDS, schedules: [schedule(8000)] });
      expect([put.status, put.json.result], JSON.stringify(put.json)).toEqual([200, 'Accepted']);
      expect(put.json.profile).toMatchObject({ profile_id: 7, ...FIELDS, source: 'csms', state: 'set' });
      const sent = edge.sent[0] as Sent;
      expect(sent.action).toBe('SetChargingProfile');
      const period = [
        { startPeriod: 0, limit: 8000 },
        { startPeriod: 600, limit: 4000 },
      ];
      const one = { startSchedule: START, chargingRateUnit: 'W', chargingSchedulePeriod: period };
      const common = { stackLevel: 2, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute' };
      expect(sent.payload).toEqual(
        version === 'ocpp1.6'
          ? { connectorId: 1, csChargingProfiles: { chargingProfileId: 7, ...common, chargingSchedule: one } }
          : { evseId: 1, chargingProfile: { id: 7, ...common, chargingSchedule: [{ id: 1, ...one }] } },
      );
      const list = await call('GET', '/charging-profiles');
      expect(list.json).toMatchObject({ items: [{ profile_id: 7, schedules: [schedule(8000)] }], next_cursor: null });

      const cleared = await call('DELETE', '/charging-profiles/7');
      expect(cleared.json).toMatchObject({ profile_id: 7, result: 'Accepted' });
      expect(edge.sent[1]).toMatchObject({
        action: 'ClearChargingProfile',
        payload: version === 'ocpp1.6' ? { id: 7 } : { chargingProfileId: 7 },
      });
      expect((await call('GET', '/charging-profiles')).json.items).toEqual([]);
      edge.stop();
    }
    const told = await h.db.query<{ kind: string }>("select kind from outbox where kind like 'charging_profile.%'");
    expect(told.map(({ kind }) => kind)).toContain('charging_profile.set');
    expect(told.map(({ kind }) => kind)).toContain('charging_profile.cleared');
  });

  it('above what the EVSE can do, or against the specification, is a 422 that names the field, and is not sent', async () => {
    for (const version of ['ocpp1.6', 'ocpp2.0.1']) {
      const { id, call, accept } = await device(version);
      const edge = accept();
      const ability = { max_power_w: 11_000, phases: 1, max_stack_level: 5, max_periods: 3, units: ['W', 'A'] };
      expect((await call('PUT', '/charging-abilities/1', ability)).json).toMatchObject({
        items: [{ evse_id: 1, ...ability }],
      });
      const refused = async (body: Json) => {
        const answer = await call('PUT', '/charging-profiles/7', { ...FIELDS, schedules: [schedule(1000)], ...body });
        expect([answer.status, answer.json.code], JSON.stringify(answer.json)).toEqual([422, 'validation']);
        return errorsOf(answer.json);
      };
      expect(await refused({ schedules: [schedule(11_001)] })).toEqual(['schedules.0.periods.0.limit']);
      expect(await refused({ schedules: [schedule(60, { unit: 'A' })] })).toEqual(['schedules.0.periods.0.limit']);
      const phases = [schedule(100, { periods: [{ start_s: 0, limit: 100, phases: 3 }] })];
      expect(await refused({ schedules: phases })).toEqual(['schedules.0.periods.0.phases']);
      const falling = [
        schedule(100, {
          periods: [
            { start_s: 5, limit: 1 },
            { start_s: 5, limit: 1 },
          ],
        }),
      ];
      expect(await refused({ schedules: falling })).toEqual([
        'schedules.0.periods.0.start_s',
        'schedules.0.periods.1.start_s',
      ]);
      expect(await refused({ stack_level: 6 })).toEqual(['stack_level']);
      expect(await refused({ evse_id: 9 })).toEqual(['evse_id']);
      expect(await refused({ purpose: 'ChargingStationMaxProfile' })).toEqual(['evse_id']);
      expect(await refused({ purpose: 'ChargingStationExternalConstraints' })).toContain('purpose');
      expect(await refused({ kind: 'Recurring' })).toEqual(['recurrency']);
      expect(await refused({ kind: 'Relative' })).toEqual(['schedules.0.start_at']);
      expect(await refused({ purpose: 'TxProfile' })).toEqual([
        version === 'ocpp1.6' ? 'purpose' : 'ocpp_transaction_id',
      ]);
      await transaction(id, 2, '77');
      expect(await refused({ purpose: 'TxProfile', ocpp_transaction_id: '77' })).toEqual(['ocpp_transaction_id']);

      // By the plain command it is the payload's own field.
      const old = version === 'ocpp1.6';
      const body = { stackLevel: 1, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Relative' };
      const bad = { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 99_000 }] };
      const command = await call(
        'POST',
        '/commands/SetChargingProfile',
        old
          ? { connectorId: 1, csChargingProfiles: { chargingProfileId: 1, ...body, chargingSchedule: bad } }
          : { evseId: 1, chargingProfile: { id: 1, ...body, chargingSchedule: [{ id: 1, ...bad }] } },
      );
      expect(command.status).toBe(422);
      expect(errorsOf(command.json)).toEqual([
        old
          ? 'csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit'
          : 'chargingProfile.chargingSchedule.0.chargingSchedulePeriod.0.limit',
      ]);
      const start = await call(
        'POST',
        `/commands/${old ? 'RemoteStartTransaction' : 'RequestStartTransaction'}`,
        old
          ? { connectorId: 1, idTag: 'T', chargingProfile: { chargingProfileId: 1, ...body, chargingSchedule: bad } }
          : {
              ...{ evseId: 1, idToken: { idToken: 'T', type: 'Central' }, remoteStartId: 1 },
              chargingProfile: { id: 1, ...body, chargingSchedule: [{ id: 1, ...bad }] },
            },
      );
      expect(errorsOf(start.json)[0]).toBe('chargingProfile.chargingProfilePurpose');
      expect(edge.sent).toEqual([]);
      expect((await call('GET', '/charging-profiles')).json.items).toEqual([]);
      edge.stop();
    }
  });

  it('of a transaction names the one that runs, and goes with it', async () => {
    const { id, call, accept } = await device('ocpp1.6');
    const tx = await transaction(id, 1, '41');
    const edge = accept();
    const body = { ...FIELDS, purpose: 'TxProfile', schedules: [schedule(1000)] };
    expect((await call('PUT', '/charging-profiles/3', body)).status).toBe(200);
    expect(edge.sent[0]?.payload).toMatchObject({ csChargingProfiles: { transactionId: 41 } });
    expect((await call('GET', '/charging-profiles')).json.items).toMatchObject([{ ocpp_transaction_id: '41' }]);
    await h.db.query('update transaction set ended_at = now() where id = $1::int8', [tx]);
    expect((await call('GET', '/charging-profiles')).json.items).toEqual([]);
    await h.db.query("update charging_profile set updated_at = now() - interval '1 hour' where profile_id = 3");
    await chargingSweep.run(h.services, new AbortController().signal);
    expect(await h.db.query('select 1 from charging_profile where profile_id = 3')).toEqual([]);
    edge.stop();
  });

  it('that the charger refuses is not remembered, and one whose answer was lost is uncertain', async () => {
    const { identity, call, accept } = await device('ocpp2.0.1');
    const no = accept(() => ({ status: 'Rejected' }));
    const body = { ...FIELDS, schedules: [schedule(1000)] };
    const refused = await call('PUT', '/charging-profiles/7', body);
    expect([refused.status, refused.json.code]).toEqual([409, 'command-rejected']);
    expect((await call('GET', '/charging-profiles')).json.items).toEqual([]);
    no.stop();
    const lost = h.edge(identity, () => ({ status: 'lost' }));
    expect((await call('PUT', '/charging-profiles/7', body)).status).toBe(502);
    expect((await call('GET', '/charging-profiles')).json.items).toMatchObject([{ profile_id: 7, state: 'uncertain' }]);
    lost.stop();
    // K01.FR.06: told apart by nothing but the id.
    const yes = accept();
    const twin = await call('PUT', '/charging-profiles/8', body);
    expect(errorsOf(twin.json)).toEqual(['stack_level']);
    expect(yes.sent).toEqual([]);
    expect((await call('PUT', '/charging-profiles/7', body)).status).toBe(200);
    // Criteria of 2.x: what they mean is forgotten, nothing else.
    const other = { ...body, evse_id: 2 };
    expect((await call('PUT', '/charging-profiles/9', other)).status).toBe(200);
    const cleared = await call('POST', '/commands/ClearChargingProfile', { chargingProfileCriteria: { evseId: 2 } });
    expect(cleared.json.cleared_profile_ids).toEqual([9]);
    expect((await call('GET', '/charging-profiles')).json.items).toMatchObject([{ profile_id: 7 }]);
    yes.stop();
    const none = accept(() => ({ status: 'NoProfiles' }));
    await call('POST', '/commands/GetChargingProfiles', { chargingProfile: { chargingProfileId: [7] } });
    expect((await call('GET', '/charging-profiles')).json.items).toEqual([]);
    none.stop();
  });
});

describe('the composite schedule', () => {
  it('stands beside what is expected, and the last is kept', async () => {
    const { call, accept } = await device('ocpp2.0.1');
    const at = '2026-01-01T00:00:00.000Z';
    const edge = accept(({ action }) =>
      action === 'GetCompositeSchedule'
        ? {
            status: 'Accepted',
            schedule: {
              ...{ evseId: 1, duration: 1200, scheduleStart: at, chargingRateUnit: 'W' },
              chargingSchedulePeriod: [
                { startPeriod: 0, limit: 8000 },
                { startPeriod: 600, limit: 4000 },
              ],
            },
          }
        : { status: 'Accepted' },
    );
    await call('PUT', '/charging-profiles/7', { ...FIELDS, schedules: [schedule(8000)] });
    const answer = await call('GET', '/composite-schedule?evse_id=1&duration=1200&unit=W');
    const periods = [
      { start_s: 0, limit: 8000 },
      { start_s: 600, limit: 4000 },
    ];
    expect(answer.json).toMatchObject({
      evse_id: 1,
      unit: 'W',
      start_at: at,
      periods,
      expected: periods,
      agrees: true,
    });
    expect(edge.sent.at(-1)?.payload).toEqual({ evseId: 1, duration: 1200, chargingRateUnit: 'W' });
    await call('PUT', '/charging-profiles/7', { ...FIELDS, schedules: [schedule(2000)] });
    const kept = await call('GET', '/composite-schedule?evse_id=1&ask=false');
    expect(kept.json).toMatchObject({ periods, expected: [{ limit: 2000 }, { limit: 1000 }], agrees: false });
    expect((await call('GET', '/composite-schedule?evse_id=2&ask=false')).status).toBe(404);
    edge.stop();
  });
});

describe('2.1', () => {
  it('records dynamic values, priority, energy transfer and signals of the grid', async () => {
    const { id, call, accept } = await device('ocpp2.1');
    await transaction(id, 1, 'TX-1');
    const edge = accept();
    const dynamic = {
      ...{ evse_id: 1, stack_level: 0, purpose: 'TxDefaultProfile', kind: 'Dynamic' },
      schedules: [
        {
          unit: 'W',
          periods: [{ start_s: 0, limit: 5000, extra: { setpoint: 4000, operationMode: 'CentralSetpoint' } }],
        },
      ],
    };
    expect((await call('PUT', '/charging-profiles/5', dynamic)).json.result).toBe('Accepted');
    expect((await call('GET', '/dynamic-schedules')).json.items).toMatchObject([
      { profile_id: 5, update: { limit: 5000, setpoint: 4000 }, answer: 'Accepted', pulled_at: null },
    ]);
    const update = { chargingProfileId: 5, scheduleUpdate: { setpoint: 3000 } };
    expect((await call('POST', '/commands/UpdateDynamicSchedule', update)).status).toBe(200);
    expect((await call('PUT', '/dynamic-schedules/5', { setpoint: 2000 })).json).toMatchObject({ answer: null });
    expect((await call('PUT', '/dynamic-schedules/5', {})).status).toBe(422);
    expect((await call('GET', '/dynamic-schedules')).json.items).toMatchObject([{ update: { setpoint: 2000 } }]);

    await call('POST', '/commands/UsePriorityCharging', { transactionId: 'TX-1', activate: true });
    const allowed = { transactionId: 'TX-1', allowedEnergyTransfer: ['DC', 'DC_BPT'] };
    await call('POST', '/commands/NotifyAllowedEnergyTransfer', allowed);
    expect((await call('GET', '/ev-charging')).json.items).toMatchObject([
      {
        ...{ evse_id: 1, ocpp_transaction_id: 'TX-1', needs: null, schedule: null },
        priority: { active: true, source: 'csms' },
        allowed_energy_transfer: { modes: ['DC', 'DC_BPT'], answer: 'Accepted' },
      },
    ]);
    for (const signal of [1, -2]) await call('POST', '/commands/AFRRSignal', { timestamp: START, signal });
    const first = await call('GET', '/afrr-signals?limit=1');
    expect(first.json.items).toMatchObject([{ signal: -2, answer: 'Accepted' }]);
    const rest = await call('GET', `/afrr-signals?cursor=${String(first.json.next_cursor)}`);
    expect(rest.json).toMatchObject({ items: [{ signal: 1 }], next_cursor: null });
    edge.stop();
  });
});

describe('a vehicle that was promised a profile', () => {
  it('gets it when its transaction runs, and once', async () => {
    const { id, call, accept } = await device('ocpp2.0.1');
    const edge = accept();
    await h.db.query(
      `insert into ev_charging_needs (tenant_id, station_id, evse_id, transfer, max_power_w, departure_at, needs, answer,
         plan, hash, received_at)
       values (1, $1::int8, 2, 'DC', 40000, now() + interval '2 hours', '{}', 'Processing', 'due', 1, now())`,
      [Number(id)],
    );
    await call('PUT', '/charging-abilities/2', { max_power_w: 30_000 });
    const run = () => vehiclePlans.run(h.services, new AbortController().signal);
    await run();
    expect(edge.sent).toEqual([]);
    await transaction(id, 2, 'EV-1');
    await run();
    await run();
    expect(edge.sent).toHaveLength(1);
    expect(edge.sent[0]).toMatchObject({
      action: 'SetChargingProfile',
      payload: {
        evseId: 2,
        chargingProfile: {
          ...{ chargingProfilePurpose: 'TxProfile', transactionId: 'EV-1' },
          chargingSchedule: [{ chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 30_000 }] }],
        },
      },
    });
    expect((await call('GET', '/ev-charging?evse_id=2')).json.items).toMatchObject([
      { ocpp_transaction_id: 'EV-1', needs: { plan: 'sent', answer: 'Processing', max_power_w: 40_000 } },
    ]);
    edge.stop();
  });
});
