import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runScenario } from './index.js';
import { closeAll, startCsms, startStation } from './testing/setup.js';

let folder: string;
const at = (name: string): string => join(folder, name);
const openssl = (...args: string[]): void => {
  execFileSync('openssl', args, { stdio: 'pipe' });
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sim-ca-'));
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-batch'];
  openssl('req', '-x509', ...key, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2', '-subj', '/CN=sim ca');
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(closeAll);

type Query = Record<'issuerNameHash' | 'issuerKeyHash' | 'serialNumber', string>;

/** What the certificate authority of a CSMS does. */
function sign(csr: unknown): string {
  writeFileSync(at('csr'), String(csr));
  const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
  openssl('x509', '-req', '-in', at('csr'), '-out', at('cert.pem'), ...signed);
  return readFileSync(at('cert.pem'), 'utf8');
}

describe.each(['1.6', '2.0.1', '2.1'] as const)('the certificate of a station of %s', (version) => {
  it('is renewed when it is asked to, and only for the key that it asked for', async () => {
    const csms = await startCsms(version);
    const station = startStation(csms);
    await station.boot();
    const old = version === '1.6';
    const requestedMessage = old ? 'SignChargePointCertificate' : 'SignChargingStationCertificate';
    const trigger = () => csms.call(old ? 'ExtendedTriggerMessage' : 'TriggerMessage', { requestedMessage });
    const asked = () => csms.of('SignCertificate');
    const deliver = (n: number) => {
      const { csr, certificateType, requestId } = asked()[n]?.payload ?? {};
      return csms.call('CertificateSigned', { certificateChain: sign(csr), certificateType, requestId });
    };
    expect(await trigger()).toEqual({ status: 'Accepted' });
    await csms.until(() => asked().length === 1);
    expect(await trigger()).toEqual({ status: 'Accepted' });
    await csms.until(() => asked().length === 2);
    // The first key is gone.
    expect(await deliver(0)).toEqual({ status: 'Rejected' });
    expect(station.certificate()).toBeNull();
    expect(await deliver(1)).toEqual({ status: 'Accepted' });
    const own = station.certificate();
    const certificate = new X509Certificate(own?.cert ?? '');
    expect(certificate.checkPrivateKey(createPrivateKey(own?.key ?? ''))).toBe(true);
    expect(certificate.subject).toContain('CN=SIM-1');
    // Said twice, it is taken twice.
    const again = { certificateChain: own?.cert };
    expect(await csms.call('CertificateSigned', again)).toEqual({ status: 'Accepted' });
    expect(own?.chain).toHaveLength(1);
    // Where the CSMS will not have it signed, the key is forgotten.
    csms.answer('SignCertificate', () => ({ status: 'Rejected' }));
    expect(await trigger()).toEqual({ status: 'Accepted' });
    await csms.until(() => asked().length === 3);
    await station.flush(2000);
    expect(await deliver(2)).toEqual({ status: 'Rejected' });
    expect(station.certificate()).toEqual(own);
    expect(csms.violations).toEqual([]);
  });
});

it.each(['2.0.1', '2.1'] as const)(
  '%s: a station asks whether its own certificates hold, by the names that OpenSSL gives them',
  async (version) => {
    const csms = await startCsms(version);
    const queries: Query[] = [];
    csms.answer('GetCertificateStatus', ({ ocspRequestData }) => {
      queries.push(ocspRequestData as Query);
      return { status: 'Accepted', ocspResult: 'AA==' };
    });
    csms.answer('GetCertificateChainStatus', ({ certificateStatusRequests }) => {
      const asked = (certificateStatusRequests as { certificateHashData: Query; source: string }[]).map((one) => {
        queries.push(one.certificateHashData);
        const { certificateHashData, source } = one;
        return { certificateHashData, source, status: 'Good', nextUpdate: new Date().toISOString() };
      });
      return { certificateStatus: asked };
    });
    const station = startStation(csms);
    await station.boot();
    await csms.call('TriggerMessage', { requestedMessage: 'SignChargingStationCertificate' });
    await csms.until(() => csms.of('SignCertificate').length === 1);
    await station.flush(2000);
    await csms.call('CertificateSigned', { certificateChain: sign(csms.of('SignCertificate')[0]?.payload.csr) });
    await expect(runScenario(station, [{ do: 'certificates' }])).rejects.toThrow('issuer');
    const certificate = readFileSync(at('ca.pem'), 'utf8');
    await csms.call('InstallCertificate', { certificateType: 'CSMSRootCertificate', certificate });
    expect(station.certificate()?.chain).toHaveLength(2);
    await runScenario(station, [{ do: 'certificates' }]);
    // The ids of an OCSP request are the same hashes (RFC 6960).
    const request = ['ocsp', '-sha256', '-issuer', at('ca.pem'), '-cert', at('cert.pem'), '-req_text'];
    const text = execFileSync('openssl', request, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const hex = (name: string) => new RegExp(`${name}: ([0-9A-F]+)`).exec(text)?.[1]?.toLowerCase();
    expect(queries).toMatchObject([
      {
        issuerNameHash: hex('Issuer Name Hash'),
        issuerKeyHash: hex('Issuer Key Hash'),
        serialNumber: hex('Serial Number')?.replace(/^0+/, ''),
      },
    ]);
    expect(csms.violations).toEqual([]);
  },
);
