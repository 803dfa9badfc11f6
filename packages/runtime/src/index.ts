/** What every role needs to run: configuration, log, metrics, tracing, health, the end of a process. */
export { type BackoffOptions, backoff, sleep } from './backoff.js';
export { type Circuit, CircuitOpenError, type CircuitOptions, Circuits } from './circuit.js';
export { type Clock, systemClock } from './clock.js';
export {
  ConfigError,
  type ConfigProblem,
  type ConfigSource,
  type LoadConfigOptions,
  loadConfig,
  type SigecConfig,
} from './config.js';
export { CONFIG_NAMES } from './config-names.js';
export { configDocs, type PrintedConfig, printConfig } from './config-print.js';
export { type ConfigRow, isLoopback, type Role } from './config-row.js';
export { type ConfigName, type ConfigValues, fieldOf } from './config-values.js';
export { type CheckResult, type HealthCheck, HealthRegistry, type HealthReport } from './health.js';
export { uuidv7 } from './ids.js';
export { createLogger, type Logger, type LoggerOptions } from './logger.js';
export { maskError, maskUrls } from './mask.js';
export {
  type CounterSeries,
  createMetrics,
  DEFAULT_BUCKETS,
  type GaugeSeries,
  type HistogramSeries,
  type Labelled,
  type MetricOptions,
  type Metrics,
} from './metrics.js';
export { hostOf, networkOf } from './network.js';
export { type OpsServer, type OpsServerOptions, startOpsServer } from './ops-server.js';
export { type Repeating, repeat } from './repeat.js';
export { createShutdown, type Shutdown, type ShutdownOptions } from './shutdown.js';
export { type Span, type SpanProcessor, startTracing, type Tracing, type TracingOptions, traced } from './tracing.js';
