/**
 * The ports of ISO 15118 (Plug & Charge): whoever provides contracts and certificate statuses. A provider answers from what it
 * holds already: handlers do not wait. Where there is none the answers say so, and promise nothing.
 */

/** OCPP's name of a certificate (CertificateHashDataType). */
export interface CertificateName {
  readonly hashAlgorithm: string;
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
  readonly serialNumber: string;
}

export interface EvCertificateQuery {
  readonly schemaVersion: string;
  readonly action: 'Install' | 'Update';
  /** The car's own message, base64 of EXI. */
  readonly exiRequest: string;
  /** 2.1 (ISO 15118-20): how many contracts the car takes; null where it does not say. */
  readonly maxContracts: number | null;
  /** 2.1: contracts that come first where there are more than it takes. */
  readonly emaids: readonly string[];
}

export type EvCertificateAnswer =
  | { readonly status: 'Accepted'; readonly exiResponse: string; readonly remainingContracts?: number }
  | { readonly status: 'Failed'; readonly reason: string };

/** `result`: a DER OCSP response (RFC 6960), base64. */
export type OcspAnswer =
  | { readonly status: 'Accepted'; readonly result: string }
  | { readonly status: 'Failed'; readonly reason: string };

/** Whether a contract certificate may charge. `NoCertificateAvailable`: nobody could look at it. */
export type ContractStatus =
  | 'Accepted'
  | 'SignatureError'
  | 'CertificateExpired'
  | 'CertificateRevoked'
  | 'NoCertificateAvailable'
  | 'CertChainError'
  | 'ContractCancelled';

export interface ContractQuery {
  /** The contract's chain, PEM; absent where the station has looked at it itself and sends hashes only. */
  readonly certificate?: string | undefined;
  readonly hashes?: readonly (CertificateName & { readonly responderURL: string })[] | undefined;
}

export interface Iso15118Port {
  /** Get15118EVCertificate, 2.x M01, M02. */
  evCertificate(query: EvCertificateQuery): EvCertificateAnswer;
  /** GetCertificateStatus, 2.x M06. */
  ocsp(name: CertificateName & { readonly responderURL: string }): OcspAnswer;
  /** Authorize with a contract, 2.x C07. */
  contract(query: ContractQuery): ContractStatus;
}

/** Fits the reasonCode of 2.x. */
export const NO_PROVIDER = 'NoProvider';

/** Nobody is configured: no contract is given, no status told, and no contract taken for good unseen. */
export const NO_ISO15118: Iso15118Port = {
  evCertificate: () => ({ status: 'Failed', reason: NO_PROVIDER }),
  ocsp: () => ({ status: 'Failed', reason: NO_PROVIDER }),
  contract: () => 'NoCertificateAvailable',
};

/**
 * What Authorize answers about the certificate of a contract; undefined where the station sent none. 2.x C07.FR.01, C07.FR.06:
 * a token goes without its contract being looked at only where none was shown.
 */
export function certificateStatus(port: Iso15118Port, query: ContractQuery): ContractStatus | undefined {
  if (query.certificate === undefined && (query.hashes === undefined || query.hashes.length === 0)) return undefined;
  return port.contract(query);
}

/** A status of our own certificates (2.1 GetCertificateChainStatus); undefined of those that others issued. */
export function ownCertificateStatus(
  issued: { readonly issuerNameHash: string; readonly revokedAt: number | null } | undefined,
  name: CertificateName,
): 'Good' | 'Revoked' | undefined {
  // Hashes are hex, whose case says nothing.
  if (issued === undefined || issued.issuerNameHash !== name.issuerNameHash.toLowerCase()) return undefined;
  return issued.revokedAt === null ? 'Good' : 'Revoked';
}

/** Serial numbers as they are compared: hex, lower case, without leading zeros. */
export const plainSerial = (hex: string): string => hex.toLowerCase().replace(/^0+(?=.)/, '');
