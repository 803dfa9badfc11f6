/** Ends requests that a charger accepted and never answered: whoever waits for them is told. */
import { expireRequests } from '@sigec/store';
import type { Job } from './job.js';

/** Longer than a firmware that is installed at night takes. */
const QUIET_MS = 48 * 3_600_000;

export const expiry: Job = {
  name: 'expiry',
  everyMs: 60_000,
  async run({ db, logger }) {
    const expired = await expireRequests(db, QUIET_MS);
    if (expired > 0) logger.info({ requests: expired }, 'requests expired');
    return false;
  },
};
