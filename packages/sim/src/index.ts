/** The door of @sigec/sim: a simulated charging station that knows the OCPP specification and nothing of the platform. */
import { resolveOptions } from './options.js';
import { Station2x } from './station2x.js';
import { Station16 } from './station16.js';
import type { Station, StationOptions } from './types.js';

export type { BackoffOptions } from './backoff.js';
export { StationError } from './charging.js';
export { CONNECTOR_STATUSES, type ConnectorStatus, type IdToken } from './evse.js';
export type { BadFrame, Frame, Version } from './frame.js';
export { FieldError, type Json, type JsonObject } from './json.js';
export { CallFailed, type FrameEvent } from './link.js';
export { stationOptionsHelp, VERSIONS } from './options.js';
export {
  builtIn,
  resolveScenario,
  runScenario,
  SCENARIO_NAMES,
  ScenarioError,
  type ScenarioName,
  type ScenarioOptions,
  type ScenarioResult,
} from './scenario.js';
export type { TlsOptions } from './socket.js';
export { checkScenario, loadScenario, type Scenario, type Step } from './steps.js';
export { ClosedError } from './timers.js';
export {
  type EvseSnapshot,
  type FirmwareOptions,
  type Registration,
  STOP_REASONS,
  type StartRequest,
  type Station,
  type StationEvents,
  type StationOptions,
  type StationSnapshot,
  type StopReason,
  type TransactionInfo,
} from './types.js';
export { attachView, type ViewOptions, type ViewStream } from './view.js';

/** Builds a station; it connects with {@link Station.boot}. Throws RangeError naming the option that is wrong. */
export function createStation(options: StationOptions): Station {
  const resolved = resolveOptions(options);
  return resolved.version === '1.6' ? new Station16(resolved) : new Station2x(resolved);
}
