/** Handlers of tokens and their groups, local lists, reservations: a file for each action. */
import type { Family } from '../../handler.js';

export const authorisation: Family = { of16: [], of2x: [], of21: [] };
