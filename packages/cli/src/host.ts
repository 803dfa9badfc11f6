/** One process of the program: its configuration, log, metrics, health and end. Roles are put into it. */
import {
  ConfigError,
  type ConfigName,
  createLogger,
  createMetrics,
  createShutdown,
  HealthRegistry,
  type Logger,
  loadConfig,
  type Metrics,
  maskError,
  type Role,
  type Shutdown,
  type SigecConfig,
  startOpsServer,
  startTracing,
} from '@sigec/runtime';
import { complain } from './out.js';

export interface Host {
  readonly config: SigecConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthRegistry;
  readonly shutdown: Shutdown;
}

export type Overrides = Partial<Record<ConfigName, string | number | boolean>>;

/** Loads the configuration, or prints every error of it and returns undefined. */
export function configure(role: Role, overrides: Overrides = {}): SigecConfig | undefined {
  try {
    return loadConfig({ role, env: process.env, cwd: process.cwd(), overrides });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    complain(`sigec ${role}: configuração inválida / invalid configuration`);
    for (const { name, problem } of error.problems) complain(`  ${name}: ${problem}`);
    process.exitCode = 2;
    return undefined;
  }
}

/** After everything was closed nothing should keep the process; what does is cut off after this, ms. */
const LINGER_MS = 2_000;

/** Runs one process: `start` puts the roles in and may register their ends, which run in reverse order. */
export async function runHost(role: Role, overrides: Overrides, start: (host: Host) => Promise<void>): Promise<void> {
  const config = configure(role, overrides);
  if (config === undefined) return;
  const logger = createLogger({ role, level: config.logLevel, format: config.logFormat });
  const metrics = createMetrics(role);
  const shutdown = createShutdown({ logger, metrics });
  if (process.channel) {
    // Started by `sigec edge --processes`: without its watcher nobody would start it again, nor ever stop it.
    process.once('disconnect', () => void shutdown.run('the watching process is gone'));
    process.channel.unref();
  }
  const health = new HealthRegistry();
  const host: Host = { config, logger, metrics, health, shutdown };
  // One machine runs several processes of a role: which one answered?
  metrics.gauge({ name: 'sigec_process_id', help: 'Process id' }).set(process.pid);
  shutdown.onShutdown('metrics', () => metrics.close());
  const tracing = await startTracing({ role, enabled: config.otel, ratio: config.otelRatio });
  shutdown.onShutdown('tracing', () => tracing.close());
  let failed: unknown;
  // Its health page answers from the first moment, and before the role works the truth is that it does not.
  const started = health.register('start', () => {
    throw new Error('starting');
  });
  try {
    await startOps(host);
    await start(host);
    started();
  } catch (error) {
    failed = error;
    logger.fatal({ err: error }, 'could not start');
    complain(`sigec ${role}: ${maskError(error instanceof Error ? error.message : String(error))}`);
    process.exitCode = 1;
    void shutdown.run('could not start');
  }
  await shutdown.done;
  shutdown.dispose();
  if (failed === undefined) process.exitCode ??= 0;
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

async function startOps({ config, health, metrics, shutdown, logger }: Host): Promise<void> {
  shutdown.onShutdown('health', () => health.drain());
  if (config.metricsPort === undefined) return;
  const ops = await startOpsServer({ host: config.host, port: config.metricsPort, health, metrics });
  logger.info({ port: ops.port }, 'health and metrics');
  shutdown.onShutdown('health and metrics', () => ops.close());
}
