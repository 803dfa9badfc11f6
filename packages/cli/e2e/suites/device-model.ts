/** End to end: the device model: components, variables, monitors, events, and the provisioning of a station. */
import type { System } from '../support/system.js';

export function deviceModelSuite(_get: () => System): void {}
