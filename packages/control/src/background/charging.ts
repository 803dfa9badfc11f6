/** Jobs of smart charging: profiles, limits, needs and schedules of vehicles. */
import type { Job } from './job.js';

export const CHARGING_JOBS: readonly Job[] = [];
