/** End to end: tokens and their groups, local lists, reservations. */
import type { System } from '../support/system.js';

export function authorisationSuite(_get: () => System): void {}
