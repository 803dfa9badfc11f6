/** Certificates that live as long as a test: an authority, and what it signed for loopback. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './binaries.js';
import { tempDir } from './temp.js';

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  /** For 127.0.0.1 and localhost, as server and as client. */
  readonly cert: string;
  readonly key: string;
  remove(): void;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-batch'];

/** Makes them with the openssl of this machine (Debian's postgresql brings it). */
export function makeCertificates(): Certificates {
  const command = findProgram('openssl');
  if (command === undefined) throw new Error('openssl is not installed');
  const folder = tempDir('tls');
  const at = (name: string): string => join(folder.path, name);
  const openssl = (...args: string[]): void => {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl: ${stderr.slice(-500)}`);
  };
  writeFileSync(at('san'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n');
  openssl('req', '-x509', ...EC, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2', '-subj', '/CN=test ca');
  openssl('req', '-new', ...EC, '-keyout', at('key.pem'), '-out', at('csr'), '-subj', '/CN=localhost');
  const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('san'), '-days', '2'];
  openssl('x509', '-req', '-in', at('csr'), '-out', at('cert.pem'), ...signed);
  return { ca: at('ca.pem'), cert: at('cert.pem'), key: at('key.pem'), remove: folder.remove };
}
