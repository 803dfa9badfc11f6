/** End to end: grid control (DER), battery swap, display messages, tariffs and payments. */
import type { System } from '../support/system.js';

export function energySuite(_get: () => System): void {}
