/** End to end: certificates, security events, and ISO 15118. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createStation, runScenario, type Station } from '@sigec/sim';
import { afterAll, afterEach, expect, it } from 'vitest';
import { Charger } from '../support/charger.js';
import type { Cluster } from '../support/cluster.js';
import { VERSIONS } from '../support/dialect.js';
import { OpenSsl } from '../support/openssl.js';
import { endpoint, register } from '../support/system.js';
import { eventually } from '../support/wait.js';

interface Certificates {
  readonly requests: { readonly status: string; readonly detail: string | null }[];
  readonly issued: { readonly serial_number: string; readonly pem: string; readonly delivered_at: string | null }[];
  readonly installed: { readonly certificate_type: string; readonly pem: string | null }[];
}

interface List {
  readonly items: { readonly type: string; readonly criticality: string; readonly tech_info: string | null }[];
}

export function securitySuite(get: () => Cluster): void {
  const openssl = new OpenSsl();
  const stations: Station[] = [];
  afterEach(async () => {
    await Promise.all(stations.splice(0).map((station) => station.close()));
    await Charger.closeAll();
    await get().mend();
  });
  afterAll(() => openssl.remove());

  const certificates = (id: string) => get().rest.ok<Certificates>('GET', `/devices/${id}/certificates`);
  const authority = async () =>
    (await get().rest.ok<{ certificate_chain: string }>('GET', '/certificates/ca')).certificate_chain;

  it.each(VERSIONS)(
    '%s: a charger that is asked to has a new certificate, which the authority signed',
    async (version) => {
      const system = get();
      const { rest } = system;
      const { id, identity, credentials } = await register(system);
      const { password } = credentials;
      const station = createStation({ url: endpoint(system), identity, password, version, speed: 600 });
      stations.push(station);
      await station.boot();
      expect(await rest.ok('POST', `/devices/${id}/renew-certificate`)).toMatchObject({ result: 'Accepted' });
      await eventually(() => expect(station.certificate()).not.toBeNull());
      const own = station.certificate();
      const certificate = new X509Certificate(own?.cert ?? '');
      expect(certificate.checkPrivateKey(createPrivateKey(own?.key ?? ''))).toBe(true);
      expect(certificate.subject).toContain(`CN=${identity}`);
      const ca = await authority();
      expect(certificate.verify(new X509Certificate(ca).publicKey)).toBe(true);
      expect(openssl.verifies(own?.cert ?? '', ca)).toBe(true);
      await eventually(async () => expect((await certificates(id)).requests[0]?.status).toBe('installed'));
      const { issued } = await certificates(id);
      expect(issued).toMatchObject([{ pem: own?.cert, delivered_at: expect.any(String), revoked_at: null }]);

      // A root goes the other way, and is asked for by its name.
      const certificateType = version === '1.6' ? 'CentralSystemRootCertificate' : 'CSMSRootCertificate';
      const installed = await rest.command(id, 'InstallCertificate', { certificateType, certificate: ca });
      expect(installed.body).toMatchObject({ response: { status: 'Accepted' } });
      await rest.command(id, 'GetInstalledCertificateIds', {
        certificateType: version === '1.6' ? certificateType : [certificateType],
      });
      expect((await certificates(id)).installed).toMatchObject([
        { certificate_type: certificateType, pem: ca, reported_at: expect.any(String) },
      ]);
      // Our own certificates we vouch for (2.1 M07); to 2.0.1, which wants an OCSP answer, we have none to give.
      if (version === '2.1') await runScenario(station, [{ do: 'certificates' }]);
      else
        await expect(runScenario(station, [{ do: 'certificates' }])).rejects.toThrow(
          version === '1.6' ? '1.6' : 'Failed',
        );
      // The start was told, and is in the list.
      const told = await rest.ok<List>('GET', `/devices/${id}/security-events`);
      expect(told.items).toMatchObject([{ type: 'StartupOfTheDevice', criticality: 'critical' }]);
    },
  );

  it.each(VERSIONS)(
    '%s: what is no request of its own is rejected, and an event is in REST once it is answered',
    async (version) => {
      const system = get();
      const { id, identity, credentials } = await register(system);
      const charger = await Charger.connect(endpoint(system), credentials, version);
      await charger.settle();
      const bad = [
        'garbage',
        openssl.request('another'),
        openssl.request(identity, ['rsa:1024']),
        openssl.request(identity, ['ed25519']),
      ];
      for (const csr of bad)
        expect(await charger.call(['SignCertificate', { csr }])).toMatchObject({ status: 'Rejected' });
      expect((await certificates(id)).requests).toEqual([]);
      const event = { type: 'TamperDetectionActivated', timestamp: new Date().toISOString(), techInfo: 'door' };
      for (let n = 0; n < 2; n++) {
        expect(await charger.call(['SecurityEventNotification', event])).toEqual({});
        const { items } = await system.rest.ok<List>('GET', `/devices/${id}/security-events`);
        expect(items).toMatchObject([{ type: event.type, criticality: 'critical', tech_info: 'door' }]);
      }
      const all = await system.rest.ok<List>('GET', '/security-events?critical=true&limit=1');
      expect(all.items).toMatchObject([{ device_id: id, type: event.type }]);
      expect(charger.violations).toEqual([]);
    },
  );

  it.each(['2.0.1', '2.1'] as const)('%s: without a provider of ISO 15118 nothing is promised', async (version) => {
    const system = get();
    const { id, credentials } = await register(system);
    const charger = await Charger.connect(endpoint(system), credentials, version);
    await charger.settle();
    const none = { status: 'Failed', statusInfo: { reasonCode: 'NoProvider' } };
    const ev = { iso15118SchemaVersion: 'urn:iso:15118:2:2013:MsgDef', action: 'Install', exiRequest: 'gJg=' };
    expect(await charger.call(['Get15118EVCertificate', ev])).toEqual({ ...none, exiResponse: '' });
    const name = { hashAlgorithm: 'SHA256', issuerNameHash: 'aa', issuerKeyHash: 'bb', serialNumber: '01' };
    const ocspRequestData = { ...name, responderURL: 'http://ocsp.example' };
    expect(await charger.call(['GetCertificateStatus', { ocspRequestData }])).toEqual(none);
    const { items } = await system.rest.ok<{ items: object[] }>('GET', `/devices/${id}/iso15118-requests`);
    expect(items).toMatchObject([
      { action: 'GetCertificateStatus', status: 'Failed', hash_data: { serial_number: '01' } },
      { action: 'Get15118EVCertificate', status: 'Failed', reason: 'NoProvider' },
    ]);
  });

  it('a worker and a control process that die in the middle lose no request and no certificate', async () => {
    const system = get();
    const { control, workers } = system;
    const { id, identity, credentials } = await register(system);
    const charger = await Charger.connect(endpoint(system), credentials, '2.0.1');
    await charger.settle();
    charger.answer('CertificateSigned', { status: 'Accepted' });
    await control.kill9();
    expect(await charger.call(['SignCertificate', { csr: openssl.request(identity) }])).toEqual({ status: 'Accepted' });
    await Promise.all(workers.map((worker) => worker.kill9()));
    // Away when the certificate is issued.
    await charger.close();
    await Promise.all(workers.map((worker) => worker.start()));
    await control.start();
    await eventually(async () => expect((await system.rest.device(id)).online).toBe(false));
    const away = { status: 'signed', detail: 'charger-offline' };
    await eventually(async () => expect((await certificates(id)).requests).toMatchObject([away]));
    await control.kill9();
    const back = await Charger.connect(endpoint(system), credentials, '2.0.1');
    const sent: unknown[] = [];
    back.client.handle('CertificateSigned', async ({ params }) => {
      sent.push(params?.certificateChain);
      return { status: 'Accepted' };
    });
    await back.settle();
    await control.start();
    await eventually(async () => expect((await certificates(id)).requests[0]?.status).toBe('installed'));
    const { issued } = await certificates(id);
    expect(sent).toEqual([issued[0]?.pem]);
    expect(issued).toHaveLength(1);
    const key = createPrivateKey(readFileSync(openssl.path('key')));
    expect(new X509Certificate(String(sent[0])).checkPrivateKey(key)).toBe(true);
  });
}
