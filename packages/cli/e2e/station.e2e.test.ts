/** The tools of the command line: the simulated charger against the whole product, and what `config` shows. */
import { createStation } from '@sigec/sim';
import { tempDir } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { VERSIONS } from './support/dialect.js';
import { type Embedded, startEmbedded } from './support/embedded.js';
import { tellOnFailure } from './support/failure.js';
import { runSigec, SigecProcess } from './support/process.js';
import { endpoint, register, unique, validToken } from './support/system.js';
import { eventually } from './support/wait.js';

describe('sigec station', () => {
  let system: Embedded;
  const folder = tempDir('e2e-station');
  beforeAll(async () => {
    // As the product comes: chargers are provisioned by themselves.
    system = await startEmbedded({ SIGEC_UNKNOWN_STATIONS: 'accept', SIGEC_PROVISIONING: 'on' });
  });
  afterEach(tellOnFailure(() => system));
  afterAll(async () => {
    await system?.close();
    folder.remove();
  });

  it.each(VERSIONS)('charges a whole session in %s, by the command that the banner shows', async (version) => {
    const id = unique('SIM');
    const args = ['station', '--url', endpoint(system), '--id', id, '--version', version];
    const { code, output } = await runSigec([...args, '--scenario', 'session', '--speed', '600'], {}, folder.path);
    expect(output).toContain('recarga encerrada');
    expect({ code, output }).toMatchObject({ code: 0 });
    const { items } = await system.rest.ok<{ items: { id: string }[] }>('GET', `/devices?q=${id}`);
    expect(items).toHaveLength(1);
    const [transaction, ...others] = await system.rest.history(items[0]?.id ?? '');
    expect(others).toEqual([]);
    expect(transaction).toMatchObject({ status: 'completed', id_token: 'SIGEC-DEMO', flags: [], meter_start_wh: 1000 });
    const wh = transaction?.energy_wh ?? 0;
    expect(wh).toBeGreaterThan(1000);
    // What the station says that it charged is what the platform bills.
    expect(output.replaceAll('\u00a0', ' ')).toContain(`${(wh / 1000).toFixed(3).replace('.', ',')} kWh`);
    expect(transaction?.cost.amount_minor).toBe(Math.round((wh * 75) / 1000));
  });

  it.each([
    ['1.6', { variable: 'ResetRetries', value: '5' }],
    ['2.1', { component: 'OCPPCommCtrlr', variable: 'OfflineThreshold', value: '77' }],
  ] as const)('of %s is read and set after its first boot, without anybody asking', async (version, wanted) => {
    const { id, identity, credentials } = await register(system);
    const path = `/devices/${id}`;
    await system.rest.ok('PUT', `${path}/settings`, { items: [wanted] });
    const station = createStation({ url: endpoint(system), identity, password: credentials.password, version });
    try {
      await station.boot();
      await eventually(async () =>
        expect(await system.rest.ok('GET', `${path}/provisioning`)).toMatchObject({
          ...{ state: 'done', refused: [] },
          applied: [{ ...wanted, status: 'Accepted' }],
        }),
      );
      const { items } = await system.rest.ok<{ items: object[] }>('GET', `${path}/variables?limit=200`);
      expect(items).toContainEqual(expect.objectContaining(wanted));
      const boots = await system.rest.ok<{ items: object[] }>('GET', `${path}/boots`);
      expect(boots.items).toMatchObject([
        { ocpp_version: `ocpp${version}`, reason: version === '1.6' ? null : 'PowerUp' },
      ]);
    } finally {
      await station.close();
    }
  });

  it('waits for a remote start and obeys a remote stop, with its password', async () => {
    const device = await register(system);
    const args = ['station', '--url', endpoint(system), '--id', device.identity, '--version', '2.0.1'];
    const one = new SigecProcess(
      [...args, '--scenario', 'remote', '--speed', '60'],
      { SIGEC_STATION_PASSWORD: device.credentials.password },
      folder.path,
    );
    await eventually(async () =>
      expect(await system.rest.device(device.id)).toMatchObject({ online: true, status: 'Available' }),
    );
    const begun = await system.rest.startTransaction(device.id, 1, await validToken(system));
    expect(begun.status).toBe(201);
    await eventually(async () => expect((await system.rest.transaction(begun.body.id)).energy_wh).toBeGreaterThan(0));
    expect(await system.rest.stopTransaction(begun.body.id)).toMatchObject({ status: 200 });
    expect(await one.ended).toEqual({ code: 0, signal: null });
    expect(one.output).not.toContain(device.credentials.password);
  });

  it('says why it could not connect, and fails', async () => {
    const device = await register(system);
    const args = ['station', '--url', endpoint(system), '--id', device.identity, '--password', 'not-the-password'];
    const one = new SigecProcess(args, {}, folder.path);
    await eventually(() => expect(one.output).toContain('401'));
    one.signal('SIGTERM');
    await one.ended;
  });

  it('a version that OCPP does not have is named, with exit code 1', async () => {
    const { code, output } = await runSigec(['station', '--version', '3.0'], {}, folder.path);
    expect(code).toBe(1);
    expect(output).toContain('version');
  });
});

describe('sigec config', () => {
  const folder = tempDir('e2e-config');
  afterAll(() => folder.remove());

  it('prints what holds and masks every secret', async () => {
    const env = {
      DATABASE_URL: 'postgres://someone:hush-1@127.0.0.1/x',
      JWT_SECRET: 'hush-2-hush-2-hush-2-hush-2-hush-2',
      SIGEC_PEPPER: 'hush-3-hush-3-hush-3',
      SIGEC_ADMIN_PASSWORD: 'hush-4-hush',
    };
    const { code, output } = await runSigec(['config'], env, folder.path);
    expect(code).toBe(0);
    expect(output).not.toContain('hush');
    expect(output).toContain('SIGEC_HTTP_PORT');
    expect(output).toContain('8080');
    expect(output).toContain('127.0.0.1/x');
  });

  it('names every error at once and ends with 2', async () => {
    const env = {
      SIGEC_HTTP_PORT: 'eighty',
      SIGEC_PARTITIONS: '-1',
      SIGEC_HEARTBEAT_INTREVAL: '5',
      JWT_SECRET: 'short',
    };
    const { code, output } = await runSigec(['up'], env, folder.path);
    expect(code).toBe(2);
    for (const name of Object.keys(env)) expect(output).toContain(name);
    expect(output).not.toContain('short\n');
  });
});
