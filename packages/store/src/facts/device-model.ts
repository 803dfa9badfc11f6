/** Rows and look-ups of the device model: components, variables, monitors, events, and the provisioning of a station. */
import { eventStream, stream, streamCount, streamValue } from './event-streams.js';
import { monitor, monitoringEnd, monitorName } from './monitors.js';
import { booted } from './provisioning.js';
import { knownEvent, toldEvent } from './station-events.js';
import { inventoryEnd, variable } from './variables.js';

export { STREAM_VALUES, type StreamState, streamOf } from './event-streams.js';
export type { LearntMonitor } from './monitors.js';
export type { ToldEvent } from './station-events.js';
export { keyOf16, nameOf, pathOf, type VariableName } from './variable-name.js';
export { bareVariable, type LearntVariable, MAX_VARIABLES } from './variables.js';

// A stream is written before its values, which point at it.
export const DEVICE_MODEL_FACTS = {
  variable,
  inventoryEnd,
  monitor,
  monitoringEnd,
  toldEvent,
  eventStream,
  streamValue,
  booted,
};
export const DEVICE_MODEL_LOOKUPS = { monitorName, knownEvent, stream, streamCount };
