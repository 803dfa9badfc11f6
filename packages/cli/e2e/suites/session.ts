/** A whole charging session in each version, by a charger that this project did not write; its commands and its log. */
import { afterAll, describe, expect, it } from 'vitest';
import { Charger } from '../support/charger.js';
import { VERSIONS, type Version } from '../support/dialect.js';
import { toldBy, toldByLog } from '../support/log.js';
import { Raw } from '../support/raw.js';
import type { Problem } from '../support/rest.js';
import { endpoint, register, type System, unique, validToken } from '../support/system.js';
import { eventually, quiet } from '../support/wait.js';

interface Energy {
  /** The register at start, at each of ten samples, and at the end, Wh. */
  readonly start: number;
  readonly step: number;
  readonly end: number;
  /** What 0.75 BRL/kWh makes of it, half up, in centavos. */
  readonly wh: number;
  readonly cost: number;
}

/** Each ends on half a centavo or on a fraction of a Wh. */
const ENERGY: Readonly<Record<Version, Energy>> = {
  // 9 340 Wh x 0.075 = 700.5
  '1.6': { start: 1_000, step: 900, end: 10_340, wh: 9_340, cost: 701 },
  // 6 800.75 Wh x 0.075 = 510.05625
  '2.0.1': { start: 1_200.5, step: 610.25, end: 8_001.25, wh: 6_800.75, cost: 510 },
  // 20 100 Wh x 0.075 = 1 507.5, told in kWh
  '2.1': { start: 3_250, step: 2_000, end: 23_350, wh: 20_100, cost: 1_508 },
};

const READING: Readonly<Record<Version, { action: string; payload: object; response: Record<string, unknown> }>> = {
  '1.6': {
    action: 'GetConfiguration',
    payload: { key: ['HeartbeatInterval'] },
    response: { configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }] },
  },
  '2.0.1': getVariables(),
  '2.1': getVariables(),
};

function getVariables() {
  const asked = { component: { name: 'OCPPCommCtrlr' }, variable: { name: 'HeartbeatInterval' } };
  return {
    action: 'GetVariables',
    payload: { getVariableData: [asked] },
    response: { getVariableResult: [{ attributeStatus: 'Accepted', attributeValue: '300', ...asked }] },
  };
}

/** Does something a number of times, a few at once. */
async function inTurns<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  const one = async (): Promise<void> => {
    while (times-- > 0) done.push(await work());
  };
  await Promise.all(Array.from({ length: 6 }, one));
  return done;
}

export function sessionSuite(get: () => System): void {
  afterAll(() => Charger.closeAll());

  describe.each(VERSIONS)('a session in %s', (version) => {
    const edge = VERSIONS.indexOf(version);

    it('boots, authorises, charges, is stopped by REST, and stands in REST exactly', async () => {
      const system = get();
      const { rest } = system;
      const energy = ENERGY[version];
      const device = await register(system);
      const tag = await validToken(system);
      const charger = await Charger.connect(endpoint(system, edge), device.credentials, version);
      expect(charger.client.protocol).toBe(`ocpp${version}`);

      const booted = await charger.boot();
      expect(booted).toMatchObject({ status: 'Accepted' });
      // 300 seconds, with the station's own place about it.
      expect(Math.abs((booted as { interval: number }).interval - 300)).toBeLessThanOrEqual(30);
      await charger.status('Available');
      expect(await charger.authorize(tag)).toBe('Accepted');
      expect(await charger.authorize(unique('NOBODY').slice(-20))).toBe(version === '1.6' ? 'Invalid' : 'Unknown');
      await charger.status('Occupied');
      await charger.start(tag, energy.start);
      for (let n = 1; n <= 10; n++) await charger.meter(energy.start + n * energy.step);

      const during = await rest.device(device.id);
      expect(during).toMatchObject({
        vendor: 'Acme',
        model: 'One',
        serial_number: 'SN-1',
        firmware_version: '1.2.3',
        ocpp_version: `ocpp${version}`,
        registration_status: 'accepted',
        status: 'Occupied',
        online: true,
        connectors: [{ evse_id: 1, connector_id: 1, status: 'Occupied' }],
      });
      expect(during.active_transaction_ids).toHaveLength(1);
      const id = during.active_transaction_ids[0] as string;
      expect(await rest.transaction(id)).toMatchObject({ status: 'charging', energy_wh: 10 * energy.step });

      charger.wh = energy.end;
      const stopped = await rest.stopTransaction(id);
      expect(stopped).toMatchObject({
        status: 200,
        body: { total_energy: energy.wh, cost: { amount_minor: energy.cost, currency: 'BRL' } },
      });
      await charger.remoteWork;
      await charger.status('Available');

      expect(await rest.transaction(id)).toMatchObject({
        device_id: device.id,
        evse_id: 1,
        id_token: tag,
        meter_start_wh: energy.start,
        meter_stop_wh: energy.end,
        energy_wh: energy.wh,
        cost: { amount_minor: energy.cost, currency: 'BRL' },
        stop_reason: 'Remote',
        flags: [],
      });
      expect((await rest.history(device.id)).map((transaction) => transaction.id)).toEqual([id]);
      expect(await rest.device(device.id)).toMatchObject({ status: 'Available', active_transaction_ids: [] });

      const seen = toldBy(charger.frames);
      expect(seen.length).toBeGreaterThanOrEqual(2 * (6 + 10 + 2 + 1));
      await eventually(async () => expect(toldByLog(await rest.messages(device.id))).toEqual(seen));
      expect(charger.violations).toEqual([]);
      expect(charger.closes).toEqual([]);
      await charger.close();
      await eventually(async () => expect((await rest.device(device.id)).online).toBe(false));
    });

    it('starts by REST, whichever edge holds the charger', async () => {
      const system = get();
      for (const n of system.endpoints.keys()) {
        const device = await register(system);
        const charger = await Charger.connect(endpoint(system, n), device.credentials, version);
        await charger.settle();
        const tag = unique('R').slice(-20);
        const begun = await system.rest.startTransaction(device.id, 1, tag);
        expect(begun).toMatchObject({ status: 201, body: { device_id: device.id, evse_id: 1, id_token: tag } });
        await charger.remoteWork;
        expect(charger.charges).toMatchObject([{ evse: 1, tag }]);
        expect(String(charger.charges[0]?.id)).toBe(begun.body.ocpp_transaction_id);

        charger.wh = 1_000;
        expect(await system.rest.stopTransaction(begun.body.id)).toMatchObject({
          status: 200,
          body: { total_energy: 1_000, cost: { amount_minor: 75 } },
        });
        expect(charger.violations).toEqual([]);
        await charger.close();
      }
    });

    it('passes any action of its version on, and tells how a command ended', async () => {
      const system = get();
      const { rest } = system;
      const device = await register(system);
      const charger = await Charger.connect(endpoint(system, edge + 1), device.credentials, version);
      await charger.settle();
      const { action, payload, response } = READING[version];

      charger.answer(action, response);
      const answered = await rest.command(device.id, action, payload);
      expect(answered).toMatchObject({ status: 200, body: { status: 'answered', response } });
      expect(answered.body.warnings).toBeUndefined();

      charger.answer('ClearCache', Charger.error('NotSupported', 'no cache here', { why: 'none' }));
      const refused = await rest.command<Problem>(device.id, 'ClearCache', {});
      expect(refused).toMatchObject({
        status: 502,
        type: expect.stringContaining('application/problem+json'),
        body: {
          code: 'charger-error',
          ocpp_error_code: 'NotSupported',
          ocpp_error_description: 'no cache here',
          details: { why: 'none' },
        },
      });

      charger.answer('Reset', 'never');
      const reset = { type: version === '1.6' ? 'Soft' : 'Immediate' };
      const silent = await rest.command<Problem>(device.id, 'Reset', reset, '?timeout=2');
      expect(silent).toMatchObject({ status: 504, body: { code: 'charger-timeout', temporary: true } });
      // The slot is free again: silence to one command does not keep the next from the charger.
      expect(await rest.command(device.id, action, payload)).toMatchObject({ status: 200 });

      const unknown = await rest.command<Problem>(device.id, 'MakeCoffee', {});
      expect(unknown).toMatchObject({ status: 404, body: { code: 'unknown-action' } });
      const foreign = await rest.command<Problem>(device.id, 'BootNotification', {});
      expect(foreign).toMatchObject({ status: 404, body: { code: 'unknown-action' } });
      const invalid = await rest.command<Problem>(device.id, 'Reset', { type: 'Sideways' });
      expect(invalid).toMatchObject({ status: 422, body: { code: 'validation', errors: [{ field: 'type' }] } });

      await eventually(async () => expect(toldByLog(await rest.messages(device.id))).toEqual(toldBy(charger.frames)));
      await charger.close();
    });
  });

  it('a command to a charger that has gone ends as offline within 6 s', async () => {
    const system = get();
    const device = await register(system);
    const charger = await Charger.connect(endpoint(system), device.credentials, '1.6');
    await charger.settle();
    await charger.close();
    const began = performance.now();
    await system.rest.device(device.id);
    const asked = performance.now();
    const answers = await Promise.all([
      system.rest.command<Problem>(device.id, 'ClearCache', {}),
      system.rest.startTransaction<Problem>(device.id, 1, unique('T')),
    ]);
    // Milliseconds are between where nothing else runs; a busy machine is late with every answer.
    const busy = 20 * (asked - began);
    expect(performance.now() - asked).toBeLessThan(6_000 + busy);
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 409, body: { code: 'charger-offline', temporary: true } });
  });

  it('keeps every message of a charger that speaks as fast as it can, in order', async () => {
    const system = get();
    const device = await register(system);
    const charger = await Charger.connect(endpoint(system), device.credentials, '2.0.1');
    await charger.boot();
    for (let n = 0; n < 150; n++) await charger.heartbeat();
    const seen = toldBy(charger.frames);
    expect(seen).toHaveLength(302);
    await eventually(async () => expect(await system.rest.messages(device.id)).toHaveLength(302));
    await quiet();
    expect(toldByLog(await system.rest.messages(device.id))).toEqual(seen);
    await charger.close();
  });

  it('serves every one of a crowd that comes at once', async () => {
    const system = get();
    const devices = await inTurns(120, () => register(system));
    const crowd = await Promise.all(
      devices.map(({ identity, credentials }, n) =>
        Raw.connect(`${endpoint(system, n)}/${identity}`, ['ocpp2.0.1'], credentials),
      ),
    );
    const answers = await Promise.all(crowd.map((raw, n) => raw.ask([2, `${n}`, 'Heartbeat', {}])));
    expect(answers.map(([type, id]) => [type, id])).toEqual(crowd.map((_, n) => [3, `${n}`]));
    await quiet(100);
    expect(crowd.map((raw) => raw.closeCode).filter((code) => code !== undefined)).toEqual([]);
    Raw.closeAll();
  });

  it('remembers a blocked token by its exact status', async () => {
    const system = get();
    const device = await register(system);
    const tag = unique('B').slice(-20);
    await system.rest.createIdToken(tag, { status: 'blocked' });
    const charger = await Charger.connect(endpoint(system), device.credentials, '1.6');
    await charger.settle();
    expect(await charger.authorize(tag)).toBe('Blocked');
    await charger.close();
  });
}
