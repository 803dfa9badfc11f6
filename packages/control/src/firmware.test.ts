import { constants, createHash, KeyObject, randomBytes, sign, webcrypto } from 'node:crypto';
import { CHUNK_BYTES } from '@sigec/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { X509CertificateGenerator } from './authority/x509.js';
import { FIRMWARE_JOBS } from './background/firmware.js';
import { firmwareImage } from './command/firmware-link.js';
import { firmwareOrder } from './command/firmware-order.js';
import { type Harness, type Json, result, startHarness } from './testing/harness.js';

const MAX = 3 * CHUNK_BYTES;
const BASE = 'http://charge.example';
let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 1, publicUrl: `${BASE}/`, uploadMaxBytes: MAX });
});
afterAll(() => h.close());

let count = 0;
/** A station of a version, and what it was sent. */
async function station(version: string, answer: Json = { status: 'Accepted' }) {
  const identity = `FW-${++count}`;
  const id = await h.station(identity, version);
  const { sent } = h.edge(identity, () => result(answer));
  const command = (action: string, body: Json) =>
    h.call('POST', `/api/v1/devices/${id}/commands/${action}`, { as: 'operator', body });
  const get = (path: string, as: 'operator' | 'stranger' = 'operator') =>
    h.call('GET', `/api/v1/devices/${id}${path}`, { as });
  return { id, sent, command, get };
}

const send = (
  path: string,
  body: Uint8Array | string,
  init: { method?: string; headers?: Record<string, string> } = {},
) => h.app.request(path, { method: 'PUT', ...init, body: body as Uint8Array<ArrayBuffer> });
const pathOf = (url: unknown): string => String(url).replace(BASE, '');

/** A log that was asked for, and the address that the charger was given. */
async function asked(version = 'ocpp2.0.1') {
  const s = await station(version, { status: 'Accepted', filename: '../x/station.log' });
  const answer = await s.command('GetLog', { logType: 'DiagnosticsLog', log: {} });
  const { log } = (s.sent[0]?.payload ?? {}) as { log: { remoteLocation: string } };
  return { ...s, answer, path: pathOf(log.remoteLocation), uploadId: String(answer.json.upload_id) };
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}
const download = (id: string, upload: string, headers: Record<string, string> = {}) =>
  h.app.request(`/api/v1/devices/${id}/uploads/${upload}/file`, {
    headers: { authorization: `Bearer ${h.tokens.operator}`, ...headers },
  });

describe('a log', () => {
  it('comes by an address that was made for it, and is given back byte for byte', async () => {
    const { id, answer, path, uploadId, get } = await asked();
    expect(answer.json).toMatchObject({ status: 'answered', request_id: expect.any(Number), upload_id: uploadId });
    expect(path).toMatch(/^\/uploads\/[\w-]{43}$/);
    const log = randomBytes(2 * CHUNK_BYTES + 17);
    const received = await send(path, log);
    const sha256 = createHash('sha256').update(log).digest('hex');
    expect([received.status, await received.json()]).toEqual([
      201,
      { status: 'received', size_bytes: log.length, sha256 },
    ]);
    const list = await get('/uploads');
    expect(list.json.items).toMatchObject([
      { id: uploadId, action: 'GetLog', log_type: 'DiagnosticsLog', size_bytes: log.length, sha256, location: null },
    ]);
    expect((await get(`/uploads/${uploadId}`)).json).toMatchObject({ file_name: 'station.log' });
    const file = await download(id, uploadId);
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="station.log"; filename*=UTF-8''station.log`,
    );
    expect(file.headers.get('x-content-type-options')).toBe('nosniff');
    expect(file.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await bytesOf(file)).equals(log)).toBe(true);
    const part = await download(id, uploadId, { range: `bytes=${CHUNK_BYTES - 5}-${CHUNK_BYTES + 4}` });
    expect([part.status, part.headers.get('content-range')]).toEqual([
      206,
      `bytes ${CHUNK_BYTES - 5}-${CHUNK_BYTES + 4}/${log.length}`,
    ]);
    expect((await bytesOf(part)).equals(log.subarray(CHUNK_BYTES - 5, CHUNK_BYTES + 5))).toBe(true);
    expect((await download(id, uploadId, { range: 'bytes=9999999-' })).status).toBe(416);
    expect((await get(`/uploads/${uploadId}/file`, 'stranger')).status).toBe(404);
    const events = await h.db.query<{ payload: Json }>("select payload from outbox where kind = 'upload.received'");
    expect(events.at(-1)?.payload).toMatchObject({ device_id: id, upload_id: uploadId, size_bytes: log.length });
  });

  it('comes once, by whatever name is put behind, and the address reads nothing', async () => {
    const { id, path, uploadId } = await asked();
    expect((await h.app.request(path)).status).toBe(405);
    expect((await send(`${path}/${encodeURIComponent('../../passwd')}`, 'one', { method: 'POST' })).status).toBe(201);
    for (const again of [path, `${path}/b.log`]) expect((await send(again, 'two')).status).toBe(404);
    expect((await bytesOf(await download(id, uploadId))).toString()).toBe('one');
    const other = await send(`/uploads/${'A'.repeat(43)}`, 'x');
    expect([other.status, ((await other.json()) as Json).instance]).toEqual([404, '/uploads/***']);
  });

  it('comes as a form too', async () => {
    const { id, path, uploadId, get } = await asked('ocpp1.6');
    const log = randomBytes(CHUNK_BYTES + 100);
    const form = new FormData();
    form.append('note', 'not the file');
    form.append('file', new Blob([log as Uint8Array<ArrayBuffer>]), 'from a form.log');
    const response = await h.app.request(path, { method: 'POST', body: form });
    expect(response.status).toBe(201);
    expect((await bytesOf(await download(id, uploadId))).equals(log)).toBe(true);
    expect((await get(`/uploads/${uploadId}`)).json).toMatchObject({ file_name: 'from a form.log' });
  });

  it('is refused over its size, empty, in a broken form, or late; and may be tried again where it broke', async () => {
    const { path, uploadId, id } = await asked();
    expect((await send(path, randomBytes(MAX + 1))).status).toBe(413);
    expect((await send(path, 'x', { headers: { 'content-length': String(MAX * 2) } })).status).toBe(413);
    expect((await send(path, '')).status).toBe(422);
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    expect(
      (await send(path, '--b\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\nx', { headers })).status,
    ).toBe(422);
    expect((await send(path, '--b--\r\n', { headers })).status).toBe(422);
    expect(await h.db.query('select 1 from stored_file where completed_at is null')).toEqual([]);
    expect((await download(id, uploadId)).status).toBe(404);
    await h.db.query("update log_upload set expires_at = now() - interval '1 second' where id = $1::int8", [
      Number(uploadId),
    ]);
    expect((await send(path, 'late')).status).toBe(404);
    await h.db.query("update log_upload set expires_at = now() + interval '1 hour' where id = $1::int8", [
      Number(uploadId),
    ]);
    expect((await send(path, randomBytes(MAX))).status).toBe(201);
  });

  it('goes elsewhere where whoever asks names a place, and nowhere where the charger says no', async () => {
    const s = await station('ocpp2.0.1', { status: 'Rejected' });
    const remoteLocation = 'ftp://me:secret-word@logs.example/';
    await s.command('GetLog', { logType: 'SecurityLog', log: { remoteLocation } });
    expect(s.sent[0]?.payload).toMatchObject({ log: { remoteLocation } });
    await s.command('GetLog', { logType: 'SecurityLog', log: {} });
    const { log } = (s.sent[1]?.payload ?? {}) as { log: { remoteLocation: string } };
    expect((await send(pathOf(log.remoteLocation), 'x')).status).toBe(404);
    expect((await s.get('/uploads')).json.items).toMatchObject([
      { location: null, request_status: 'rejected' },
      { location: 'ftp://***@logs.example/', expires_at: null },
    ]);
  });

  it('of 1.6 comes for GetDiagnostics', async () => {
    const s = await station('ocpp1.6', { fileName: 'diag.zip' });
    const answer = await s.command('GetDiagnostics', {});
    expect((await send(`${pathOf(s.sent[0]?.payload.location)}/diag.zip`, 'zip')).status).toBe(201);
    expect((await s.get(`/uploads/${answer.json.upload_id}`)).json).toMatchObject({
      ...{ action: 'GetDiagnostics', log_type: 'Diagnostics', file_name: 'diag.zip', size_bytes: 3 },
    });
    // Another one takes its place: what comes next is of the newest.
    const second = await s.command('GetDiagnostics', {});
    const requests = (await s.get('/requests')).json.items as Json[];
    expect(requests.map(({ request_id, status }) => [request_id, status])).toEqual([
      [second.json.request_id, 'accepted'],
      [answer.json.request_id, 'failed'],
    ]);
  });

  it('leaves its address nowhere', async () => {
    const { path } = await asked();
    const token = path.split('/').at(-1) as string;
    await send(path, 'x');
    await send(path, 'y');
    await h.app.request(`${path}/a/b/c`);
    expect(h.log()).not.toContain(token);
    expect(h.log()).toContain('/uploads/***');
    const rows = await h.db.query<{ text: string }>('select payload::text as text from station_request');
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(rows)).not.toContain('secret-word');
  });
});

describe('an image', () => {
  const create = (body: Json) => h.call('POST', '/api/v1/firmwares', { as: 'operator', body });
  const put = (id: unknown, bytes: Uint8Array | string, query = '') =>
    send(`/api/v1/firmwares/${id}/file${query}`, bytes, { headers: { authorization: `Bearer ${h.tokens.operator}` } });

  it('is uploaded once, and fetched by a link that expires', async () => {
    const made = await create({ version: '2.1', vendor: 'V', model: 'M', file_name: 'a/b/fw 2.bin' });
    expect([made.status, made.json]).toMatchObject([201, { status: 'empty', file_name: 'fw 2.bin', size_bytes: null }]);
    const { id } = made.json;
    const bytes = randomBytes(CHUNK_BYTES + 1);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect((await put(id, bytes, `?sha256=${'0'.repeat(64)}`)).status).toBe(422);
    expect((await put(id, bytes, `?sha256=${sha256}`)).status).toBe(200);
    expect((await put(id, bytes)).status).toBe(409);
    const link = await h.call('POST', `/api/v1/firmwares/${id}/link`, { as: 'operator', body: { hours: 1 } });
    const path = pathOf(link.json.url);
    expect(path).toMatch(/^\/firmwares\/\d+\/file\/[\w-]{40}\/fw%202\.bin$/);
    const fetched = await h.app.request(path);
    expect((await bytesOf(fetched)).equals(bytes)).toBe(true);
    expect((await h.app.request(path.replace(/\/[^/]+$/, ''), { headers: { range: 'bytes=-1' } })).status).toBe(206);
    expect((await h.app.request(path, { method: 'HEAD' })).headers.get('content-length')).toBe(String(bytes.length));
    const forged = path.replace(/file\/./, (text) => `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`);
    expect((await h.app.request(forged)).status).toBe(404);
    expect(h.log()).not.toContain(path.split('/')[4]);
    expect((await h.call('DELETE', `/api/v1/firmwares/${id}`, { as: 'admin' })).json).toMatchObject({
      status: 'removed',
    });
    expect((await h.app.request(path)).status).toBe(404);
  });

  it('with a signature takes only the file that it is of', async () => {
    const bad = await create({ version: '3', signature: 'AAAA', signing_certificate: 'no certificate' });
    expect([bad.status, bad.json.errors]).toMatchObject([422, [{ field: 'signing_certificate' }]]);
    expect((await create({ version: '3', signature: 'AAAA' })).status).toBe(422);
    const ec = { name: 'ECDSA', namedCurve: 'P-256' };
    const pss = { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
    for (const algorithm of [ec, pss]) {
      const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
      const signingAlgorithm = { ...algorithm, hash: 'SHA-256', saltLength: 32 };
      const certificate = await X509CertificateGenerator.createSelfSigned({ name: 'CN=maker', keys, signingAlgorithm });
      const key = KeyObject.from(keys.privateKey);
      const padding = algorithm === pss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
      const signature = sign('sha256', Buffer.from('the image'), { key, ...padding }).toString('base64');
      const made = await create({ version: '3', signature, signing_certificate: certificate.toString('pem') });
      expect([made.status, made.json.signed]).toEqual([201, true]);
      const wrong = await put(made.json.id, 'another');
      expect([wrong.status, ((await wrong.json()) as Json).errors]).toMatchObject([422, [{ field: 'signature' }]]);
      expect((await put(made.json.id, 'the image')).status).toBe(200);
    }
  });

  it('is ordered in the words of each version, and an update stands with all that was said', async () => {
    const { id } = (await create({ version: '9.9' })).json;
    await put(id, 'firmware');
    const actor = { userId: h.userIds.operator, tenantId: 1, role: 'operator' } as const;
    const when = new Date(Date.now() + 60_000);
    const services = { db: h.db, config: h.deps.config };
    const image = await firmwareImage(services, actor, Number(id), when);
    await expect(firmwareImage(services, { ...actor, tenantId: 2 }, Number(id), when)).rejects.toThrow();
    for (const version of ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'] as const) {
      const s = await station(version, version === 'ocpp1.6' ? {} : { status: 'Accepted' });
      const { action, payload } = firmwareOrder(version, image, { retrieveAt: when, retries: 2 });
      const sent = await s.command(action, payload as Json);
      expect(sent.status).toBe(200);
      const list = await s.get('/firmware-updates');
      expect(list.json.items).toMatchObject([
        {
          request_id: sent.json.request_id,
          ...{ action: 'UpdateFirmware', firmware_id: id, version: '9.9', retries: 2, signed: false, statuses: [] },
          ...{ retrieve_at: when.toISOString(), location: `${BASE}/firmwares/${id}/file/***/firmware.bin` },
        },
      ]);
      // A second one: in 1.6 it takes the place of the first.
      await s.command(action, payload as Json);
      const requests = (await s.get('/requests')).json.items as Json[];
      expect(requests.map(({ status }) => status)).toEqual(['accepted', version === 'ocpp1.6' ? 'failed' : 'accepted']);
    }
  });
});

describe('the rest', () => {
  it('a publication is noted, and withdrawn', async () => {
    const s = await station('ocpp2.0.1', { status: 'Accepted' });
    await s.command('PublishFirmware', { location: 'https://x.example/fw', checksum: 'AB12' });
    expect((await s.get('/firmware-publications')).json.items).toMatchObject([
      { checksum: 'ab12', unpublished_at: null },
    ]);
    const gone = await station('ocpp2.0.1', { status: 'Unpublished' });
    await h.db.query('update firmware_publication set station_id = $1::int8', [Number(gone.id)]);
    await gone.command('UnpublishFirmware', { checksum: 'AB12' });
    expect((await gone.get('/firmware-publications')).json.items).toMatchObject([
      { unpublished_at: expect.any(String) },
    ]);
  });

  it('a customer is named by one thing, told of, and forgotten', async () => {
    const s = await station('ocpp2.0.1');
    const none = await s.command('CustomerInformation', { report: true, clear: false });
    expect([none.status, none.json.errors]).toMatchObject([422, [{ field: 'customerIdentifier' }]]);
    const sent = await s.command('CustomerInformation', { report: true, clear: true, customerIdentifier: 'Ana Maria' });
    const path = `/customer-information/${sent.json.request_id}`;
    const [row] = await h.db.query<{ id: number }>('select id from station_request order by id desc limit 1');
    for (const [seq, data] of ['na', 'me'].entries())
      await h.db.query(
        'insert into station_request_part (request, seq_no, items, received_at) values ($1::int8, $2::int4, $3::text::jsonb, now())',
        [row?.id ?? 0, seq, JSON.stringify([data])],
      );
    expect((await s.get(path)).json).toMatchObject({ subject: 'identifier', report: true, clear: true, data: 'name' });
    expect((await s.get(path, 'stranger')).status).toBe(404);
    await h.db.query("update customer_information set created_at = now() - interval '91 days'");
    const [job] = FIRMWARE_JOBS;
    expect(await job?.run(h.services, new AbortController().signal)).toBe(true);
    expect((await s.get(path)).status).toBe(404);
    expect(await h.db.query('select * from station_request_part')).toEqual([]);
  });

  it('without an address of our own, whoever asks must name a place', async () => {
    const alone = await startHarness({ offlineGraceMs: 1 });
    try {
      const id = await alone.station('LONELY', 'ocpp1.6');
      const answer = await alone.call('POST', `/api/v1/devices/${id}/commands/GetDiagnostics`, {
        as: 'operator',
        body: {},
      });
      expect([answer.status, answer.json.errors]).toMatchObject([422, [{ field: 'location' }]]);
    } finally {
      await alone.close();
    }
  });

  it('files that were left are swept away, and old logs go', async () => {
    const { path, uploadId, id } = await asked();
    await send(path, 'old');
    await h.db.query("update log_upload set received_at = now() - interval '91 days' where id = $1::int8", [
      Number(uploadId),
    ]);
    await h.db.query("insert into stored_file (tenant_id, created_at) values (1, now() - interval '3 hours')");
    const [job] = FIRMWARE_JOBS;
    expect(await job?.run(h.services, new AbortController().signal)).toBe(true);
    expect(await job?.run(h.services, new AbortController().signal)).toBe(false);
    expect((await download(id, uploadId)).status).toBe(404);
    expect(await h.db.query('select 1 from stored_file where completed_at is null')).toEqual([]);
  });
});
