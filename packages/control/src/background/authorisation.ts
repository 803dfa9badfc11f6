/** Jobs of tokens and their groups, local lists, reservations. */
import type { Job } from './job.js';

export const AUTHORISATION_JOBS: readonly Job[] = [];
