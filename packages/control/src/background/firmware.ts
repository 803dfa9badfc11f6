/** Jobs of firmware, diagnostics, logs, and customer information. */
import type { Job } from './job.js';

export const FIRMWARE_JOBS: readonly Job[] = [];
