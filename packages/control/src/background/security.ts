/** Jobs of certificates, security events, and ISO 15118. */
import { dropOldCertificateRequests, dropOldSecurityEvents } from '@sigec/store';
import { certificates } from './certificates.js';
import type { Job } from './job.js';

/** Longer than a year, for whoever looks back at one. */
const KEPT_DAYS = 400;
/** What came of them stays: the certificates themselves. */
const REQUESTS_KEPT_DAYS = 90;

const upkeep: Job = {
  name: 'security-upkeep',
  everyMs: 3_600_000,
  async run({ db }) {
    const more = await Promise.all([
      dropOldSecurityEvents(db, KEPT_DAYS),
      dropOldCertificateRequests(db, REQUESTS_KEPT_DAYS),
    ]);
    return more.includes(true);
  },
};

export const SECURITY_JOBS: readonly Job[] = [certificates, upkeep];
