/** Files in pieces and the uploads that they belong to, on either database. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import * as q from './index.js';

const operator: q.Actor = { userId: '0193f000-0000-7000-8000-0000000000f0', tenantId: 1, role: 'operator' };
const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n);

export function firmwareContract(get: () => Database): void {
  describe('files and uploads', () => {
    let db: Database;
    let stationId: number;
    let number = 5000;
    beforeAll(async () => {
      db = get();
      const made = await q.createStation(db, operator, { identity: 'FILES-1', securityProfile: 1, secret: null });
      stationId = made?.id ?? 0;
    });
    const asked = async (n: number): Promise<number> => {
      const noted = { stationId, action: 'GetLog', requestId: ++number, payload: {} };
      const request = (await q.createRequest(db, operator, noted)) ?? 0;
      const token = { hash: hash(n), lifetimeMs: 60_000 };
      return q.createLogUpload(db, operator, { stationId, request, logType: 'SecurityLog', location: null, token });
    };
    const written = async (): Promise<number> => {
      const file = await q.beginFile(db, 1);
      await q.writeChunk(db, file, 0, new Uint8Array(q.CHUNK_BYTES).fill(7));
      await q.writeChunk(db, file, 1, new Uint8Array([1, 2, 255]));
      return file;
    };

    it('a piece comes back as it was written', async () => {
      const file = await written();
      expect((await q.readChunk(db, file, 0))?.length).toBe(q.CHUNK_BYTES);
      expect(Array.from((await q.readChunk(db, file, 1)) ?? [])).toEqual([1, 2, 255]);
      expect(await q.readChunk(db, file, 2)).toBeUndefined();
      await q.dropFile(db, file);
      expect(await q.readChunk(db, file, 0)).toBeUndefined();
    });

    it('an upload is one charger at a time, once', async () => {
      const id = await asked(1);
      const tries = await Promise.all(Array.from({ length: 5 }, () => q.claimUpload(db, hash(1))));
      const [upload, ...more] = tries.filter((one) => one !== undefined);
      expect([upload?.id, upload?.stationId, more]).toEqual([id, stationId, []]);
      await q.releaseUpload(db, id);
      const again = await q.claimUpload(db, hash(1));
      if (again === undefined) throw new Error('not open again');
      const received = { file: await written(), sizeBytes: q.CHUNK_BYTES + 3, sha256: hash(9), fileName: 'a.log' };
      expect(await q.receiveUpload(db, again, received)).toBe(true);
      expect(await q.receiveUpload(db, again, { ...received, file: await written() })).toBe(false);
      await q.releaseUpload(db, id);
      expect(await q.claimUpload(db, hash(1))).toBeUndefined();
      expect(await q.claimUpload(db, hash(2))).toBeUndefined();
      const found = await q.getUpload(db, operator, stationId, id);
      expect(found).toMatchObject({ fileName: 'a.log', sizeBytes: q.CHUNK_BYTES + 3, requestId: number });
      expect(await q.getUpload(db, { ...operator, tenantId: 2 }, stationId, id)).toBeUndefined();
    });

    it('a charger that never ends it is not let in for ever', async () => {
      const id = await asked(3);
      for (let n = 0; n < 30; n++) {
        expect(await q.claimUpload(db, hash(3))).toBeDefined();
        await q.releaseUpload(db, id);
      }
      expect(await q.claimUpload(db, hash(3))).toBeUndefined();
    });

    it('goes when its time is over, and its note stays', async () => {
      const id = await asked(4);
      const upload = await q.claimUpload(db, hash(4));
      if (upload === undefined) throw new Error('not open');
      const file = await written();
      await q.receiveUpload(db, upload, { file, sizeBytes: 3, sha256: hash(9), fileName: null });
      await db.query("update log_upload set received_at = now() - interval '9 days' where id = $1::int8", [id]);
      expect(await q.expireUploads(db, 8)).toBe(1);
      expect(await q.readChunk(db, file, 0)).toBeUndefined();
      expect(await q.getUpload(db, operator, stationId, id)).toMatchObject({ file: null, sizeBytes: null });
      await db.query("update stored_file set created_at = now() - interval '3 hours' where completed_at is null");
      expect(await q.sweepFiles(db)).toBeGreaterThan(0);
      expect(await q.sweepFiles(db)).toBe(0);
    });

    it('an older request gives way to a newer one', async () => {
      const ids: number[] = [];
      for (let n = 0; n < 3; n++) {
        const noted = { stationId, action: 'UpdateFirmware', requestId: ++number, payload: {} };
        ids.push((await q.createRequest(db, operator, noted)) ?? 0);
      }
      expect(await q.supersedeRequests(db, stationId, ['UpdateFirmware'], ids[2] as number)).toBe(2);
      const list = await q.listRequests(db, operator, stationId, { limit: 3 });
      expect(list.items.map(({ status, detail }) => [status, detail])).toEqual([
        ['sent', null],
        ['failed', 'Canceled'],
        ['failed', 'Canceled'],
      ]);
    });
  });
}
