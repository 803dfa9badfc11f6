/** The authority that this installation keeps: of files, or made once and kept encrypted in the database (docs/decisions/0016). */
import { createPrivateKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { certificateRefusal, publicKeyFacts } from '@sigec/domain';
import { type Database, ensureAuthority, type NewCertificate, type Revoked } from '@sigec/store';
import { seal, unseal } from '../sealed.js';
import { type Certificate, keyHashOf, readCertificates } from './certificates.js';
import { issuedRow } from './issued.js';
import { type CertificateAuthority, NotIssued, type Wanted } from './port.js';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  pemBlock,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from './x509.js';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 20 * 365;
/** Stations whose clock is behind take a certificate all the same. */
const BACKDATED_MS = 3_600_000;
/** How long a list of revoked certificates holds. */
const LIST_DAYS = 7;

/** Paths of PEM files; the key without a passphrase. */
export interface AuthorityFiles {
  readonly certificate: string;
  readonly key: string;
}

/** 127 random bits, never zero in front: positive, and the same written as hex or as a number (RFC 5280 4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

async function signingKey(
  key: KeyObject,
): Promise<{ key: webcrypto.CryptoKey; algorithm: typeof EC | { name: string; hash: string } }> {
  const der = key.export({ type: 'pkcs8', format: 'der' });
  if (key.asymmetricKeyType === 'rsa') {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    return { key: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']), algorithm };
  }
  const curves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384' };
  const namedCurve = curves[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (namedCurve === undefined) throw new Error('the key of the authority must be EC P-256, EC P-384 or RSA');
  const algorithm = { name: 'ECDSA', namedCurve, hash: namedCurve === 'P-384' ? 'SHA-384' : 'SHA-256' };
  return { key: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']), algorithm };
}

/** A new one: EC P-256, for end certificates only. */
async function makeAuthority(): Promise<{ certificate: string; key: string }> {
  const keys = (await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const name: JsonName = [
    { O: ['SIGEC-VE'] },
    { CN: [`SIGEC-VE charging stations ${randomBytes(4).toString('hex')}`] },
  ];
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name,
    notBefore: new Date(Date.now() - BACKDATED_MS),
    notAfter: new Date(Date.now() + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: EC,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = pemBlock('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { certificate: pemBlock('CERTIFICATE', made.rawData), key };
}

export class BuiltInAuthority implements CertificateAuthority {
  private constructor(
    /** Its own certificate first, then those above it. */
    readonly chain: readonly [Certificate, ...Certificate[]],
    private readonly certificate: X509Certificate,
    private readonly signing: Awaited<ReturnType<typeof signingKey>>,
    private readonly days: number,
  ) {}

  /** @throws {Error} that names the setting whose file is no good */
  static async ofFiles({ certificate, key }: AuthorityFiles, days: number): Promise<BuiltInAuthority> {
    const read = (path: string, setting: string) =>
      readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
        throw new Error(`${setting}: the file cannot be read (${cause.code ?? 'unknown'})`);
      });
    const [chainText, keyText] = await Promise.all([read(certificate, 'SIGEC_CA_CERT'), read(key, 'SIGEC_CA_KEY')]);
    return BuiltInAuthority.#of(chainText, keyText, days, 'SIGEC_CA_CERT, SIGEC_CA_KEY');
  }

  /** The one of this installation, made where there is none, by one process only. */
  static async ofDatabase(db: Database, secret: string, days: number): Promise<BuiltInAuthority> {
    const { certificatePem, keyBox } = await ensureAuthority(db, async () => {
      const made = await makeAuthority();
      return { certificatePem: made.certificate, keyBox: seal(secret, 'authority', made.key) };
    });
    return BuiltInAuthority.#of(certificatePem, unseal(secret, 'authority', keyBox), days, 'the kept authority');
  }

  static async #of(chainText: string, keyText: string, days: number, origin: string): Promise<BuiltInAuthority> {
    let key: KeyObject;
    let chain: readonly [Certificate, ...Certificate[]];
    try {
      key = createPrivateKey(keyText);
      chain = readCertificates(chainText);
    } catch (error) {
      // What a parser says of a key may quote it.
      throw new Error(`${origin}: not a certificate and its key in PEM`, { cause: (error as Error).name });
    }
    const [own] = chain;
    if (!own.node.checkPrivateKey(key)) throw new Error(`${origin}: the key is not the certificate's`);
    if (!own.node.ca) throw new Error(`${origin}: the certificate is no authority's`);
    return new BuiltInAuthority(chain, new X509Certificate(own.pem), await signingKey(key), days);
  }

  /** By which what it issued is found again. */
  get keyHash(): string {
    return keyHashOf(this.chain[0]);
  }

  async issue({ csr: text, identity, certificateType }: Wanted): Promise<NewCertificate> {
    let csr: Pkcs10CertificateRequest;
    try {
      csr = new Pkcs10CertificateRequest(text.replaceAll('NEW CERTIFICATE', 'CERTIFICATE'));
    } catch {
      throw new NotIssued('the request cannot be read');
    }
    // Who asks must hold the key that is certified.
    const holds = await csr.verify().catch(() => false);
    if (!holds) throw new NotIssued('the request is not signed by its own key');
    if (certificateType !== null && certificateType !== 'ChargingStationCertificate')
      throw new NotIssued('no authority for ISO 15118 is configured');
    const organisations = csr.subjectName.getField('O');
    const facts = publicKeyFacts(csr.publicKey.algorithm);
    const refusal = certificateRefusal(
      { commonNames: [identity], organisations, key: facts },
      { identity, serialNumber: null },
    );
    if (refusal !== undefined) throw new NotIssued(refusal.detail);
    const now = Date.now();
    const notAfter = Math.min(now + this.days * DAY_MS, this.certificate.notAfter.getTime());
    const usage = facts.kind === 'rsa' ? KeyUsageFlags.keyEncipherment : 0;
    const made = await X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: [...organisations.map((O) => ({ O: [O] })), { CN: [identity] }],
      issuer: this.certificate.subjectName,
      notBefore: new Date(Math.max(now - BACKDATED_MS, this.certificate.notBefore.getTime())),
      notAfter: new Date(notAfter),
      signingAlgorithm: this.signing.algorithm,
      publicKey: csr.publicKey,
      signingKey: this.signing.key,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature | usage, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
        await SubjectKeyIdentifierExtension.create(csr.publicKey),
        await AuthorityKeyIdentifierExtension.create(this.certificate.publicKey),
      ],
    });
    // A root is what a station trusts already, or does not: only what stands between goes with the certificate.
    const between = this.chain.filter(({ node }) => !node.checkIssued(node));
    const [own] = readCertificates(pemBlock('CERTIFICATE', made.rawData));
    return issuedRow('builtin', certificateType, [own, ...between], this.chain);
  }

  /** The list of revoked certificates, PEM. */
  async revocationList(revoked: readonly Revoked[]): Promise<string> {
    const now = Date.now();
    const list = await X509CrlGenerator.create({
      issuer: this.certificate.subjectName,
      thisUpdate: new Date(now - 60_000),
      nextUpdate: new Date(now + LIST_DAYS * DAY_MS),
      entries: revoked.map(({ serialNumber, revokedAt, reason }) => ({
        serialNumber: serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`,
        revocationDate: new Date(revokedAt),
        reason: X509CrlReason[reason as keyof typeof X509CrlReason] ?? X509CrlReason.unspecified,
      })),
      extensions: [await AuthorityKeyIdentifierExtension.create(this.certificate.publicKey)],
      signingAlgorithm: this.signing.algorithm,
      signingKey: this.signing.key,
    });
    return pemBlock('X509 CRL', list.rawData);
  }
}
