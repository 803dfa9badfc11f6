/** @sigec/loadtest: the harness as a library. `runLoad` is all of it; the rest are its words. */
export { RestError } from './api/rest.js';
export type { Latency } from './measure/latency.js';
export type { ProcessFigures } from './measure/processes.js';
export { VERSIONS, type Version } from './ocpp/calls.js';
export { type ApiOptions, type LoadOptions, OptionError } from './run/options.js';
export type { Phase, Progress } from './run/progress.js';
export type { LoadResult, StormRound } from './run/result.js';
export { runLoad } from './run/run.js';
export type { Series } from './run/series.js';
export { SCENARIOS } from './scenarios/index.js';
export {
  FAULTS,
  type Fault,
  type FaultExample,
  type FaultReport,
  type LedgerRow,
  type LedgerTotals,
} from './swarm/plan.js';
