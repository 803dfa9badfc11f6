/** Handlers of the queue of commands, commands to many stations, and verbs that fit any version: a file for each action. */
import type { Family } from '../../handler.js';

export const commands: Family = { of16: [], of2x: [], of21: [] };
