/** Certificate requests, security events and questions of ISO 15118, as batches write and read them. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { batch, station, T, view } from '../harness.contract.js';
import { claimCertificateRequests } from '../queries/security.js';
import type { CertificateRequestRow } from './security.js';

export function securityContract(database: () => Database): void {
  let db: Database;
  beforeAll(() => {
    db = database();
  });

  const request = (
    stationId: number,
    csrDigest: string,
    more: Partial<CertificateRequestRow> = {},
  ): CertificateRequestRow => ({
    ...{
      tenantId: 1,
      stationId,
      certificateType: null,
      ocppRequestId: null,
      rootHash: null,
      csr: 'csr',
      csrDigest,
      at: T,
    },
    ...more,
  });
  const write = (...certificateRequest: CertificateRequestRow[]) =>
    batch(db, {}, () => ({ facts: { certificateRequest } }));
  const statuses = (stationId: number) =>
    db.query<{ digest: string; status: string }>(
      'select csr_digest as digest, status from certificate_request where station_id = $1::int8 order by id',
      [stationId],
    );

  describe('a certificate request', () => {
    it('takes the place of the one of its kind that is under way, and of no other', async () => {
      const [one, other] = [await station(db), await station(db)];
      await write(request(one, 'a'), request(one, 'v', { certificateType: 'V2GCertificate' }), request(other, 'a'));
      const rootHash = { hashAlgorithm: 'SHA256', issuerNameHash: 'a', issuerKeyHash: 'b', serialNumber: 'c' };
      await write(request(one, 'b'), request(one, 'c', { ocppRequestId: 7, rootHash }));
      expect(await statuses(one)).toEqual([
        { digest: 'a', status: 'superseded' },
        { digest: 'v', status: 'open' },
        { digest: 'b', status: 'superseded' },
        { digest: 'c', status: 'open' },
      ]);
      expect(await statuses(other)).toEqual([{ digest: 'a', status: 'open' }]);

      await db.query(`update station set serial_number = 'SN' where id = $1::int8`, [one]);
      const keys = ['a', 'c', 'new'].map((digest) => ({ stationId: one, digest }));
      const { found } = await view(db, { looks: { certificateAsker: keys } });
      expect(found.certificateAsker?.get(`${one}/a`)).toMatchObject({ serialNumber: 'SN', status: 'superseded' });
      expect(found.certificateAsker?.get(`${one}/a`)?.endedAt).toBeGreaterThan(0);
      expect(found.certificateAsker?.get(`${one}/c`)).toMatchObject({ status: 'open', endedAt: null });
      expect(found.certificateAsker?.get(`${one}/new`)).toMatchObject({
        serialNumber: 'SN',
        status: null,
        endedAt: null,
      });

      const claimed = await claimCertificateRequests(db, 10, 60_000);
      const own = claimed.filter(({ stationId }) => stationId === one || stationId === other);
      expect(own.map(({ ocppRequestId }) => ocppRequestId ?? 0).sort()).toEqual([0, 0, 7]);
      expect(claimed.find(({ ocppRequestId }) => ocppRequestId === 7)?.rootHash).toEqual(rootHash);
      // Whoever looks meanwhile finds nothing to do.
      expect(await claimCertificateRequests(db, 10, 60_000)).toEqual([]);
    });
  });

  describe('what is told twice', () => {
    it('is kept once, and known by its digest', async () => {
      const stationId = await station(db);
      const event = {
        tenantId: 1,
        stationId,
        type: 'X',
        criticality: 'unknown',
        techInfo: '"\\\n',
        digest: 'd',
      } as const;
      const securityEvent = { ...event, at: T, timeQuality: 'exact', receivedAt: T + 1 };
      const asked = { tenantId: 1, stationId, action: 'GetCertificateStatus', schemaVersion: null, purpose: 'OCSP' };
      const hash = { hashAlgorithm: 'SHA256', issuerNameHash: 'a', issuerKeyHash: 'b', serialNumber: 'c' };
      const answered = { digest: 'i', status: 'Failed', reason: null, receivedAt: T };
      const more = { hash, urls: ['http://a'], maxContracts: 2, emaids: ['DE1'], ...answered };
      const facts = { securityEvent: [securityEvent, securityEvent], iso15118Request: [{ ...asked, ...more }] };
      for (let n = 0; n < 2; n++) await batch(db, {}, () => ({ facts }));
      const rows = await db.query(
        `select e.tech_info as info, date_part('epoch', e.occurred_at) * 1000 as at, i.serial_number as serial, i.urls,
         i.max_contracts, i.emaids
       from security_event e, iso15118_request i where e.station_id = $1::int8 and i.station_id = $1::int8`,
        [stationId],
      );
      expect(rows).toEqual([
        { info: '"\\\n', at: T, serial: 'c', urls: ['http://a'], max_contracts: 2, emaids: ['DE1'] },
      ]);
      const looks = {
        securityEventSeen: [
          { stationId, digest: 'd' },
          { stationId, digest: 'other' },
        ],
        iso15118Seen: [{ stationId, digest: 'i' }],
      };
      const { found } = await view(db, { looks });
      expect([...(found.securityEventSeen ?? [])]).toEqual([[`${stationId}/d`, true]]);
      expect([...(found.iso15118Seen ?? [])]).toEqual([[`${stationId}/i`, true]]);
    });
  });

  describe('a certificate that was issued here', () => {
    it('is found by its serial number and the key of its issuer, and no other is', async () => {
      const stationId = await station(db);
      for (const [source, serial] of [
        ['builtin', 'aa'],
        ['external', 'bb'],
      ])
        await db.query(
          `insert into station_certificate (tenant_id, station_id, source, serial_number, fingerprint, subject, issuer,
           issuer_name_hash, issuer_key_hash, not_before, not_after, chain_pem, revoked_at)
         values (1, $1::int8, $2::text, $3::text, $3::text, '', '', 'name', 'key', now(), now(), '', now())`,
          [stationId, source ?? '', serial ?? ''],
        );
      const keys = ['aa', 'bb', 'cc'].map((serialNumber) => ({ serialNumber, issuerKeyHash: 'key' }));
      const { found } = await view(db, { looks: { issuedCertificate: keys } });
      expect([...(found.issuedCertificate?.keys() ?? [])]).toEqual(['key/aa']);
      expect(found.issuedCertificate?.get('key/aa')).toMatchObject({ issuerNameHash: 'name' });
      expect(found.issuedCertificate?.get('key/aa')?.revokedAt).toBeGreaterThan(0);
    });
  });
}
