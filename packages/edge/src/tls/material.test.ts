/** The files of TLS at the start: each that cannot be used is named by its configuration; what runs out is told. */
import { createMetrics } from '@sigec/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Authority, folder } from '../testing/certificates.js';
import { memoryLogger } from '../testing/fixtures.js';
import { fingerprint, type Material, readMaterial, type TlsFiles } from './material.js';
import { watchTls } from './watch.js';

const DAY_MS = 24 * 60 * 60 * 1000;
let at: ReturnType<typeof folder>;
let files: TlsFiles;
let authority: Authority;

beforeEach(async () => {
  at = folder();
  authority = await Authority.make('Test Authority');
  const server = await authority.issue('server', { days: 20 });
  files = {
    cert: at.write('cert.pem', server.cert),
    key: at.write('key.pem', server.key),
    clientCa: at.write('ca.pem', authority.pem),
    clientCrl: at.write('crl.pem', await authority.revoke(['0a'], 10)),
  };
});
afterEach(() => at.remove());

describe('the files', () => {
  it('are read with what runs out, and when', async () => {
    const days = (await readMaterial(files)).expiries.map(({ of, at }) => [of, Math.round((at - Date.now()) / DAY_MS)]);
    expect(days).toEqual([
      ['certificate', 20],
      ['client_ca', 400],
      ['client_crl', 10],
    ]);
  });

  it.each([
    ['cert.pem', '', 'SIGEC_OCPP_TLS_CERT: .*has no certificate'],
    [
      'cert.pem',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      'SIGEC_OCPP_TLS_CERT: .*cannot be read',
    ],
    ['key.pem', 'hunter2', 'SIGEC_OCPP_TLS_KEY: .*is no private key'],
    ['ca.pem', 'hunter2', 'SIGEC_OCPP_TLS_CLIENT_CA: .*has no certificate'],
    ['crl.pem', 'hunter2', 'SIGEC_OCPP_TLS_CLIENT_CRL: .*has no revocation list'],
    ['crl.pem', '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----', 'SIGEC_OCPP_TLS_CLIENT_CRL: .*has no'],
  ])('%s holding %j: the error names it', async (name, text, said) => {
    at.write(name, text);
    const failed = await readMaterial(files).catch((error: Error) => error.message);
    expect(failed).toMatch(new RegExp(said));
    expect(failed).not.toContain('hunter2');
  });

  it('that are missing, of another key, or of no authority are named', async () => {
    const missing = { ...files, key: at.path('nowhere.pem') };
    await expect(readMaterial(missing)).rejects.toThrow(/SIGEC_OCPP_TLS_KEY: .*nowhere.pem cannot be read \(ENOENT\)/);
    const leaf = await authority.issue('CP1');
    at.write('ca.pem', leaf.cert);
    await expect(readMaterial(files)).rejects.toThrow(/SIGEC_OCPP_TLS_CLIENT_CA: .*no authority/);
    at.write('key.pem', leaf.key);
    await expect(readMaterial(files)).rejects.toThrow(/SIGEC_OCPP_TLS_KEY: .*is not the key/);
  });

  it('are told of 30 days before they run out, lists in their last two, and by a metric', async () => {
    const { logger, lines } = memoryLogger();
    const metrics = createMetrics('edge');
    const [first, mark] = [await readMaterial(files), await fingerprint(files)];
    const listeners = ['tls', 'mtls'];
    const options = { files, first, mark, listeners, apply: () => undefined, logger, metrics };
    const watch = watchTls(options);
    watch.close();
    const told = () => lines.splice(0).map((line) => (JSON.parse(line) as { of: string }).of);
    expect(told()).toEqual(['certificate']);
    expect(watch.expiring()).toMatch(/^certificate expires \d{4}-\d\d-\d\dT\S+Z$/);
    const text = await metrics.render();
    const value = (listener: string, of: string) =>
      Number(new RegExp(`expiry_seconds\\{listener="${listener}",of="${of}",role="edge"\\} (\\S+)`).exec(text)?.[1]);
    expect(Math.round(value('tls', 'certificate') / 86_400)).toBe(20);
    expect(Math.round(value('mtls', 'client_crl') / 86_400)).toBe(10);
    expect(value('tls', 'client_ca')).toBeNaN();

    const at = Date.now();
    const ends = (days: number, of: 'certificate' | 'client_crl') => ({ of, at: at + days * DAY_MS }) as const;
    const later = (expiries: Material['expiries']) => {
      const looked = watchTls({ ...options, first: { ...first, expiries }, metrics: createMetrics('edge') });
      looked.close();
      return [told(), looked.expiring()?.replace(/ \d{4}[^\s,]+/g, '')];
    };
    expect(later([ends(31, 'certificate'), ends(3, 'client_crl')])).toEqual([[], undefined]);
    expect(later([ends(-1, 'certificate'), ends(1, 'client_crl')])).toEqual([
      ['certificate', 'client_crl'],
      'certificate expired, client_crl expires',
    ]);
  });
});
