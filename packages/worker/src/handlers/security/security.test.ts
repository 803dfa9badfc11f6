/** Certificates, security events and ISO 15118, as handlers make them of messages. */
import { generateKeyPairSync } from 'node:crypto';
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { cryptoProvider, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { OCPP_VERSIONS, type OcppVersion } from '@sigec/ocpp';
import { describe, expect, it } from 'vitest';
import { at, NOW, Plain } from '../../testing/plain.js';
import { digestOf } from './csr.js';

cryptoProvider.set(webcrypto);

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const rsa = (modulusLength: number) => ({
  ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]) },
  modulusLength,
});

async function csrOf(name: string | string[], algorithm: typeof EC | ReturnType<typeof rsa> = EC): Promise<string> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const names = [...[name].flat().map((CN) => ({ CN: [CN] })), { O: ['Rede'] }];
  const made = await Pkcs10CertificateRequestGenerator.create({ name: names, keys, signingAlgorithm: algorithm });
  return made.toString('pem');
}

const sign =
  (version: OcppVersion) =>
  (plain: Plain, csr: string, more: object = {}) =>
    plain.say(version, 'SignCertificate', { csr, ...more });

describe.each(OCPP_VERSIONS)('%s SignCertificate', (version) => {
  const say = sign(version);

  it('keeps a request of the station itself, and says it once on the event stream', async () => {
    const plain = new Plain();
    const csr = await csrOf('CP1');
    expect(say(plain, csr)).toEqual({ status: 'Accepted' });
    const digest = digestOf(csr.trim(), '', '');
    expect(plain.facts.certificateRequest).toEqual([
      {
        ...{ tenantId: 1, stationId: 1, certificateType: null, ocppRequestId: null, rootHash: null },
        ...{ csr, csrDigest: digest, at: NOW },
      },
    ]);
    expect(plain.events.map(({ kind }) => kind)).toEqual(['certificate.requested']);
    // The same message again, before it is issued: nothing more.
    plain.know('certificateAsker', { stationId: 1, digest }, { serialNumber: null, status: 'open', endedAt: null });
    expect(say(plain, csr)).toEqual({ status: 'Accepted' });
    expect(plain.facts.certificateRequest).toHaveLength(1);
    // Long after it was installed, with the same key: a new request.
    const installed = { serialNumber: null, status: 'installed', endedAt: NOW - 3_600_000 } as const;
    plain.know('certificateAsker', { stationId: 1, digest }, installed);
    expect(say(plain, csr)).toEqual({ status: 'Accepted' });
    expect(plain.facts.certificateRequest).toHaveLength(2);
  });

  it('takes the serial number that the station told at its boot for its name, and keys that are strong', async () => {
    const plain = new Plain();
    for (const csr of [await csrOf('SN-9'), await csrOf('SN-9', rsa(2048))]) {
      const digest = digestOf(csr.trim(), '', '');
      plain.know('certificateAsker', { stationId: 1, digest }, { serialNumber: 'SN-9', status: null, endedAt: null });
      expect(say(plain, csr)).toEqual({ status: 'Accepted' });
    }
  });

  it('rejects what is no request, is for another, or has a weak key, and keeps nothing', async () => {
    const plain = new Plain();
    const good = await csrOf('CP1');
    const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const bad: [string, string][] = [
      ['', 'InvalidCSR'],
      ['garbage', 'InvalidCSR'],
      [ed25519, 'InvalidCSR'],
      [good.replace('\nM', '\nA'), 'InvalidCSR'],
      [good.replaceAll('REQUEST', 'RESPONSE'), 'InvalidCSR'],
      [`${good}${good}`, 'InvalidCSR'],
      [`-----BEGIN CERTIFICATE REQUEST-----\n${'MIAA'.repeat(1300)}\n-----END CERTIFICATE REQUEST-----`, 'InvalidCSR'],
      [await csrOf('CP2'), 'InvalidSubject'],
      [await csrOf('cp1'), 'InvalidSubject'],
      [await csrOf([]), 'InvalidSubject'],
      [await csrOf(['CP1', 'CP2']), 'InvalidSubject'],
      [await csrOf('CP1', rsa(1024)), 'InvalidKey'],
    ];
    for (const [csr, reason] of bad) {
      const answer = say(plain, csr);
      expect(answer.status, csr).toBe('Rejected');
      if (version !== 'ocpp1.6') expect(answer.statusInfo, csr).toMatchObject({ reasonCode: reason });
    }
    expect(plain.facts.certificateRequest).toBeUndefined();
    expect(plain.events).toEqual([]);
  });
});

describe('SignCertificate of 2.x', () => {
  it.each(['ocpp2.0.1', 'ocpp2.1'] as const)(
    '%s: asks for a V2G certificate only where somebody issues them',
    async (version) => {
      const say = sign(version);
      const plain = new Plain();
      const answer = say(plain, await csrOf('CP1'), { certificateType: 'V2GCertificate' });
      expect(answer).toMatchObject({ status: 'Rejected', statusInfo: { reasonCode: 'NoProvider' } });
      expect(say(plain, await csrOf('CP1'), { certificateType: 'ChargingStationCertificate' }).status).toBe('Accepted');
    },
  );

  it('2.1: keeps the number of a request and the root that is wanted', async () => {
    const say = sign('ocpp2.1');
    const plain = new Plain();
    const hashes = { hashAlgorithm: 'SHA256', issuerNameHash: 'a', issuerKeyHash: 'b', serialNumber: 'c' };
    expect(say(plain, await csrOf('CP1'), { requestId: 7, hashRootCertificate: hashes }).status).toBe('Accepted');
    expect(plain.facts.certificateRequest).toMatchObject([{ ocppRequestId: 7, rootHash: hashes }]);
    const far = await csrOf('CP1');
    expect(() => say(plain, far, { requestId: 2 ** 31 })).toThrow('requestId');
  });
});

describe.each(OCPP_VERSIONS)('%s SecurityEventNotification', (version) => {
  it('keeps an event with how grave it is, once, whatever its time', () => {
    const plain = new Plain();
    const said = { type: 'FirmwareUpdated', timestamp: at(-5), techInfo: '1.2' };
    plain.batch(
      { version, action: 'SecurityEventNotification', payload: said },
      { version, action: 'SecurityEventNotification', payload: said },
      { version, action: 'SecurityEventNotification', payload: { type: 'InvalidMessages', timestamp: at(-5) } },
      {
        version,
        action: 'SecurityEventNotification',
        payload: { type: 'OfAVendor', timestamp: '1970-01-01T00:00:00Z' },
      },
    );
    expect(plain.facts.securityEvent).toMatchObject([
      { type: 'FirmwareUpdated', criticality: 'critical', techInfo: '1.2', at: NOW - 5000, timeQuality: 'exact' },
      { type: 'InvalidMessages', criticality: 'normal', techInfo: null },
      { type: 'OfAVendor', criticality: 'unknown', at: NOW, timeQuality: 'server_time' },
    ]);
    expect(plain.events.map(({ kind, payload }) => [kind, payload.type])).toEqual([
      ['security.reported', 'FirmwareUpdated'],
      ['security.reported', 'InvalidMessages'],
      ['security.reported', 'OfAVendor'],
    ]);
    plain.know('securityEventSeen', { stationId: 1, digest: digestOf(said.type, said.timestamp, '1.2') }, true);
    plain.say(version, 'SecurityEventNotification', said);
    expect(plain.facts.securityEvent).toHaveLength(3);
  });
});

const NAME = { hashAlgorithm: 'SHA256', issuerNameHash: 'AA', issuerKeyHash: 'BB', serialNumber: '00CC' };

describe.each(['ocpp2.0.1', 'ocpp2.1'] as const)('%s ISO 15118 without a provider', (version) => {
  it('gives no contract and tells no status, and says why', () => {
    const plain = new Plain();
    const ev = { iso15118SchemaVersion: 'urn:iso:15118:2:2013:MsgDef', action: 'Install', exiRequest: 'gJg=' };
    expect(plain.say(version, 'Get15118EVCertificate', ev)).toEqual({
      ...{ status: 'Failed', exiResponse: '', statusInfo: { reasonCode: 'NoProvider' } },
    });
    const ocspRequestData = { ...NAME, responderURL: 'http://ocsp.example' };
    expect(plain.say(version, 'GetCertificateStatus', { ocspRequestData })).toEqual({
      ...{ status: 'Failed', statusInfo: { reasonCode: 'NoProvider' } },
    });
    expect(plain.facts.iso15118Request).toMatchObject([
      { action: 'Get15118EVCertificate', purpose: 'Install', status: 'Failed', reason: 'NoProvider' },
      { action: 'GetCertificateStatus', purpose: 'OCSP', hash: NAME, urls: ['http://ocsp.example'] },
    ]);
    expect(plain.events.map(({ kind }) => kind)).toEqual(['iso15118.requested', 'iso15118.requested']);
  });
});

describe('ocpp2.1 GetCertificateChainStatus', () => {
  const query = (more: object) => ({
    ...{ certificateHashData: { ...NAME, ...more }, source: 'CRL', urls: ['http://crl.example'] },
  });

  it('knows what was issued here, and of all else says that it failed', () => {
    const plain = new Plain();
    const key = { serialNumber: 'cc', issuerKeyHash: 'bb' };
    plain.know('issuedCertificate', key, { issuerNameHash: 'aa', notAfter: NOW + 1, revokedAt: null });
    const gone = { issuerNameHash: 'aa', notAfter: NOW + 1, revokedAt: NOW - 1 };
    plain.know('issuedCertificate', { serialNumber: 'dd', issuerKeyHash: 'bb' }, gone);
    const certificateStatusRequests = [
      ...[query({}), query({ serialNumber: 'DD' }), query({ serialNumber: 'EE' }), query({ issuerNameHash: 'other' })],
    ];
    const payload = { certificateStatusRequests };
    const [first, again] = plain.batch(
      { version: 'ocpp2.1', action: 'GetCertificateChainStatus', payload },
      { version: 'ocpp2.1', action: 'GetCertificateChainStatus', payload },
    );
    const statuses = first?.certificateStatus as { status: string }[];
    expect(statuses.map(({ status }) => status)).toEqual(['Good', 'Revoked', 'Failed', 'Failed']);
    expect(again).toEqual(first);
    expect(plain.facts.iso15118Request?.map(({ status }) => status)).toEqual(['Good', 'Revoked', 'Failed', 'Failed']);
    expect(plain.events).toHaveLength(4);
  });
});
