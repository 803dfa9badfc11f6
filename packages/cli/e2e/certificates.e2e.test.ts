/** A charger that had its certificate signed here comes in with it by security profile 3, until the certificate is revoked. */
import { once } from 'node:events';
import { readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createStation, type Station } from '@sigec/sim';
import { type Certificates, freePort, makeCertificates } from '@sigec/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Embedded, startEmbedded } from './support/embedded.js';
import { tellOnFailure } from './support/failure.js';
import { ask } from './support/http.js';
import { OpenSsl } from './support/openssl.js';
import { endpoint, register } from './support/system.js';
import { eventually } from './support/wait.js';

interface Issued {
  readonly issued: { readonly serial_number: string }[];
}

describe('profile 3 with a certificate that was issued here', () => {
  const openssl = new OpenSsl();
  const stations: Station[] = [];
  let files: Certificates;
  let system: Embedded;
  let port: number;

  beforeAll(async () => {
    files = makeCertificates();
    port = await freePort();
    const key = join(dirname(files.ca), 'ca.key');
    // The list of an authority that has revoked nothing yet.
    openssl.write('index', '');
    openssl.write('conf', '[ca]\ndefault_ca=own\n[own]\ndatabase=index\ndefault_md=sha256\ndefault_crl_days=7\n');
    openssl.run('ca', '-config', 'conf', '-gencrl', '-cert', files.ca, '-keyfile', key, '-out', 'crl');
    system = await startEmbedded({
      SIGEC_CA_CERT: files.ca,
      SIGEC_CA_KEY: key,
      SIGEC_OCPP_MTLS_PORT: String(port),
      SIGEC_OCPP_TLS_CERT: files.cert,
      SIGEC_OCPP_TLS_KEY: files.key,
      SIGEC_OCPP_TLS_CLIENT_CA: files.ca,
      SIGEC_OCPP_TLS_CLIENT_CRL: openssl.path('crl'),
    });
  });
  afterEach(tellOnFailure(() => system));
  afterAll(async () => {
    await Promise.all(stations.map((station) => station.close()));
    await system?.close();
    files?.remove();
    openssl.remove();
  });

  it('comes in without a password, and not any more once it is revoked', async () => {
    const { rest } = system;
    const { id, identity, credentials } = await register(system);
    const common = { identity, version: '2.0.1', speed: 600, backoff: { minimumMs: 200, randomMs: 50 } } as const;
    const first = createStation({ ...common, url: endpoint(system), password: credentials.password });
    stations.push(first);
    await first.boot();
    await rest.ok('POST', `/devices/${id}/renew-certificate`);
    await eventually(() => expect(first.certificate()).not.toBeNull());
    const { cert = '', key = '' } = first.certificate() ?? {};
    await first.close();

    const ca = readFileSync(files.ca, 'utf8');
    const url = `wss://127.0.0.1:${port}/ocpp`;
    const second = createStation({ ...common, url, tls: { ca, cert, key } });
    stations.push(second);
    await second.boot();
    expect(await rest.device(id)).toMatchObject({ online: true, security_profile: 3 });

    const { issued } = await rest.ok<Issued>('GET', `/devices/${id}/certificates`);
    await rest.ok('POST', `/devices/${id}/certificates/${issued[0]?.serial_number}/revoke`, {
      reason: 'keyCompromise',
    });
    const list = await ask(`${rest.url}/api/v1/certificates/crl`, { method: 'GET' });
    renameSync(openssl.write('crl.new', list.text), openssl.path('crl'));
    // Edges look at their files every few seconds; a session that is open stays open.
    const again = async (): Promise<string> => {
      const done = new AbortController();
      const first = (name: 'open' | 'failed') => once(second, name, { signal: done.signal }).then(() => name);
      const ended = Promise.race([first('open'), first('failed')]);
      second.disconnect(50);
      return ended.finally(() => done.abort());
    };
    await eventually(async () => expect(await again()).toBe('failed'));
    await eventually(async () => expect((await rest.device(id)).online).toBe(false));
  });
});
