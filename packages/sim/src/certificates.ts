/** The room of installed root certificates and of the key a new station certificate was asked for (2.x A02, M03-M05). */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { belongsTo, certificateHash, certificateRequest } from './der.js';
import type { JsonObject } from './json.js';

const MAX_INSTALLED = 20;

interface Installed {
  type: string;
  pem: string;
  hash: JsonObject;
}

/** A certificate chain with the key of its first, PEM. */
export interface OwnCertificate {
  readonly cert: string;
  readonly key: string;
  /** The certificate and those above it, as far as the chain and the installed ones go; the last may be a root. */
  readonly chain: readonly string[];
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** No chain is longer. */
const MAX_CHAIN = 5;

export class Certificates {
  #installed: Installed[] = [];
  #asked: { key: KeyObject; requestId: number | undefined } | null = null;
  #own: Omit<OwnCertificate, 'chain'> | null = null;

  /** InstallCertificate: Rejected where the text is no certificate, Failed where there is no room. */
  install(type: string, pem: string): 'Accepted' | 'Rejected' | 'Failed' {
    let hash: JsonObject;
    try {
      hash = certificateHash(pem);
    } catch {
      return 'Rejected';
    }
    const rest = this.#installed.filter((i) => i.type !== type || JSON.stringify(i.hash) !== JSON.stringify(hash));
    if (rest.length >= MAX_INSTALLED) return 'Failed';
    this.#installed = [...rest, { type, pem, hash }];
    return 'Accepted';
  }

  /** Those of the types asked for, or all. */
  list(types?: readonly string[]): Installed[] {
    return this.#installed.filter((i) => types === undefined || types.includes(i.type));
  }

  /** DeleteCertificate, by the hash data of any algorithm. */
  remove(wanted: JsonObject): 'Accepted' | 'NotFound' {
    const before = this.#installed.length;
    const text = (value: unknown) => String(value).toLowerCase();
    this.#installed = this.#installed.filter((i) => {
      const own = certificateHash(i.pem, String(wanted.hashAlgorithm));
      return !(['issuerNameHash', 'issuerKeyHash', 'serialNumber'] as const).every(
        (f) => text(own[f]) === text(wanted[f]),
      );
    });
    return this.#installed.length < before ? 'Accepted' : 'NotFound';
  }

  /** A request for a station certificate; its key is kept until the certificate comes, or another is asked for. */
  request(identity: string, organisation: string, requestId?: number): string {
    const { csr, key } = certificateRequest(identity, organisation);
    this.#asked = { key, requestId };
    return csr;
  }

  /** The CSMS will not have it signed: the key is of no use. */
  forget(): void {
    this.#asked = null;
  }

  /** CertificateSigned: only a certificate for the key that was asked for is taken; the same one again is taken again. */
  signed(chain: string, requestId?: number): 'Accepted' | 'Rejected' {
    if (this.#own !== null && this.#own.cert === chain) return 'Accepted';
    const asked = this.#asked;
    if (asked === null || !belongsTo(chain, asked.key)) return 'Rejected';
    if (asked.requestId !== undefined && requestId !== undefined && asked.requestId !== requestId) return 'Rejected';
    this.#asked = null;
    this.#own = { cert: chain, key: asked.key.export({ type: 'pkcs8', format: 'pem' }).toString() };
    return 'Accepted';
  }

  /** The station's own certificate with its key, PEM; null before there was one. */
  get own(): OwnCertificate | null {
    return this.#own === null ? null : { ...this.#own, chain: this.#above(this.#own.cert.match(PEM) ?? []) };
  }

  /** A chain with the installed certificates that issued its last ones. */
  #above(chain: readonly string[]): string[] {
    const above = [...chain];
    while (above.length < MAX_CHAIN) {
      const last = new X509Certificate(above.at(-1) ?? '');
      const issuer = this.#installed.find(({ pem }) => {
        const other = new X509Certificate(pem);
        return other.fingerprint256 !== last.fingerprint256 && last.checkIssued(other);
      });
      if (issuer === undefined) break;
      above.push(issuer.pem);
    }
    return above;
  }
}
