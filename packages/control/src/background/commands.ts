/** Jobs of the queue of commands, commands to many stations, and verbs that fit any version. */
import type { Job } from './job.js';

export const COMMANDS_JOBS: readonly Job[] = [];
