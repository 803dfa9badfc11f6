/** Lets go of answers that nobody may ask for again. */
import { dropOldIdempotencyKeys } from '@sigec/store';
import type { Job } from './job.js';

export const idempotencyUpkeep: Job = {
  name: 'idempotency-upkeep',
  everyMs: 600_000,
  run: ({ db }) => dropOldIdempotencyKeys(db),
};
