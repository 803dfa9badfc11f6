/** The port to whoever issues certificates for stations. */
import type { NewCertificate } from '@sigec/store';

/** What is asked for. */
export interface Wanted {
  /** PKCS#10 in PEM. */
  readonly csr: string;
  /** What the certificate is to say. */
  readonly identity: string;
  readonly certificateType: string | null;
}

/** It will not be issued, however often it is asked. */
export class NotIssued extends Error {
  override readonly name = 'NotIssued';
}

export interface CertificateAuthority {
  /**
   * @throws {NotIssued} where the request itself is at fault
   * @throws {Error} for what may pass by itself
   */
  issue(wanted: Wanted, signal: AbortSignal): Promise<NewCertificate>;
}
