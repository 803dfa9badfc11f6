/** Jobs of firmware, diagnostics, logs, and customer information: what is past its time goes. */
import { expireUploads, forgetCustomers, sweepFiles } from '@sigec/store';
import type { Job } from './job.js';

const DEFAULT_DAYS = 90;

const files: Job = {
  name: 'files',
  everyMs: 600_000,
  async run({ db, config, logger }) {
    const days = config.uploadDays ?? DEFAULT_DAYS;
    const swept = await sweepFiles(db);
    const expired = await expireUploads(db, days);
    const forgotten = await forgetCustomers(db, days);
    if (swept + expired + forgotten > 0) logger.info({ swept, expired, forgotten }, 'files past their time removed');
    return swept + expired + forgotten > 0;
  },
};

export const FIRMWARE_JOBS: readonly Job[] = [files];
