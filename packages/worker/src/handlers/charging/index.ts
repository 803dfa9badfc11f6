/** Handlers of smart charging: profiles, limits, needs and schedules of vehicles: a file for each action. */
import type { Family } from '../../handler.js';

export const charging: Family = { of16: [], of2x: [], of21: [] };
