/** A driver's whole journey: an account, a station nearby or its code, a session watched as it costs, the receipt, and farewell. */
import { createStation, type Station } from '@sigec/sim';
import { afterEach, describe, expect, it } from 'vitest';
import { type Money, type Problem, Rest } from '../support/rest.js';
import { endpoint, register, type System, unique } from '../support/system.js';
import { eventually } from '../support/wait.js';

interface Live {
  readonly id: string;
  readonly status: string;
  readonly energy_wh: number;
  readonly cost: Money;
  readonly power_w: number | null;
}

interface Receipt {
  readonly number: number;
  readonly energy_wh: number;
  readonly lines: readonly { amount: Money }[];
  readonly total: Money;
}

interface Near {
  readonly id: string;
  readonly online: boolean;
  readonly connectors: readonly { evse_id: number; status: string }[];
}

/** Where each journey begins: far enough from the others, and from whatever else is registered. */
const PLACES: Readonly<Record<Version, { readonly lat: number; readonly lng: number }>> = {
  '1.6': { lat: -23.5614, lng: -46.6559 },
  '2.0.1': { lat: -22.9519, lng: -43.2105 },
};

const PASSWORD = 'viajar longe 77';
const CPF = '529.982.247-25';

type Version = '1.6' | '2.0.1';

/** @param versions of the chargers; each journey of an embedded run stops it once, to read the mail */
export function driverSuite(get: () => System, versions: readonly Version[] = ['1.6', '2.0.1']): void {
  const stations: Station[] = [];
  afterEach(async () => {
    await Promise.all(stations.splice(0).map((station) => station.close()));
  });

  describe.each(versions)('a driver at a charger of %s', (version) => {
    it('registers, confirms, finds a station nearby or scans its code, starts, watches, stops, is given a receipt, and is forgotten', async () => {
      const system = get();
      const driver = new Rest(system.rest.url);
      const email = `${unique('ana')}@example.test`.toLowerCase();
      await driver.ok('POST', '/auth/register', { name: 'Ana Souza', email, password: PASSWORD });
      const early = await driver.send<Problem>('POST', '/auth/login', { email, password: PASSWORD });
      expect(early.status).toBe(401);
      const mails = await eventually(async () => {
        const found = await system.mails(email);
        expect(found.map(({ kind }) => kind)).toEqual(['verify-email']);
        return found;
      });
      const [, token] = /Code: (\S+)$/.exec(mails[0]?.text ?? '') ?? [];
      await driver.ok('POST', '/auth/email/verify', { token });
      await driver.login(email, PASSWORD);
      await driver.ok('PATCH', '/me', { tax_id: CPF });

      const place = PLACES[version];
      const hidden = await register(system, { location: { ...place, address: 'Rua das Acácias, 14' } });
      const device = await register(system, {
        published: true,
        location: { ...place, address: 'Rua das Acácias, 12' },
      });
      const { username: identity, password } = device.credentials;
      // Two minutes in each second, into a battery that a busy machine does not see full: what is watched moves.
      const charging = { speed: 120, meterIntervalS: 60, batteryWh: 1_000_000, serialNumber: 'SIM-77' };
      const station = createStation({ url: endpoint(system), identity, password, version, ...charging });
      stations.push(station);
      await station.boot();
      const printed = await eventually(async () => {
        const { items } = await system.rest.ok<{ items: { code: string; evse_id: number }[] }>(
          'POST',
          `/devices/${device.id}/connect-codes`,
        );
        expect(items).toHaveLength(1);
        return items[0];
      });
      const code = printed?.code ?? '';

      // From some 60 m away. What is left of a journey that was tried before is not online.
      const look = `/devices/nearby?lat=${place.lat + 0.0005}&lon=${place.lng}&radius=500`;
      const free = await eventually(async () => {
        const { items } = await driver.ok<{ items: Near[] }>('GET', look);
        expect(items.map(({ id }) => id)).not.toContain(hidden.id);
        const found = items.find(({ online }) => online);
        expect(found).toMatchObject({ id: device.id, connectors: [{ evse_id: 1, status: 'Available' }] });
        return found as Near;
      });
      const chosen = { device_id: free.id, evse_id: free.connectors[0]?.evse_id };
      expect(await driver.ok('GET', `/devices/${free.id}/effective-tariff?evse_id=1`)).toMatchObject({
        ...{ currency: 'BRL', per_kwh_minor: 75 },
      });
      expect((await driver.send<Problem>('GET', `/devices/${hidden.id}/effective-tariff`)).status).toBe(404);
      const near = await driver.send<Live>('POST', '/transactions/start', chosen);
      expect([201, 202]).toContain(near.status);
      const mine = async () => (await driver.ok<{ items: Live[] }>('GET', '/me/transactions?active=true')).items;
      const first = await eventually(async () => {
        const [live] = await mine();
        expect(live).toMatchObject({ status: 'charging' });
        return live as Live;
      });
      expect([200, 202]).toContain((await driver.stopTransaction(first.id)).status);
      await eventually(async () => expect(await mine()).toEqual([]));
      expect(await driver.ok('GET', `/transactions/${first.id}/receipt`)).toMatchObject({
        ...{ transaction_id: first.id, device_identity: identity, evse_id: 1 },
      });

      await eventually(async () =>
        expect(await driver.ok('GET', `/connect/${code}`)).toMatchObject({
          ...{ device_id: device.id, evse_id: 1, online: true, status: 'Available' },
          tariff: { currency: 'BRL', per_kwh_minor: 75 },
        }),
      );

      const begun = await driver.send<Live>('POST', '/transactions/start', { code });
      expect([201, 202]).toContain(begun.status);
      const seen = await eventually(async () => {
        const [live, ...others] = await mine();
        expect(others).toEqual([]);
        expect(live).toMatchObject({ status: 'charging' });
        expect(live?.cost.amount_minor).toBeGreaterThan(0);
        expect(live?.power_w).toBeGreaterThan(0);
        return live as Live;
      });
      await eventually(async () => {
        const [live] = await mine();
        expect(live?.id).toBe(seen.id);
        expect(live?.cost.amount_minor).toBeGreaterThan(seen.cost.amount_minor);
      });
      const tooEarly = await driver.send<Problem>('GET', `/transactions/${seen.id}/receipt`);
      expect([tooEarly.status, tooEarly.body.code]).toEqual([409, 'still-charging']);

      expect([200, 202]).toContain((await driver.stopTransaction(seen.id)).status);
      await eventually(async () => expect(await mine()).toEqual([]));
      const receipt = await driver.ok<Receipt>('GET', `/transactions/${seen.id}/receipt`);
      expect(receipt).toMatchObject({
        customer: { name: 'Ana Souza', tax_id: '52998224725', tax_id_kind: 'cpf' },
        ...{ transaction_id: seen.id, device_identity: identity, evse_id: 1 },
        station: { serial_number: 'SIM-77', address: 'Rua das Acácias, 12' },
      });
      const told = await driver.transaction(seen.id);
      expect([receipt.total, receipt.energy_wh]).toEqual([told.cost, told.energy_wh]);
      expect(receipt.lines.reduce((sum, { amount }) => sum + amount.amount_minor, 0)).toBe(receipt.total.amount_minor);
      expect(await driver.ok('GET', `/transactions/${seen.id}/receipt`)).toEqual(receipt);

      const data = await driver.ok<{ parts: { transaction: { items: unknown[] } } }>('GET', '/me/data-export');
      expect(data.parts.transaction.items).toHaveLength(2);
      await driver.ok('POST', '/me/erasure', { password: PASSWORD });
      expect((await driver.send<Problem>('POST', '/auth/login', { email, password: PASSWORD })).status).toBe(401);
      expect(await system.rest.ok('GET', `/transactions/${seen.id}/receipt`)).toEqual(receipt);
      expect(await system.rest.transaction(seen.id)).toMatchObject({ id_token: 'erased', cost: receipt.total });
    });
  });
}
