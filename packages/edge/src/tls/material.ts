/** Certificate, key, client CA and revocation lists: read, checked, and named by their configuration where they are wrong. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { crlBlocks, crlExpiry } from './crl.js';

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string | undefined;
  readonly clientCrl?: string | undefined;
}

/** What of the files runs out, and when, ms since 1970. */
export interface Expiry {
  readonly of: 'certificate' | 'client_ca' | 'client_crl';
  readonly at: number;
}

export interface Material {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
  /** Each list by itself: of a text with several Node reads the first alone. */
  readonly crl: readonly string[] | undefined;
  readonly expiries: readonly Expiry[];
}

const NAMES = {
  cert: 'SIGEC_OCPP_TLS_CERT',
  key: 'SIGEC_OCPP_TLS_KEY',
  clientCa: 'SIGEC_OCPP_TLS_CLIENT_CA',
  clientCrl: 'SIGEC_OCPP_TLS_CLIENT_CRL',
} as const;
type FileKey = keyof typeof NAMES;
const KEYS = Object.keys(NAMES) as FileKey[];

/** Revocation lists grow; a file over this is no such file. */
const MAX_BYTES = 32 * 1024 * 1024;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Files put together from others may have two blocks in one line, of which OpenSSL would read the first alone. */
const JOINED = /(-----END [A-Z0-9 ]+-----)(?=-----BEGIN)/g;

/** A file of TLS that cannot be used. Its message names the configuration and the file, and shows nothing of what is in it. */
export class TlsFileError extends Error {
  constructor(key: FileKey, path: string, problem: string) {
    super(`${NAMES[key]}: ${path} ${problem}`);
    this.name = 'TlsFileError';
  }
}

/** Changes when one of the files does, also where a link is turned to another file; a missing file has a mark, too. */
export async function fingerprint(files: TlsFiles): Promise<string> {
  const marks = KEYS.map(async (key) => {
    const path = files[key];
    if (path === undefined) return '';
    const found = await stat(path).catch(() => null);
    return found === null ? 'missing' : `${found.ino}:${found.size}:${found.mtimeMs}`;
  });
  return (await Promise.all(marks)).join(' ');
}

async function read(key: FileKey, path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MAX_BYTES) throw new TlsFileError(key, path, `is over ${MAX_BYTES} bytes`);
    return (await readFile(path, 'utf8')).replace(JOINED, '$1\n');
  } catch (error) {
    if (error instanceof TlsFileError) throw error;
    throw new TlsFileError(key, path, `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}

function certificates(key: FileKey, path: string, pem: string): [X509Certificate, ...X509Certificate[]] {
  const [first, ...more] = pem.match(CERTIFICATE) ?? [];
  if (first === undefined) throw new TlsFileError(key, path, 'has no certificate in PEM');
  try {
    return [new X509Certificate(first), ...more.map((one) => new X509Certificate(one))];
  } catch {
    throw new TlsFileError(key, path, 'has a certificate that cannot be read');
  }
}

/** One check with a word for its failure: what the library says may quote what is in the file. */
function attempt<T>(key: FileKey, path: string, problem: string, work: () => T): T {
  try {
    return work();
  } catch {
    throw new TlsFileError(key, path, problem);
  }
}

const end = (certificate: X509Certificate): number => Date.parse(certificate.validTo);

/**
 * Reads and checks the files. What has expired is no error: a charger may take it still.
 * @throws {TlsFileError} naming the configuration and the file
 */
export async function readMaterial(files: TlsFiles): Promise<Material> {
  const { cert: certPath, key: keyPath, clientCa, clientCrl } = files;
  const cert = await read('cert', certPath);
  const key = await read('key', keyPath);
  const chain = certificates('cert', certPath, cert);
  const secret: KeyObject = attempt('key', keyPath, 'is no private key in PEM, or has a passphrase', () =>
    createPrivateKey(key),
  );
  if (!chain[0].checkPrivateKey(secret))
    throw new TlsFileError('key', keyPath, `is not the key of the certificate in ${NAMES.cert}`);
  attempt('cert', certPath, 'and its key are not taken by TLS', () => createSecureContext({ cert, key }));
  const expiries: Expiry[] = [{ of: 'certificate', at: Math.min(...chain.map(end)) }];
  let ca: string | undefined;
  let crl: string[] | undefined;
  if (clientCa !== undefined) {
    ca = await read('clientCa', clientCa);
    const authorities = certificates('clientCa', clientCa, ca);
    if (!authorities.every((one) => one.ca))
      throw new TlsFileError('clientCa', clientCa, 'has one that is no authority');
    expiries.push({ of: 'client_ca', at: Math.min(...authorities.map(end)) });
  }
  if (clientCrl !== undefined) {
    const lists = await read('clientCrl', clientCrl);
    const each = crlBlocks(lists);
    const at = attempt('clientCrl', clientCrl, 'has no revocation list that can be read', () => {
      createSecureContext({ crl: each });
      return crlExpiry(lists);
    });
    crl = each;
    expiries.push({ of: 'client_crl', at });
  }
  return { cert, key, ca, crl, expiries };
}
