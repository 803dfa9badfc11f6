/** What a task of the control role is that runs by itself, beside the requests of people. */
import type { Actor } from '@sigec/store';
import type { Services } from '../context.js';

/**
 * Every control process runs every job, so a job claims what it works on (`for update skip locked`) and works on it for a
 * bounded time. Nothing may be lost where its process ends in the middle.
 */
export interface Job {
  readonly name: string;
  /** From the end of a run to the next, ms. */
  readonly everyMs: number;
  /** @returns true where there is more to do at once */
  run(services: Services, closing: AbortSignal): Promise<boolean>;
}

/** Whose name stands under what a job does for a tenant. */
export const itself = (tenantId: number): Actor => ({
  userId: '00000000-0000-0000-0000-000000000000',
  tenantId,
  role: 'admin',
});
