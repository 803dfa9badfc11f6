/** Certificates, from a request to the charger's hands and back: issued, sent, kept, revoked, installed. */
import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics } from '@sigec/runtime';
import { schema } from '@sigec/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createControl } from './app.js';
import { Authorities } from './authority/authorities.js';
import { pemBlock } from './authority/x509.js';
import { certificates } from './background/certificates.js';
import { SECURITY_JOBS } from './background/security.js';
import type { Services } from './context.js';
import { seal, unseal } from './sealed.js';
import { asked, EC, P384, RSA } from './testing/certificate-request.js';
import { type Harness, type Json, result, startHarness } from './testing/harness.js';

let h: Harness;
let services: Services;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 1, commandTimeoutMs: 2000 });
  services = createControl({ ...h.deps, metrics: createMetrics('control') }).services;
});
afterAll(() => h.close());

const never = new AbortController().signal;
/** What the job of one process does when it looks. */
const look = (of: Services = services) => certificates.run(of, never);
const due = () =>
  h.db.query("update certificate_request set next_at = now() - interval '1 second' where ended_at is null");

let count = 0;
async function device(version = 'ocpp2.0.1', online = true) {
  const identity = `CERT ${++count}`;
  const id = await h.station(identity, version);
  if (online) await h.db.query('update station set online = true where id = $1::int8', [Number(id)]);
  return { identity, id };
}

async function request(id: string, csr: string, more: Json = {}) {
  const row = { csrDigest: createHash('sha256').update(csr).digest('hex'), status: 'open', ...more } as const;
  await h.db.orm
    .insert(schema.certificateRequest)
    .values({ tenantId: 1, stationId: Number(id), csr, createdAt: new Date(), ...row } as never);
}

interface Listed {
  readonly requests: Json[];
  readonly issued: Json[];
  readonly installed: Json[];
}
async function listed(id: string): Promise<Listed> {
  const { json } = await h.call('GET', `/api/v1/devices/${id}/certificates`, { as: 'operator' });
  return json as unknown as Listed;
}
const ca = async (): Promise<X509Certificate> => {
  const { json } = await h.call('GET', '/api/v1/certificates/ca', { as: 'operator' });
  return new X509Certificate(String(json.certificate_chain));
};
const send = (id: string, action: string, body: Json) =>
  h.call('POST', `/api/v1/devices/${id}/commands/${action}`, { as: 'operator', body });

describe('a request for a certificate', () => {
  it.each([
    ['EC P-256', EC],
    ['EC P-384', P384],
    ['RSA 2048', RSA],
  ])(
    'with a key of %s ends with a certificate that the charger took and the authority signed',
    async (_, algorithm) => {
      const { identity, id } = await device();
      const edge = h.edge(identity, () => result({ status: 'Accepted' }));
      const { csr, key } = await asked('SN-1', algorithm);
      await request(id, csr, { certificateType: 'ChargingStationCertificate' });
      await look();
      expect(edge.sent).toMatchObject([
        { action: 'CertificateSigned', payload: { certificateType: 'ChargingStationCertificate' } },
      ]);
      const sent = new X509Certificate(String(edge.sent[0]?.payload.certificateChain));
      const authority = await ca();
      expect(sent.checkIssued(authority) && sent.verify(authority.publicKey)).toBe(true);
      const { createPrivateKey } = await import('node:crypto');
      expect(sent.checkPrivateKey(createPrivateKey(key))).toBe(true);
      expect(sent.subject).toBe(`O=Rede\nCN=${identity}`);
      expect(sent.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
      expect(sent.ca).toBe(false);
      const { requests, issued } = await listed(id);
      expect(requests).toMatchObject([{ status: 'installed', detail: 'Accepted', ended_at: expect.any(String) }]);
      expect(issued).toMatchObject([{ source: 'builtin', delivered_at: expect.any(String), revoked_at: null }]);
      expect(issued[0]?.serial_number).toBe(sent.serialNumber.toLowerCase());
      edge.stop();
    },
  );

  it('waits for a charger that is away, and keeps the certificate that was issued', async () => {
    const { identity, id } = await device('ocpp1.6', false);
    await request(id, (await asked(identity)).csr);
    await look();
    const before = await listed(id);
    expect(before.requests).toMatchObject([
      { status: 'signed', detail: 'charger-offline', attempts: expect.any(Number) },
    ]);
    // Not due yet: nothing is done.
    await look();
    expect((await listed(id)).requests).toEqual(before.requests);
    await h.db.query('update station set online = true where id = $1::int8', [Number(id)]);
    // Online, and still nobody there; then the charger is back.
    await due();
    await look();
    expect((await listed(id)).requests).toMatchObject([{ status: 'signed', detail: 'charger-offline' }]);
    const edge = h.edge(identity, () => result({ status: 'Accepted' }));
    await due();
    await look();
    expect(edge.sent[0]?.payload).toEqual({ certificateChain: before.issued[0]?.pem });
    const after = await listed(id);
    expect([after.requests[0]?.status, after.issued.length]).toEqual(['installed', 1]);
    edge.stop();
  });

  it('is shown where the charger refuses, answers an error, or the request is not signed by its own key', async () => {
    const { identity, id } = await device('ocpp2.1');
    const answers = [
      () => result({ status: 'Rejected' }),
      () => ({ status: 'error', code: 'InternalError', description: '', details: '{}' }) as const,
    ];
    const edge = h.edge(identity, () => answers.shift()?.());
    for (const requestId of [41, 42]) {
      await request(id, (await asked(identity)).csr, { ocppRequestId: requestId });
      await look();
    }
    expect(edge.sent.map(({ payload }) => payload.requestId)).toEqual([41, 42]);
    const { csr } = await asked(identity);
    const der = Buffer.from(csr.replace(/-----.*-----/g, ''), 'base64');
    der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1;
    await request(id, pemBlock('CERTIFICATE', der).replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'));
    await request(id, (await asked(identity)).csr, { certificateType: 'V2GCertificate' });
    await look();
    const { requests } = await listed(id);
    expect(requests.map(({ status, detail }) => [status, detail])).toEqual([
      ['failed', 'no authority for ISO 15118 is configured'],
      ['failed', 'the request is not signed by its own key'],
      ['refused', 'charger-error'],
      ['refused', 'Rejected'],
    ]);
    expect(edge.sent).toHaveLength(2);
    edge.stop();
  });

  it('is taken up by another process where one ends in the middle', async () => {
    const { identity, id } = await device();
    await request(id, (await asked(identity)).csr);
    // A process that claims it and ends.
    await h.db.query("update certificate_request set next_at = now() + interval '45 seconds' where ended_at is null");
    await look();
    expect((await listed(id)).requests).toMatchObject([{ status: 'open' }]);
    await due();
    const other = createControl({ ...h.deps, metrics: createMetrics('other') }).services;
    const edge = h.edge(identity, () => result({ status: 'Accepted' }));
    // Two at once: one of them works on it.
    await Promise.all([look(), look(other)]);
    expect(edge.sent).toHaveLength(1);
    expect((await listed(id)).requests).toMatchObject([{ status: 'installed' }]);
    edge.stop();
  });
});

describe('upkeep', () => {
  it('drops what is old, and nothing else', async () => {
    const { id } = await device();
    await request(id, 'old', { status: 'refused', endedAt: new Date(Date.now() - 91 * 86_400_000) });
    await request(id, 'new', { status: 'refused', endedAt: new Date() });
    const upkeep = SECURITY_JOBS.find(({ name }) => name === 'security-upkeep');
    expect(await upkeep?.run(services, never)).toBe(false);
    expect((await listed(id)).requests).toHaveLength(1);
  });
});

describe('the kept authority', () => {
  it('is one for all processes, its key encrypted under the secret of the installation', async () => {
    const secret = 's'.repeat(40);
    const all = await Promise.all([1, 2, 3].map(() => new Authorities(h.db, secret).builtIn()));
    expect(new Set(all.map((one) => one?.chain[0].node.fingerprint256)).size).toBe(1);
    const rows = await h.db.query<{ box: Uint8Array }>('select key_box as box from certificate_authority');
    expect(rows).toHaveLength(1);
    const box = rows[0]?.box ?? new Uint8Array();
    expect(Buffer.from(box).toString('latin1')).not.toContain('PRIVATE');
    expect(unseal(secret, 'authority', box)).toContain('BEGIN PRIVATE KEY');
    expect(() => unseal('another secret of forty characters ......', 'authority', box)).toThrow('another JWT_SECRET');
    await expect(new Authorities(h.db, 't'.repeat(40)).builtIn()).rejects.toThrow('JWT_SECRET');
    const changed = Uint8Array.from(seal(secret, 'authority', 'hidden'), (byte, n) => (n === 46 ? byte ^ 1 : byte));
    expect(() => unseal(secret, 'authority', changed)).toThrow();
  });

  it('may be of files; a wrong one is named by its setting', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sigec-ca-'));
    const at = (name: string) => join(folder, name);
    const subject = ['-subj', '/CN=own ca', '-days', '2'];
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1', '-nodes', '-batch'];
    execFileSync('openssl', ['req', '-x509', ...ec, '-keyout', at('key'), '-out', at('cert'), ...subject], {
      stdio: 'pipe',
    });
    const own = new Authorities(h.db, 'x', { files: { certificate: at('cert'), key: at('key') }, days: 9000 });
    const { csr } = await asked('ANY');
    const issued = await (await own.issuer()).issue({ csr, identity: 'ANY', certificateType: null }, never);
    writeFileSync(at('leaf'), issued.chainPem);
    const crl = await (await own.builtIn())?.revocationList([]);
    writeFileSync(at('crl'), String(crl));
    const verify = [
      'verify',
      '-purpose',
      'sslclient',
      '-crl_check',
      '-CRLfile',
      at('crl'),
      '-CAfile',
      at('cert'),
      at('leaf'),
    ];
    expect(execFileSync('openssl', verify, { encoding: 'utf8' })).toContain('OK');
    // No longer than whoever signed it.
    expect(issued.notAfter.getTime()).toBeLessThan(Date.now() + 3 * 86_400_000);
    const wrong = (certificate: string, key: string) =>
      new Authorities(h.db, 'x', { files: { certificate, key } }).builtIn();
    await expect(wrong(at('none'), at('key'))).rejects.toThrow('SIGEC_CA_CERT');
    await expect(wrong(at('cert'), at('none'))).rejects.toThrow('SIGEC_CA_KEY');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    writeFileSync(at('other'), other);
    await expect(wrong(at('cert'), at('other'))).rejects.toThrow("not the certificate's");
    await expect(wrong(at('leaf'), at('other'))).rejects.toThrow();
    rmSync(folder, { recursive: true });
  });

  it('revokes what it issued, once, and says so in its list', async () => {
    const { identity, id } = await device();
    const edge = h.edge(identity, () => result({ status: 'Accepted' }));
    await request(id, (await asked(identity)).csr);
    await look();
    const serial = String((await listed(id)).issued[0]?.serial_number);
    const path = `/api/v1/devices/${id}/certificates/${serial.toUpperCase()}/revoke`;
    const gone = await h.call('POST', path, { as: 'operator', body: { reason: 'keyCompromise' } });
    expect([gone.status, gone.json.revocation_reason]).toEqual([200, 'keyCompromise']);
    const again = await h.call('POST', path, { as: 'operator', body: { reason: 'superseded' } });
    expect(again.json).toEqual(gone.json);
    const list = await h.app.request('/api/v1/certificates/crl');
    expect(list.headers.get('content-type')).toBe('application/x-pem-file');
    const text = execFileSync('openssl', ['crl', '-noout', '-text'], { input: await list.text(), encoding: 'utf8' });
    expect(text.toLowerCase()).toContain(`serial number: ${serial}`);
    expect(text).toContain('Key Compromise');
    for (const [serialGiven, status] of [
      ['zz', 400],
      ['1'.repeat(41), 400],
      ['abc', 404],
    ] as const)
      expect(
        (await h.call('POST', `/api/v1/devices/${id}/certificates/${serialGiven}/revoke`, { as: 'operator', body: {} }))
          .status,
      ).toBe(status);
    await h.db.query(`update station_certificate set source = 'external' where station_id = $1::int8`, [Number(id)]);
    expect((await h.call('POST', path, { as: 'operator', body: {} })).json.code).toBe('certificate-of-another');
    edge.stop();
  });
});

describe('commands of certificates', () => {
  it('keep what a charger holds, by its own name of it', async () => {
    const { identity, id } = await device('ocpp2.0.1');
    let answer: Json = { status: 'Accepted' };
    const edge = h.edge(identity, () => result(answer));
    for (const certificate of ['garbage', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', '']) {
      const refused = await send(id, 'InstallCertificate', { certificateType: 'CSMSRootCertificate', certificate });
      expect(refused.status).toBe(422);
      expect(refused.json.errors).toMatchObject([{ field: 'certificate' }]);
    }
    expect(edge.sent).toEqual([]);
    const certificate = (await ca()).toString();
    const install = { certificateType: 'CSMSRootCertificate', certificate };
    const made = await send(id, 'InstallCertificate', install);
    await send(id, 'InstallCertificate', install);
    const name = made.json.certificate_hash_data as Record<string, string>;
    expect((await listed(id)).installed).toMatchObject([
      { certificate_type: 'CSMSRootCertificate', ...name, pem: certificate, reported_at: null },
    ]);
    const wire = {
      hashAlgorithm: 'SHA256',
      issuerNameHash: name.issuer_name_hash?.toUpperCase(),
      issuerKeyHash: name.issuer_key_hash,
      serialNumber: `00${name.serial_number}`,
    };
    const foreign = { ...wire, serialNumber: 'FF01' };
    answer = {
      status: 'Accepted',
      certificateHashDataChain: [
        { certificateType: 'CSMSRootCertificate', certificateHashData: wire },
        { certificateType: 'V2GCertificateChain', certificateHashData: foreign, childCertificateHashData: [wire] },
      ],
    };
    await send(id, 'GetInstalledCertificateIds', {});
    const { installed } = await listed(id);
    expect(installed).toMatchObject([
      {
        certificate_type: 'CSMSRootCertificate',
        pem: certificate,
        installed_at: expect.any(String),
        reported_at: expect.any(String),
      },
      { certificate_type: 'V2GCertificateChain', pem: null, serial_number: 'ff01', installed_at: null },
    ]);
    // What it was sent is watched until it runs out, whoever told of it since.
    const ends = await h.db.query<{ at: Date | null }>(
      'select not_after as at from installed_certificate where station_id = $1::int8 order by id',
      [Number(id)],
    );
    expect(ends.map(({ at }) => at?.getTime() ?? null)).toEqual([Date.parse((await ca()).validTo), null]);
    // Asked for one type, the others stay.
    answer = { status: 'NotFound' };
    await send(id, 'GetInstalledCertificateIds', { certificateType: ['V2GCertificateChain'] });
    expect((await listed(id)).installed).toHaveLength(1);
    answer = { status: 'Failed' };
    await send(id, 'DeleteCertificate', { certificateHashData: wire });
    expect((await listed(id)).installed).toHaveLength(1);
    answer = { status: 'Accepted' };
    await send(id, 'DeleteCertificate', { certificateHashData: wire });
    expect((await listed(id)).installed).toEqual([]);
    edge.stop();
  });

  it('CertificateSigned by hand is kept too, and ends the request that it answers', async () => {
    const { identity, id } = await device('ocpp1.6');
    const edge = h.edge(identity, () => result({ status: 'Accepted' }));
    const { csr } = await asked(identity);
    await request(id, csr);
    const authority = await new Authorities(h.db, 's'.repeat(40)).issuer();
    const made = await authority.issue({ csr, identity, certificateType: null }, never);
    expect((await send(id, 'CertificateSigned', { certificateChain: 'x' })).json.errors).toMatchObject([
      { field: 'certificateChain' },
    ]);
    const sent = await send(id, 'CertificateSigned', { certificateChain: made.chainPem });
    expect(sent.json).toMatchObject({ response: { status: 'Accepted' }, serial_number: made.serialNumber });
    const { requests, issued } = await listed(id);
    expect(requests).toMatchObject([{ status: 'installed' }]);
    expect(issued).toMatchObject([{ source: 'operator', delivered_at: expect.any(String) }]);
    edge.stop();
  });

  it.each([
    ['ocpp1.6', 'ExtendedTriggerMessage', 'SignChargePointCertificate'],
    ['ocpp2.1', 'TriggerMessage', 'SignChargingStationCertificate'],
  ])('a renewal of %s is %s', async (version, action, requestedMessage) => {
    const { identity, id } = await device(version);
    let status = 'Accepted';
    const edge = h.edge(identity, () => result({ status }));
    const path = `/api/v1/devices/${id}/renew-certificate`;
    expect((await h.call('POST', path, { as: 'operator' })).json).toMatchObject({ id, result: 'Accepted' });
    expect(edge.sent).toMatchObject([{ action, payload: { requestedMessage } }]);
    status = 'NotImplemented';
    expect((await h.call('POST', path, { as: 'operator' })).json.code).toBe('command-rejected');
    edge.stop();
  });
});
