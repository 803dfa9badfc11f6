/** Jobs of certificates, security events, and ISO 15118. */
import type { Job } from './job.js';

export const SECURITY_JOBS: readonly Job[] = [];
