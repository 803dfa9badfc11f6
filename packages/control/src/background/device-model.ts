/** Jobs of the device model: components, variables, monitors, events, and the provisioning of a station. */
import type { Job } from './job.js';

export const DEVICE_MODEL_JOBS: readonly Job[] = [];
