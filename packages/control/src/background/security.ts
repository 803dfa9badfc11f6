/** Jobs of certificates, security events, and ISO 15118. */
import { dropOldSecurityEvents } from '@sigec/store';
import { certificates } from './certificates.js';
import type { Job } from './job.js';

/** Longer than a year, for whoever looks back at one. */
const KEPT_DAYS = 400;

const upkeep: Job = {
  name: 'security-upkeep',
  everyMs: 3_600_000,
  run: ({ db }) => dropOldSecurityEvents(db, KEPT_DAYS),
};

export const SECURITY_JOBS: readonly Job[] = [certificates, upkeep];
