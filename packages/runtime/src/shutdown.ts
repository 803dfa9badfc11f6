/** The end of a process: signals, what is closed and in which order, and what does not end it. */
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';

export interface ShutdownOptions {
  readonly logger: Logger;
  /** Bound on each step in milliseconds (10,000). */
  readonly timeoutMs?: number;
  readonly metrics?: Metrics;
  /** How a second signal ends the process; `process.exit` where not given. */
  readonly exit?: (code: number) => void;
}

export interface Shutdown {
  /** True from the first signal on. */
  readonly stopping: boolean;
  /** Resolves with the reason once everything has been closed. */
  readonly done: Promise<string>;
  /** Steps run in reverse order of registration, once, each bounded; `timeoutMs` is the bound of one that needs its own. */
  onShutdown(name: string, step: () => Promise<void> | void, timeoutMs?: number): void;
  /** Starts the end as a signal would. */
  run(reason: string): Promise<void>;
  /** Takes the listeners off the process. */
  dispose(): void;
}

interface Step {
  readonly name: string;
  readonly step: () => Promise<void> | void;
  readonly timeoutMs: number;
}

const LOGGED_PER_WINDOW = 20;
const WINDOW_MS = 10_000;

/** Listens to SIGTERM and SIGINT, and to errors nobody caught. */
export function createShutdown(options: ShutdownOptions): Shutdown {
  const { logger } = options;
  const timeoutMs = options.timeoutMs ?? 10_000;
  const exit = options.exit ?? ((code: number) => process.exit(code));
  const uncaught = options.metrics?.counter({
    name: 'sigec_uncaught_errors_total',
    help: 'Errors that nobody caught; the process went on.',
  });
  const steps: Step[] = [];
  let running: Promise<void> | undefined;
  let finish: (reason: string) => void = () => {};
  const done = new Promise<string>((resolve) => {
    finish = resolve;
  });

  const runStep = async ({ name, step, timeoutMs }: Step): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), timeoutMs);
    });
    try {
      const result = await Promise.race([(async () => step())(), late]);
      if (result === 'late') logger.error({ step: name, timeoutMs }, 'shutdown: a step did not end in time');
    } catch (err) {
      logger.error({ step: name, err }, 'shutdown: a step failed');
    } finally {
      clearTimeout(timer);
    }
  };
  const runAll = async (reason: string): Promise<void> => {
    logger.info({ reason }, 'shutdown: begins');
    for (let next = steps.pop(); next; next = steps.pop()) await runStep(next);
    logger.info({ reason }, 'shutdown: done');
    finish(reason);
  };
  const run = (reason: string): Promise<void> => {
    running ??= runAll(reason);
    return running;
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (running) {
      logger.warn({ signal }, 'shutdown: second signal, ends now');
      exit(1);
      return;
    }
    void run(signal);
  };

  // A process here holds thousands of chargers. An error nobody caught belongs to one message or one socket; ending the
  // process would disconnect all the others, and they would come back at once, with the same message. It is logged and
  // counted instead, so that an alarm can be set on it. State that must be right lives in the database, not here.
  let windowStart = 0;
  let logged = 0;
  const onError = (err: unknown, origin: string): void => {
    uncaught?.inc();
    const now = performance.now();
    if (now - windowStart > WINDOW_MS) {
      windowStart = now;
      logged = 0;
    }
    logged += 1;
    if (logged <= LOGGED_PER_WINDOW) logger.error({ err, origin }, 'an error that nobody caught; the process goes on');
  };
  const onException = (error: Error): void => onError(error, 'uncaughtException');
  const onRejection = (reason: unknown): void => onError(reason, 'unhandledRejection');

  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  return {
    get stopping() {
      return running !== undefined;
    },
    done,
    onShutdown: (name, step, bound = timeoutMs) => {
      steps.push({ name, step, timeoutMs: bound });
    },
    run,
    dispose: () => {
      process.off('SIGTERM', onSignal);
      process.off('SIGINT', onSignal);
      process.off('uncaughtException', onException);
      process.off('unhandledRejection', onRejection);
    },
  };
}
