/** End to end: tokens and their groups, local lists, reservations, and the cost in the answer to the end. */
import { createStation, type Station } from '@sigec/sim';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Charger } from '../support/charger.js';
import type { Json, Version } from '../support/dialect.js';
import type { CreatedDevice, Transaction } from '../support/rest.js';
import { endpoint, register, type System, unique, validToken } from '../support/system.js';
import { eventually } from '../support/wait.js';

type Detail = Transaction & { readonly detail: Json | null };

export function authorisationSuite(get: () => System): void {
  const stations: Station[] = [];
  afterEach(async () => {
    await Promise.all(stations.splice(0).map((station) => station.close()));
  });
  afterAll(() => Charger.closeAll());

  async function simulated(version: Version): Promise<{ device: CreatedDevice; station: Station }> {
    const system = get();
    const device = await register(system);
    const { username: identity, password } = device.credentials;
    const station = createStation({ url: endpoint(system), identity, password, version });
    station.on('problem', () => undefined);
    stations.push(station);
    await station.boot();
    return { device, station };
  }

  async function real(version: Version): Promise<{ device: CreatedDevice; charger: Charger }> {
    const system = get();
    const device = await register(system);
    const charger = await Charger.connect(endpoint(system), device.credentials, version);
    await charger.settle();
    return { device, charger };
  }

  const statusOf = (answer: Json): unknown => ((answer.idTagInfo ?? answer.idTokenInfo) as Json).status;

  describe.each(['1.6', '2.0.1'] as const)('in %s', (version) => {
    it('a local list follows the tokens, and the charger lives by it offline', async () => {
      const { rest } = get();
      const [good, bad] = [await validToken(get()), unique('BAD').toUpperCase().slice(-20)];
      const { id: badId } = await rest.createIdToken(bad);
      const { device, station } = await simulated(version);
      const path = `/devices/${device.id}/local-list`;
      const inStep = () =>
        eventually(async () => {
          const list = await rest.ok<Json>('GET', path);
          expect(list).toMatchObject({ enabled: true, state: 'in_step', complete: true });
          return list;
        });
      await rest.ok('PUT', path, { enabled: true });
      const first = await inStep();
      const later = await validToken(get());
      await rest.ok('PATCH', `/id-tokens/${badId}`, { status: 'blocked' });
      const second = await inStep();
      expect(Number(second.version)).toBeGreaterThan(Number(first.version));
      expect(second.tokens_version).toBe(second.tokens);

      station.disconnect(120_000);
      await eventually(() => expect(station.snapshot().online).toBe(false));
      expect(await station.authorize(bad)).toBe('Blocked');
      for (const token of [good, later]) expect(await station.authorize(token)).toBe('Accepted');
    });

    it('a reservation by REST holds the EVSE, and its driver uses it up', async () => {
      const { rest } = get();
      const tag = await validToken(get());
      const { device, station } = await simulated(version);
      const made = await rest.ok<Json>('POST', `/devices/${device.id}/reservations`, {
        evse_id: 1,
        id_token: tag,
        expires_at: new Date(Date.now() + 600_000).toISOString(),
      });
      expect(made).toMatchObject({ status: 'active', id_token: tag });
      await eventually(async () => {
        const { connectors } = await rest.device(device.id);
        expect(connectors.find((connector) => connector.evse_id === 1)?.ocpp_status).toBe('Reserved');
      });
      expect(() => station.startTransaction({ idToken: 'SOMEBODY-ELSE', auto: false })).toThrow('reserved');
      station.startTransaction({ idToken: tag, auto: false });
      const path = `/devices/${device.id}/reservations/${made.reservation_id}`;
      const used = await eventually(async () => {
        const reservation = await rest.ok<Json>('GET', path);
        expect(reservation).toMatchObject({ status: 'used', transaction_id: expect.any(String) });
        return reservation;
      });
      const transaction = await rest.ok<Detail>('GET', `/transactions/${String(used.transaction_id)}`);
      expect(transaction).toMatchObject({ id_token: tag, detail: { reservation_id: made.reservation_id } });
    });

    it('a token that may run once is told ConcurrentTx elsewhere, until it has ended', async () => {
      const { rest } = get();
      const tag = unique('ONE').toUpperCase().slice(-20);
      await rest.createIdToken(tag, { max_concurrent: 1 });
      const [first, second] = [await real(version), await real(version)];
      await first.charger.start(tag, 100);
      expect(await second.charger.authorize(tag)).toBe('ConcurrentTx');
      expect(await first.charger.authorize(tag)).toBe('Accepted');
      await first.charger.stop(200);
      expect(await second.charger.authorize(tag)).toBe('Accepted');
      // Why it was not let in can be read when its driver calls.
      const { items } = await rest.ok<{ items: Json[] }>('GET', `/devices/${second.device.id}/authorization-refusals`);
      expect(items).toMatchObject([{ id_token: tag, verdict: 'ConcurrentTx' }]);
    });
  });

  it('one of the group may stop what another began; a stranger’s stop is told to billing', async () => {
    const { rest } = get();
    const [mine, other, stranger] = ['A', 'B', 'C'].map((name) => unique(name).slice(-20)) as [string, string, string];
    for (const value of [mine, other]) await rest.createIdToken(value, { group_id: 'FLEET' });
    await rest.createIdToken(stranger);
    const { device, charger } = await real('1.6');
    const session = async (by: string, hour: number) => {
      const timestamp = new Date(Date.now() - hour * 3_600_000).toISOString();
      const start = { connectorId: 1, idTag: mine, meterStart: 100, timestamp };
      const begun = await charger.call(['StartTransaction', start]);
      expect(begun).toMatchObject({ idTagInfo: { status: 'Accepted', parentIdTag: 'FLEET' } });
      const { transactionId } = begun;
      const stop = { transactionId, idTag: by, meterStop: 200, timestamp: new Date().toISOString() };
      expect(statusOf(await charger.call(['StopTransaction', stop]))).toBe('Accepted');
      const [transaction] = await rest.history(device.id);
      return rest.ok<Detail>('GET', `/transactions/${transaction?.id}`);
    };
    expect(await session(other, 2)).toMatchObject({ id_token: mine, flags: [], detail: { stop_token: other } });
    expect(await session(stranger, 1)).toMatchObject({ flags: ['stopped_by_other'], detail: { stop_token: stranger } });
  });

  it.each(['2.0.1', '2.1'] as const)(
    '%s: the cost in the answers, while it runs and at its end, is what REST shows',
    async (version) => {
      const { rest } = get();
      const { device, charger } = await real(version);
      await charger.start(await validToken(get()), 1_000);
      let told: Json = {};
      for (let n = 1; n <= 10; n++) told = await charger.meter(1_000 + n * 900);
      // In 2.0.1 the field means the end.
      expect(told).toEqual(version === '2.1' ? { totalCost: 6.75 } : {});
      const { items } = await rest.ok<{ items: { samples: Json[] }[] }>(
        'GET',
        `/transactions/${(await rest.history(device.id))[0]?.id}/meter-values?limit=200`,
      );
      const register = items.flatMap(({ samples }) =>
        samples
          .filter(({ measurand }) => measurand === 'Energy.Active.Import.Register')
          .map(({ value, unit }) => Number(value) * (unit === 'kWh' ? 1000 : 1)),
      );
      expect(register).toEqual(expect.arrayContaining(Array.from({ length: 10 }, (_, n) => 1_900 + n * 900)));
      const answer = await charger.stop(10_340);
      const [transaction] = await rest.history(device.id);
      expect(transaction).toMatchObject({ energy_wh: 9_340, cost: { amount_minor: 701, currency: 'BRL' } });
      expect(answer).toMatchObject({ totalCost: 7.01 });
      expect(await rest.ok<Detail>('GET', `/transactions/${transaction?.id}`)).toMatchObject({
        detail: { start_trigger: 'Authorized', stop_trigger: 'StopAuthorized', offline: false },
      });
      expect(charger.violations).toEqual([]);
    },
  );

  it('a vendor’s message is kept and answered honestly', async () => {
    const { rest } = get();
    const { device, charger } = await real('2.0.1');
    const sent = { vendorId: 'com.example', messageId: 'hello', data: { n: 1 } };
    expect(await charger.call(['DataTransfer', sent])).toEqual({ status: 'UnknownVendorId' });
    const { items } = await rest.ok<{ items: Json[] }>('GET', `/devices/${device.id}/data-transfers`);
    expect(items).toMatchObject([
      { direction: 'in', vendor_id: 'com.example', data: { n: 1 }, status: 'UnknownVendorId' },
    ]);
  });
}
