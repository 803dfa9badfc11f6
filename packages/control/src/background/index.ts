/** The table of what the control role does by itself, and the running of it. */
import { type Repeating, repeat } from '@sigec/runtime';
import type { Services } from '../context.js';
import { ACCOUNT_JOBS } from './accounts.js';
import { AUTHORISATION_JOBS } from './authorisation.js';
import { CHARGING_JOBS } from './charging.js';
import { COMMANDS_JOBS } from './commands.js';
import { DEVICE_MODEL_JOBS } from './device-model.js';
import { ENERGY_JOBS } from './energy.js';
import { erasures } from './erasures.js';
import { expiry } from './expiry.js';
import { FIRMWARE_JOBS } from './firmware.js';
import { idempotencyUpkeep } from './idempotency.js';
import type { Job } from './job.js';
import { SECURITY_JOBS } from './security.js';
import { WEBHOOK_JOBS } from './webhooks.js';

const JOBS: readonly Job[] = [
  expiry,
  idempotencyUpkeep,
  erasures,
  ...ACCOUNT_JOBS,
  ...DEVICE_MODEL_JOBS,
  ...SECURITY_JOBS,
  ...CHARGING_JOBS,
  ...FIRMWARE_JOBS,
  ...ENERGY_JOBS,
  ...AUTHORISATION_JOBS,
  ...COMMANDS_JOBS,
  ...WEBHOOK_JOBS,
];

export interface Background {
  /** Runs a job soon instead of at the end of its pause. */
  poke(name: string): void;
  /** Lets the runs that are under way end. */
  close(): Promise<void>;
}

export function startBackground(services: Services): Background {
  const closing = new AbortController();
  const running = new Map<string, Repeating>();
  for (const job of JOBS)
    running.set(
      job.name,
      repeat(job.name, job.everyMs, services.logger, () => job.run(services, closing.signal)),
    );
  return {
    poke: (name) => running.get(name)?.poke(),
    async close() {
      closing.abort();
      await Promise.all([...running.values()].map((job) => job.close()));
    },
  };
}
