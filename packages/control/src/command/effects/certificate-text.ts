/** A field of a command that holds certificates: read, or the problem that names it. */
import { type Certificate, CertificateTextError, readCertificates } from '../../authority/certificates.js';
import { ProblemError } from '../../problem.js';
import type { Payload } from '../effect.js';

/** @throws {ProblemError} `validation` */
export function certificatesOf(payload: Payload, field: string): readonly [Certificate, ...Certificate[]] {
  const refuse = (message: string) => new ProblemError('validation', { errors: [{ field, message }] });
  let chain: readonly [Certificate, ...Certificate[]];
  try {
    chain = readCertificates(String(payload[field]));
  } catch (error) {
    if (error instanceof CertificateTextError) throw refuse(error.message);
    throw error;
  }
  if (Date.parse(chain[0].node.validTo) <= Date.now()) throw refuse('has run out');
  return chain;
}
