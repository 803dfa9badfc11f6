/** Handlers of the device model: components, variables, monitors, events, and the provisioning of a station: a file for each action. */
import type { Family } from '../../handler.js';

export const deviceModel: Family = { of16: [], of2x: [], of21: [] };
