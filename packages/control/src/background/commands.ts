/** Jobs of the queue of commands and of commands to many stations. */
import { countBatches, expireCommands, followRequests, pauseFailing, purgeCommands } from '@sigec/store';
import { dispatchDue } from '../command/dispatcher.js';
import type { Services } from '../context.js';
import type { Job } from './job.js';

/** Rows of one statement. */
const MAX_ROWS = 500;
/** Between two counts of one batch: its progress is told no more often. */
const COUNT_MS = 2000;
/** Commands that ended are kept so long. */
const KEEP_DAYS = 90;

async function pauseThoseOf({ db, logger }: Services, rows: readonly { batchId: number | null }[]): Promise<void> {
  for (const id of new Set(rows.map((row) => row.batchId)))
    if (id !== null && (await pauseFailing(db, id))) logger.info({ batch: id }, 'batch: paused, it failed too often');
}

/** Commands of the queue go out. */
export const dispatchJob: Job = { name: 'command dispatch', everyMs: 250, run: dispatchDue };

/** Commands that are answered later end with their request, or are tried again. */
export const followJob: Job = {
  name: 'command requests',
  everyMs: 500,
  async run(services) {
    const rows = await followRequests(services.db, MAX_ROWS);
    await pauseThoseOf(services, rows);
    return rows.length === MAX_ROWS;
  },
};

/** Commands that waited too long end. */
export const expireJob: Job = {
  name: 'command expiry',
  everyMs: 1000,
  async run(services) {
    const rows = await expireCommands(services.db, MAX_ROWS);
    await pauseThoseOf(services, rows);
    return rows.length === MAX_ROWS;
  },
};

/** Batches are counted, told of, and ended. */
export const countJob: Job = {
  name: 'batch progress',
  everyMs: 1000,
  async run({ db }) {
    await countBatches(db, COUNT_MS);
    return false;
  },
};

export const purgeJob: Job = {
  name: 'command history',
  everyMs: 600_000,
  run: async ({ db }) => (await purgeCommands(db, KEEP_DAYS, MAX_ROWS)) === MAX_ROWS,
};

export const COMMANDS_JOBS: readonly Job[] = [dispatchJob, followJob, expireJob, countJob, purgeJob];
