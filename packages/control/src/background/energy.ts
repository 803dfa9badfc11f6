/** Jobs of grid control (DER), battery swap, display messages, tariffs and payments. */
import type { Job } from './job.js';

export const ENERGY_JOBS: readonly Job[] = [];
