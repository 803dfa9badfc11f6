/** wss://, with a certificate made on the spot. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startCsms } from '../testing/csms.js';
import { runLoad } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'loadtest-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
const subject = ['-subj', '/CN=loadtest', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
const made = spawnSync('openssl', ['req', '-x509', ...key, '-out', certFile, ...subject]).status === 0;

describe.runIf(made)('wss://', () => {
  it('is spoken where the authority is known, and not where it is not', async () => {
    const tls = { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
    const csms = await startCsms({ tls });
    const base = { url: csms.url, scenario: 'session', stations: 5, processes: 0, durationMs: 300, timeoutMs: 2000 };
    try {
      const known = await runLoad({ ...base, ca: tls.cert });
      expect(known.faults.examples).toEqual([]);
      expect(known.load.answers).toBeGreaterThan(20);
      const unchecked = await runLoad({ ...base, insecure: true });
      expect(unchecked.passed).toBe(true);
      const unknown = await runLoad({ ...base, readyTimeoutMs: 300, timeoutMs: 100, scenario: 'idle' });
      expect(unknown.faults.counts.notReady).toBe(5);
      expect(unknown.load.retries).toBeGreaterThan(4);
    } finally {
      await csms.close();
    }
  });
});
