import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Version } from './index.js';
import { closeAll, startCsms, startStation } from './testing/setup.js';

const VERSIONS: readonly Version[] = ['1.6', '2.0.1', '2.1'];
const IMAGE = 'SIM IMAGE\nfirmwareVersion=7.1.0\n';

let server: Server | undefined;
afterEach(async () => {
  await closeAll();
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
  server = undefined;
});

/** A place for files; `failures` is how many requests it refuses at first. */
async function files(failures = 0) {
  const put: { url: string; body: Buffer }[] = [];
  let left = failures;
  let gets = 0;
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      if (request.method === 'GET') gets += 1;
      if (left-- > 0) return response.writeHead(503).end();
      if (request.method === 'PUT') put.push({ url: request.url ?? '', body: Buffer.concat(pieces) });
      return response.writeHead(200).end(request.method === 'PUT' ? '' : IMAGE);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { base: `http://127.0.0.1:${port}`, put, gets: () => gets };
}

async function booted(version: Version, options: Parameters<typeof startStation>[1] = {}) {
  const csms = await startCsms(version);
  const station = startStation(csms, { firmware: { delayMs: 1 }, ...options });
  await station.boot();
  const words = (action: string) => csms.of(action).map((r) => r.payload.status);
  return { csms, station, words, old: version === '1.6' };
}

const update = (old: boolean, location: string, more: object = {}) =>
  old
    ? { location, retrieveDate: new Date().toISOString(), ...more }
    : { requestId: 5, firmware: { location, retrieveDateTime: new Date().toISOString() }, ...more };

describe.each(VERSIONS)('a station of %s', (version) => {
  it('brings its log where it is wanted, byte for byte', async () => {
    const { csms, station, words } = await booted(version);
    const { base, put } = await files();
    const uploaded = once(station, 'uploaded') as Promise<[string, Buffer]>;
    await csms.call('GetLog', { log: { remoteLocation: `${base}/x` }, logType: 'DiagnosticsLog', requestId: 3 });
    await csms.until(() => words('LogStatusNotification').length === 2);
    expect(words('LogStatusNotification')).toEqual(['Uploading', 'Uploaded']);
    const [, bytes] = await uploaded;
    expect(put).toEqual([{ url: '/x', body: bytes }]);
    expect(bytes.toString()).toContain('BootNotification');
    expect(csms.violations).toEqual([]);
  });

  it('tries again as often as it was told, and then says that it failed', async () => {
    const { csms, words } = await booted(version);
    const { base } = await files(2);
    const log = {
      log: { remoteLocation: base },
      logType: 'DiagnosticsLog',
      requestId: 3,
      retries: 1,
      retryInterval: 0,
    };
    await csms.call('GetLog', log);
    await csms.until(() => words('LogStatusNotification').length === 2);
    await csms.call('GetLog', { ...log, requestId: 4 });
    await csms.until(() => words('LogStatusNotification').length === 4);
    expect(words('LogStatusNotification')).toEqual(['Uploading', 'UploadFailure', 'Uploading', 'Uploaded']);
  });

  it('fetches firmware, boots with it, and says so', async () => {
    const { csms, words, old } = await booted(version);
    const { base, gets } = await files(1);
    await csms.call('UpdateFirmware', update(old, `${base}/fw.bin`, { retries: 1, retryInterval: 0 }));
    await csms.until(() => words('FirmwareStatusNotification').includes('Installed'));
    const way = ['Downloading', 'Downloaded', 'Installing', ...(old ? [] : ['InstallRebooting']), 'Installed'];
    expect(words('FirmwareStatusNotification')).toEqual(way);
    expect(gets()).toBe(2);
    const boot = csms.of('BootNotification').at(-1)?.payload as Record<string, unknown>;
    const told = old ? boot : (boot.chargingStation as Record<string, unknown>);
    expect(told.firmwareVersion).toBe('7.1.0');
    if (!old) expect(boot.reason).toBe('FirmwareUpdate');
    expect(csms.violations).toEqual([]);
  });

  it('fails where its options say so, as often as they say', async () => {
    for (const fail of ['DownloadFailed', 'InstallationFailed'] as const) {
      const { csms, words, old } = await booted(version, { firmware: { failures: 1, fail, times: 1, delayMs: 1 } });
      await csms.call('UpdateFirmware', update(old, 'ftp://x.example/fw'));
      await csms.until(() => words('FirmwareStatusNotification').includes(fail));
      await csms.call('UpdateFirmware', update(old, 'ftp://x.example/fw'));
      await csms.until(() => words('FirmwareStatusNotification').includes('Installed'));
    }
  });

  it('does not install what is not signed as it says', async () => {
    const { csms, words, old } = await booted(version);
    const { base } = await files();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signature = sign('sha256', Buffer.from(IMAGE), privateKey).toString('base64');
    const firmware = {
      ...{ location: base, retrieveDateTime: new Date().toISOString(), signature, signingCertificate: 'none' },
    };
    const action = old ? 'SignedUpdateFirmware' : 'UpdateFirmware';
    const told = old ? 'SignedFirmwareStatusNotification' : 'FirmwareStatusNotification';
    await csms.call(action, { requestId: 9, firmware });
    await csms.until(() => words(told).includes('InvalidSignature'));
    expect(csms.of(told).map((r) => r.payload.requestId)).toEqual([9, 9, 9]);
  });
});

describe('a station of 1.6 without the security extension', () => {
  it('brings its diagnostics into the folder that it was told', async () => {
    const { csms, station, words } = await booted('1.6');
    const { base, put } = await files();
    const uploaded = once(station, 'uploaded') as Promise<[string, Buffer]>;
    expect(await csms.call('GetDiagnostics', { location: `${base}/folder/` })).toEqual({ fileName: 'SIM-1.log' });
    await csms.until(() => words('DiagnosticsStatusNotification').length === 2);
    expect(words('DiagnosticsStatusNotification')).toEqual(['Uploading', 'Uploaded']);
    expect(put).toEqual([{ url: '/folder/SIM-1.log', body: (await uploaded)[1] }]);
    const refused = await files(9);
    await csms.call('GetDiagnostics', { location: refused.base });
    await csms.until(() => words('DiagnosticsStatusNotification').includes('UploadFailed'));
  });
});

describe('a local controller', () => {
  it('publishes what has the sum it should have, and withdraws it', async () => {
    const { csms, words } = await booted('2.0.1');
    const { base } = await files();
    const checksum = createHash('md5').update(IMAGE).digest('hex');
    const action = 'PublishFirmwareStatusNotification';
    await csms.call('PublishFirmware', { location: base, checksum: '0'.repeat(32), requestId: 1 });
    await csms.until(() => words(action).includes('InvalidChecksum'));
    await csms.call('PublishFirmware', { location: base, checksum, requestId: 2 });
    await csms.until(() => words(action).includes('Published'));
    expect(csms.of(action).at(-1)?.payload).toMatchObject({
      requestId: 2,
      location: [expect.stringContaining(checksum)],
    });
    expect(await csms.call('UnpublishFirmware', { checksum })).toEqual({ status: 'Unpublished' });
    expect(await csms.call('UnpublishFirmware', { checksum })).toEqual({ status: 'NoFirmware' });
    expect(csms.violations).toEqual([]);
  });
});

it('tells what it knows of a customer, and forgets it', async () => {
  const { csms, station, words } = await booted('2.1');
  expect(words('NotifyCustomerInformation')).toEqual([]);
  await station.authorize('CARD');
  const ask = { idToken: { idToken: 'CARD', type: 'Central' }, report: true, clear: true };
  expect(await csms.call('CustomerInformation', { requestId: 1, report: true, clear: false })).toEqual({
    status: 'Invalid',
  });
  for (const requestId of [1, 2])
    expect(await csms.call('CustomerInformation', { ...ask, requestId })).toEqual({ status: 'Accepted' });
  const told = () => csms.of('NotifyCustomerInformation').map((r) => [r.payload.requestId, r.payload.data]);
  await csms.until(() => told().length === 2);
  expect(told()).toEqual([
    [1, expect.stringContaining('idToken CARD: Accepted')],
    [2, ''],
  ]);
  expect(csms.violations).toEqual([]);
});
