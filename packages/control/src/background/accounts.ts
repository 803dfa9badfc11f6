/** Jobs of people's accounts: the keys that sign tokens follow one another, and what is past its time goes. */
import { dropOldNotifications, dropOldSigningKeys, dropOldTokens } from '@sigec/store';
import { KEY_MS } from '../auth/signing-keys.js';
import type { Job } from './job.js';

/** Messages are kept so long, delivered or not: the tokens in them are over before. */
const NOTICE_DAYS = 8;

const keys: Job = {
  name: 'signing-keys',
  everyMs: 3_600_000,
  async run({ db, signingKeys, logger }) {
    if (await signingKeys.rotate()) logger.info('a new key for access tokens was made');
    await dropOldSigningKeys(db, KEY_MS);
    return false;
  },
};

const upkeep: Job = {
  name: 'account-upkeep',
  everyMs: 3_600_000,
  async run({ db }) {
    await dropOldTokens(db);
    await dropOldNotifications(db, NOTICE_DAYS);
    return false;
  },
};

export const ACCOUNT_JOBS: readonly Job[] = [keys, upkeep];
