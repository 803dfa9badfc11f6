/** Reads and writes of people's tempo: the device model: components, variables, monitors, events, and the provisioning of a station. */
export * from './monitors.js';
export * from './provisioning.js';
export * from './settings.js';
export * from './station-events.js';
export { tellEvent } from './tell.js';
export * from './variables.js';
