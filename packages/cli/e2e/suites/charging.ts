/** End to end: smart charging: profiles, limits, needs and schedules of vehicles. */
import type { System } from '../support/system.js';

export function chargingSuite(_get: () => System): void {}
