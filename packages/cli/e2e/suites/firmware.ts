/** End to end: firmware, diagnostics, logs, and customer information. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { createStation, type Station, type Version } from '@sigec/sim';
import { afterEach, describe, expect, it } from 'vitest';
import { Charger } from '../support/charger.js';
import { VERSIONS } from '../support/dialect.js';
import type { CreatedDevice } from '../support/rest.js';
import { endpoint, register, type System } from '../support/system.js';
import { eventually } from '../support/wait.js';

type Json = Readonly<Record<string, unknown>>;
interface Log extends Json {
  readonly id: string;
  readonly status: string | null;
  readonly request_status: string;
  readonly size_bytes: number | null;
  readonly sha256: string | null;
}

const stations: Station[] = [];

/** A simulated station that has booted. */
async function simulated(system: System, version: Version): Promise<{ station: Station; device: CreatedDevice }> {
  const device = await register(system);
  const { username: identity, password } = device.credentials;
  const firmware = { delayMs: 5 };
  const backoff = { minimumMs: 50, randomMs: 20, repeats: 2 };
  const station = createStation({ url: endpoint(system), identity, password, version, firmware, backoff });
  stations.push(station);
  await station.boot();
  return { station, device };
}

/** Bytes as they are, both ways. */
function raw(url: string, token: string, init: { method?: string; body?: Uint8Array } = {}): Promise<Response> {
  const { method = 'GET', body } = init;
  const headers: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }) });
}

/** Says that so many bytes will come and sends a few; what is answered by then, or undefined where the line is cut first. */
function beginUpload(url: string, length: number, cutAfterMs: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const upload = request(url, { method: 'PUT', headers: { 'content-length': length }, agent: false });
    upload.on('error', () => resolve(undefined));
    upload.on('response', ({ statusCode }) => {
      resolve(statusCode);
      upload.destroy();
    });
    upload.write('the first bytes');
    setTimeout(() => upload.destroy(new Error('cut')), cutAfterMs);
  });
}

export function firmwareSuite(get: () => System): void {
  afterEach(async () => {
    await Promise.all(stations.splice(0).map((station) => station.close()));
    await Charger.closeAll();
  });

  const command = async (system: System, id: string, action: string, payload: object): Promise<Json> => {
    const sent = await system.rest.command<Json>(id, action, payload);
    expect(sent.status, JSON.stringify(sent.body)).toBe(200);
    return sent.body;
  };

  describe('a log', () => {
    it.each([
      ['1.6', 'GetDiagnostics', {}],
      ['1.6', 'GetLog', { logType: 'DiagnosticsLog' }],
      ['2.0.1', 'GetLog', { logType: 'SecurityLog' }],
      ['2.1', 'GetLog', { logType: 'DiagnosticsLog' }],
    ] as const)('of %s that %s asked for ends as a file, byte for byte', async (version, action, asked) => {
      const system = get();
      const { station, device } = await simulated(system, version);
      const uploaded = once(station, 'uploaded') as Promise<[string, Buffer]>;
      const answer = await command(system, device.id, action, asked);
      const [, bytes] = await uploaded;
      const log = await eventually(async () => {
        const found = await system.rest.ok<Log>('GET', `/devices/${device.id}/uploads/${String(answer.upload_id)}`);
        expect([found.status, found.request_status]).toEqual(['Uploaded', 'complete']);
        return found;
      });
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(log).toMatchObject({ action, size_bytes: bytes.length, sha256 });
      const url = `${system.rest.url}/api/v1/devices/${device.id}/uploads/${log.id}/file`;
      const file = await raw(url, system.rest.token);
      expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename=".+\.log"/);
      expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
      const request = `/devices/${device.id}/requests/${String(answer.request_id)}?wait=5`;
      expect(await system.rest.ok<Json>('GET', request)).toMatchObject({ status: 'complete', detail: 'Uploaded' });
    });

    it('comes by an address that works once, and stands in no log of ours', async () => {
      const system = get();
      const device = await register(system);
      const charger = await Charger.connect(endpoint(system), device.credentials, '2.0.1');
      await charger.settle();
      let given = '';
      charger.client.handle('GetLog', async ({ params = {} }) => {
        given = String((params.log as { remoteLocation: string }).remoteLocation);
        return { status: 'Accepted', filename: 'mine.log' };
      });
      const answer = await command(system, device.id, 'GetLog', { logType: 'DiagnosticsLog' });
      const log = randomBytes(700_000);
      const put = (body: Uint8Array) => raw(given, '', { method: 'PUT', body }).then(({ status }) => status);
      // One that is too large is refused at its word; one that breaks off may be tried again.
      expect(await beginUpload(given, 100 * 1_048_576, 5000)).toBe(413);
      expect(await beginUpload(given, log.length, 200)).toBeUndefined();
      await eventually(async () => expect(await put(log)).toBe(201));
      expect(await put(log)).toBe(404);
      expect(await raw(given, '').then(({ status }) => status)).toBe(405);
      expect(await raw(`${given.slice(0, -4)}AAAA`, '', { method: 'PUT', body: log }).then((r) => r.status)).toBe(404);
      const path = `/devices/${device.id}/uploads/${String(answer.upload_id)}`;
      expect(await system.rest.ok<Json>('GET', path)).toMatchObject({ size_bytes: log.length, file_name: 'mine.log' });
      const token = given.split('/').at(-1) as string;
      const messages = await eventually(async () => {
        const all = await system.rest.messages(device.id);
        expect(all.some(({ action, type }) => action === 'GetLog' && type === 'call')).toBe(true);
        return all;
      });
      expect(JSON.stringify(messages)).not.toContain(token);
      expect(system.words()).not.toContain(token);
      // Who says that it was uploaded under a number that nobody gave is told so.
      const word = { status: 'Uploaded', requestId: 2_000_000_001 };
      await expect(charger.call(['LogStatusNotification', word])).rejects.toMatchObject({
        rpcErrorCode: 'PropertyConstraintViolation',
      });
      expect(charger.violations).toEqual([]);
    });
  });

  describe('firmware', () => {
    it.each(VERSIONS)('of %s comes from us, and the station comes back with it', async (version) => {
      const system = get();
      const { device } = await simulated(system, version);
      const image = Buffer.concat([Buffer.from('IMAGE firmwareVersion=4.5.6\n'), randomBytes(600_000)]);
      const made = await system.rest.ok<{ id: string }>('POST', '/firmwares', { version: '4.5.6' });
      const url = `${system.rest.url}/api/v1/firmwares/${made.id}/file`;
      expect((await raw(url, system.rest.token, { method: 'PUT', body: image })).status).toBe(200);
      const { url: location } = await system.rest.ok<{ url: string }>('POST', `/firmwares/${made.id}/link`, {});
      const now = new Date().toISOString();
      const payload =
        version === '1.6' ? { location, retrieveDate: now } : { firmware: { location, retrieveDateTime: now } };
      const answer = await command(system, device.id, 'UpdateFirmware', payload);
      const request = `/devices/${device.id}/requests/${String(answer.request_id)}?wait=20`;
      expect(await system.rest.ok<Json>('GET', request)).toMatchObject({ status: 'complete', detail: 'Installed' });
      const way = ['Downloading', 'Downloaded', 'Installing', ...(version === '1.6' ? [] : ['InstallRebooting'])];
      const { items } = await system.rest.ok<{ items: { statuses: { status: string }[] }[] }>(
        'GET',
        `/devices/${device.id}/firmware-updates`,
      );
      expect(items).toMatchObject([
        { firmware_id: made.id, version: '4.5.6', version_before: '1.0.0', status: 'Installed', signed: false },
      ]);
      expect(items[0]?.statuses.map(({ status }) => status)).toEqual([...way, 'Installed']);
      expect((await system.rest.device(device.id)).firmware_version).toBe('4.5.6');
      const boots = await system.rest.ok<{ items: Json[] }>('GET', `/devices/${device.id}/boots`);
      expect(boots.items[0]).toMatchObject({ firmware_version: '4.5.6', ocpp_version: `ocpp${version}` });
      expect(boots.items.at(-1)).toMatchObject({ firmware_version: '1.0.0' });
    });

    it('that cannot be fetched fails, and a number that nobody gave is refused', async () => {
      const system = get();
      const { device, station } = await simulated(system, '2.1');
      const firmware = {
        location: `${system.rest.url}/firmwares/1/file/none`,
        retrieveDateTime: new Date().toISOString(),
      };
      const answer = await command(system, device.id, 'UpdateFirmware', { firmware, retries: 1, retryInterval: 0 });
      const request = `/devices/${device.id}/requests/${String(answer.request_id)}?wait=10`;
      expect(await system.rest.ok<Json>('GET', request)).toMatchObject({ status: 'failed', detail: 'DownloadFailed' });
      const unknown = station.send('FirmwareStatusNotification', { status: 'Installed', requestId: 2_000_000_002 });
      await expect(unknown).rejects.toMatchObject({ code: 'PropertyConstraintViolation' });
    });
  });

  it('what a charger knows of a customer is told by REST', async () => {
    const system = get();
    const { device, station } = await simulated(system, '2.0.1');
    await system.rest.createIdToken('CUSTOMER-1');
    expect(await station.authorize('CUSTOMER-1')).toBe('Accepted');
    const idToken = { idToken: 'CUSTOMER-1', type: 'Central' };
    const answer = await command(system, device.id, 'CustomerInformation', { idToken, report: true, clear: true });
    const path = `/devices/${device.id}/customer-information/${String(answer.request_id)}`;
    await eventually(async () =>
      expect(await system.rest.ok<Json>('GET', path)).toMatchObject({
        ...{ request_status: 'complete', subject: 'id_token', clear: true },
        data: expect.stringContaining('idToken CUSTOMER-1'),
      }),
    );
  });
}
