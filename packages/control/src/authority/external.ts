/**
 * An authority of somebody else's, asked over HTTP: `POST url` with `{ csr, identity, certificate_type, validity_days }`, answered
 * with `{ certificate_chain }` in PEM, the station's own certificate first. 400, 403 and 422 are its no; all else is tried again.
 */
import { createPublicKey } from 'node:crypto';
import type { Circuit, CircuitOptions } from '@sigec/runtime';
import type { NewCertificate } from '@sigec/store';
import { type Certificate, readCertificates } from './certificates.js';
import { issuedRow } from './issued.js';
import { type CertificateAuthority, NotIssued, type Wanted } from './port.js';
import { Pkcs10CertificateRequest } from './x509.js';

const TIMEOUT_MS = 10_000;
/** Far over what a station can take (10,000 characters). */
const MOST_BYTES = 65_536;
const NO: ReadonlySet<number> = new Set([400, 403, 422]);

export interface ExternalSettings {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** How long it may take, ms. Default 10 s. */
  readonly timeoutMs?: number | undefined;
}

/** An authority that refuses is there. */
export const CA_CIRCUIT: CircuitOptions = {
  openMs: 30_000,
  counts: (error) => !(error instanceof NotIssued),
};

/** A body, as far as it is not too long. */
async function bodyOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > MOST_BYTES) throw new Error('the authority answered more than a chain');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function chainOf(text: string): readonly [Certificate, ...Certificate[]] {
  let chain: unknown;
  try {
    chain = (JSON.parse(text) as { certificate_chain?: unknown } | null)?.certificate_chain;
  } catch {
    throw new Error('the authority did not answer in JSON');
  }
  if (typeof chain !== 'string') throw new Error('the authority answered no certificate_chain');
  return readCertificates(chain);
}

/** Trusted as far as it goes: what it answers must be for this key and this station, or it is nobody's. */
function checkIssued([own]: readonly [Certificate, ...Certificate[]], { csr, identity }: Wanted): void {
  const wanted = new Pkcs10CertificateRequest(csr.replaceAll('NEW CERTIFICATE', 'CERTIFICATE')).publicKey;
  const spki = createPublicKey({ key: Buffer.from(new Uint8Array(wanted.rawData)), format: 'der', type: 'spki' });
  if (!own.node.publicKey.equals(spki)) throw new NotIssued('the authority certified another key');
  if (!own.commonNames.includes(identity)) throw new NotIssued('the authority certified another name');
  if (Date.parse(own.node.validTo) <= Date.now())
    throw new NotIssued('the authority answered a certificate that has run out');
}

export class ExternalAuthority implements CertificateAuthority {
  constructor(
    private readonly settings: ExternalSettings,
    private readonly days: number,
    private readonly circuit?: Circuit,
  ) {}

  async issue(wanted: Wanted, signal: AbortSignal): Promise<NewCertificate> {
    const { csr, identity, certificateType } = wanted;
    const holds = await new Pkcs10CertificateRequest(csr.replaceAll('NEW CERTIFICATE', 'CERTIFICATE'))
      .verify()
      .catch(() => false);
    if (!holds) throw new NotIssued('the request is not signed by its own key');
    const chain = chainOf(await this.#guarded(wanted, signal));
    checkIssued(chain, { csr, identity, certificateType });
    return issuedRow('external', certificateType, chain);
  }

  #guarded(wanted: Wanted, signal: AbortSignal): Promise<string> {
    const ask = () => this.#ask(wanted, signal);
    return this.circuit === undefined ? ask() : this.circuit.run(ask);
  }

  async #ask({ csr, identity, certificateType }: Wanted, signal: AbortSignal): Promise<string> {
    const { url, token, timeoutMs = TIMEOUT_MS } = this.settings;
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ csr, identity, certificate_type: certificateType, validity_days: this.days }),
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      text = await bodyOf(response);
    } catch (error) {
      // Its words may hold the address, which may hold a secret.
      throw new Error(`the authority cannot be asked (${(error as Error).name})`);
    }
    if (NO.has(response.status)) throw new NotIssued(`the authority refused (${response.status})`);
    if (!response.ok) throw new Error(`the authority answered ${response.status}`);
    return text;
  }
}
