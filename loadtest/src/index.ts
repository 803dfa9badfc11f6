/** @sigec/loadtest: the harness as a library. `runLoad` loads any CSMS, `startStack` starts ours; the rest are their words. */
export { RestError } from './api/rest.js';
export { runFleet } from './fleet/fleet.js';
export { type GrowthOptions, type GrowthResult, runGrowth } from './fleet/growth.js';
export type { FleetOptions } from './fleet/options.js';
export type { FleetResult, PhaseFigures } from './fleet/result.js';
export type { Latency } from './measure/latency.js';
export type { ProcessFigures } from './measure/processes.js';
export { VERSIONS, type Version } from './ocpp/calls.js';
export { type ApiOptions, type LoadOptions, OptionError } from './run/options.js';
export type { Phase, Progress } from './run/progress.js';
export type { LoadResult, StormRound } from './run/result.js';
export { runLoad } from './run/run.js';
export type { Series } from './run/series.js';
export { SCENARIOS } from './scenarios/index.js';
export type { StackProcess } from './stack/process.js';
export { POSTGRES_SETTINGS } from './stack/servers.js';
export { type Stack, type StackOptions, startStack } from './stack/stack.js';
export type { Group, GroupUsage } from './stack/usage.js';
export {
  FAULTS,
  type Fault,
  type FaultExample,
  type FaultReport,
  type LedgerRow,
  type LedgerTotals,
} from './swarm/plan.js';
