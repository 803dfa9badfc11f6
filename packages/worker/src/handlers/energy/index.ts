/** Handlers of grid control (DER), battery swap, display messages, tariffs and payments: a file for each action. */
import type { Family } from '../../handler.js';

export const energy: Family = { of16: [], of2x: [], of21: [] };
