/** End to end: firmware, diagnostics, logs, and customer information. */
import type { System } from '../support/system.js';

export function firmwareSuite(_get: () => System): void {}
