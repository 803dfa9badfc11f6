/** End to end: the queue of commands, commands to many stations, and verbs that fit any version. */
import type { System } from '../support/system.js';

export function commandsSuite(_get: () => System): void {}
