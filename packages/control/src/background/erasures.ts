/** Goes through what is too large to be done while somebody waits: logs and local lists that still know who was forgotten. */
import { continueErasure } from '@sigec/store';
import type { Job } from './job.js';

export const erasures: Job = {
  name: 'erasures',
  everyMs: 60_000,
  run: ({ db }) => continueErasure(db),
};
