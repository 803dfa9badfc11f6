/** Handlers of firmware, diagnostics, logs, and customer information: a file for each action. */
import type { Family } from '../../handler.js';

export const firmware: Family = { of16: [], of2x: [], of21: [] };
