/** For the test of the rules: an image with its file and its link, uploads to be made and made, and a customer's data. */
import {
  type Actor,
  beginFile,
  createCustomerInformation,
  createFirmware,
  createLogUpload,
  createRequest,
  nextRequestId,
  putFirmwareFile,
  writeChunk,
} from '@sigec/store';
import { firmwareToken, newUploadToken } from '../files/token.js';
import type { Harness } from './harness.js';

const HOUR_MS = 3_600_000;

export function firmwareSeeds(get: () => Harness): Readonly<Record<string, (station: number) => Promise<string>>> {
  let image = 0;
  const actor = (): Actor => ({ userId: get().userIds.admin, tenantId: 1, role: 'admin' });
  const described = async (): Promise<number> => {
    const names = { version: '2.0', vendor: null, model: null, fileName: 'fw.bin' };
    return (await createFirmware(get().db, actor(), { ...names, signature: null, signingCertificate: null })).id;
  };
  const file = async () => {
    const { db } = get();
    const id = await beginFile(db, 1);
    await writeChunk(db, id, 0, Buffer.from('bytes'));
    return { file: id, sizeBytes: 5, sha256: new Uint8Array(32) };
  };
  const request = async (stationId: number, action: string) => {
    const { db } = get();
    const requestId = await nextRequestId(db);
    const id = await createRequest(db, actor(), { stationId, action, requestId, payload: {} });
    return { requestId, request: id ?? 0 };
  };
  const upload = async (stationId: number) => {
    const made = newUploadToken();
    const { request: noted } = await request(stationId, 'GetLog');
    const token = { hash: made.hash, lifetimeMs: HOUR_MS };
    const log = { stationId, request: noted, logType: 'DiagnosticsLog', location: null, token };
    return { id: await createLogUpload(get().db, actor(), log), token: made.token };
  };
  const token = async (station: number) => (await upload(station)).token;
  return {
    image: async () => {
      image = await described();
      await putFirmwareFile(get().db, actor(), image, await file());
      return String(image);
    },
    image_token: async () => firmwareToken(get().deps.config.jwtSecret, image, Date.now() + HOUR_MS),
    image_blank: async () => String(await described()),
    image_gone: async () => String(await described()),
    upload: async (station) => {
      const { id } = await upload(station);
      const { file: bytes } = await file();
      await get().db.query('update stored_file set size_bytes = 5, completed_at = now() where id = $1::int8', [bytes]);
      await get().db.query('update log_upload set file = $2::int8, received_at = now() where id = $1::int8', [
        id,
        bytes,
      ]);
      return String(id);
    },
    upload_put: token,
    upload_post: token,
    upload_put_named: token,
    upload_post_named: token,
    customer: async (stationId) => {
      const { request: noted, requestId } = await request(stationId, 'CustomerInformation');
      const asked = { report: true, clear: false, subject: 'identifier' as const };
      await createCustomerInformation(get().db, actor(), { request: noted, stationId, ...asked });
      return String(requestId);
    },
  };
}
