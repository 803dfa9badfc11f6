/** Jobs of the device model: the provisioning of stations, and what is kept of their events. */
import { dropOldEvents } from '@sigec/store';
import type { Job } from './job.js';
import { provisioning } from './provisioning.js';

/** Events of stations are kept so long. */
const EVENT_DAYS = 90;
/** Streams that were closed are kept so long, with their values. */
const STREAM_DAYS = 7;

const retention: Job = {
  name: 'device-events',
  everyMs: 600_000,
  async run({ db, logger }) {
    const dropped = await dropOldEvents(db, EVENT_DAYS, STREAM_DAYS);
    if (dropped > 0) logger.info({ dropped }, 'old events of stations dropped');
    return dropped >= 5_000;
  },
};

export const DEVICE_MODEL_JOBS: readonly Job[] = [provisioning, retention];
