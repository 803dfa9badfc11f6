/**
 * From a station's request to the certificate in its hands (2.x A02, A03; 1.6 security extension A02): issued by whoever is configured,
 * sent with CertificateSigned, tried again while the station is away. Each step is kept before the next, so a process that ends
 * in the middle leaves the request to another.
 */
import {
  type ClaimedRequest,
  certificateIssued,
  claimCertificateRequests,
  endCertificateRequest,
  getStation,
  postponeCertificateRequest,
} from '@sigec/store';
import { NotIssued } from '../authority/port.js';
import { perform } from '../command/perform.js';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { itself, type Job } from './job.js';

/** At once in this process. */
const MOST = 10;
/** Over what issuing and sending take together: another process does not take it before. */
const LEASE_MS = 45_000;
const ANSWER_MS = 20_000;
/** Between two tries: from seconds to minutes. */
const FIRST_MS = 2000;
const LAST_MS = 120_000;
/** How long a request is tried: a station that was away for a week asks again by itself. */
const HOPE_MS = 7 * 86_400_000;

const pauseOf = (attempts: number): number => Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 10));

/** Not now. */
async function later({ db }: Services, { id, attempts, ageMs }: ClaimedRequest, why: string): Promise<void> {
  if (ageMs > HOPE_MS) return endCertificateRequest(db, id, 'failed', why);
  return postponeCertificateRequest(db, id, pauseOf(attempts), why);
}

/** The chain that was issued; undefined where the request was ended or put off instead. */
async function issue(services: Services, request: ClaimedRequest, closing: AbortSignal): Promise<string | undefined> {
  const { db, authorities, logger } = services;
  const { id, identity, csr, certificateType } = request;
  try {
    const authority = await authorities.issuer();
    const made = await authority.issue({ csr, identity, certificateType }, closing);
    const kept = await certificateIssued(db, request, made);
    // Undefined: the station asked again meanwhile, and has another key now.
    return kept === undefined ? undefined : made.chainPem;
  } catch (error) {
    if (error instanceof NotIssued) {
      logger.warn({ identity, request: id, why: error.message }, 'a certificate was not issued');
      await endCertificateRequest(db, id, 'failed', error.message);
    } else {
      logger.warn({ identity, request: id, err: error }, 'a certificate could not be issued now');
      await later(services, request, error instanceof Error ? error.message.slice(0, 200) : 'failed');
    }
    return undefined;
  }
}

async function send(services: Services, request: ClaimedRequest, certificateChain: string): Promise<void> {
  const { db, logger } = services;
  const { id, tenantId, stationId, identity, certificateType, ocppRequestId, online } = request;
  if (!online) return later(services, request, 'charger-offline');
  const actor = itself(tenantId);
  const station = await getStation(db, actor, stationId);
  if (station === undefined) return;
  const payload = {
    certificateChain,
    ...(certificateType !== null && { certificateType }),
    // Of 2.1 alone, and only where the station gave one.
    ...(ocppRequestId !== null && { requestId: ocppRequestId }),
  };
  try {
    const order = { action: 'CertificateSigned', payload, timeoutMs: ANSWER_MS };
    const { response } = await perform(services, actor, station, order);
    const status = String(response.status);
    logger.info({ identity, request: id, status }, 'a certificate was sent to its charger');
    await endCertificateRequest(db, id, status === 'Accepted' ? 'installed' : 'refused', status.slice(0, 50));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    // A charger's own error is its answer: it will not be another one the next time.
    if (error.code === 'charger-error' || error.code === 'validation' || error.code === 'unknown-action')
      await endCertificateRequest(db, id, 'refused', error.code);
    else await later(services, request, error.code);
  }
}

async function work(services: Services, request: ClaimedRequest, closing: AbortSignal): Promise<void> {
  const chain = request.chainPem ?? (await issue(services, request, closing));
  if (chain !== undefined && !closing.aborted) await send(services, request, chain);
}

export const certificates: Job = {
  name: 'certificates',
  everyMs: 1000,
  async run(services, closing) {
    const claimed = await claimCertificateRequests(services.db, MOST, LEASE_MS);
    const done = await Promise.allSettled(claimed.map((request) => work(services, request, closing)));
    const failed = done.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return claimed.length === MOST && !closing.aborted;
  },
};
