/**
 * Circuit breakers around what leaves the process. What failed several times in a row is not asked for a while: whoever
 * wants it is told at once instead of waiting, and it gets room to come back. Then one request is let through to try; the
 * others are still told at once until that one has ended well.
 */
import type { Clock } from './clock.js';
import type { Logger } from './logger.js';
import type { GaugeSeries, Labelled, Metrics } from './metrics.js';

/** Nothing was asked. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  constructor(circuit: string) {
    super(`circuit ${circuit} is open`);
  }
}

export interface CircuitOptions {
  /** Failures in a row that open it. Default 5. */
  readonly failures?: number;
  /** How long nothing is asked before one may try, ms. Default 5000. */
  readonly openMs?: number;
  /** Whether an error means that the other side is away. One that says no is there. Default: every error does. */
  readonly counts?: (error: unknown) => boolean;
}

export interface Circuit {
  /** @throws {CircuitOpenError} where it is open; else whatever `work` throws */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export interface CircuitDeps {
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The breakers of a process. Once per `metrics`. */
export class Circuits {
  readonly #deps: CircuitDeps;
  readonly #open: Labelled<GaugeSeries, 'name'>;

  constructor(deps: CircuitDeps) {
    this.#deps = deps;
    this.#open = deps.metrics.gauge<'name'>({
      name: 'sigec_circuit_open',
      help: '1 while what leaves the process by this name is not asked, or by one trial only.',
      labels: ['name'],
    });
  }

  /** @param name what is asked: `bus`, `cache`, ... */
  of(name: string, options: CircuitOptions = {}): Circuit {
    const gauge = this.#open.with({ name });
    gauge.set(0);
    const { logger, clock } = this.#deps;
    return new Breaker(name, options, clock, (open) => {
      gauge.set(open ? 1 : 0);
      if (open) logger.warn({ circuit: name }, 'circuit: opened, nothing is asked for a while');
      else logger.info({ circuit: name }, 'circuit: closed again');
    });
  }
}

class Breaker implements Circuit {
  readonly #most: number;
  readonly #openMs: number;
  readonly #counts: (error: unknown) => boolean;
  /** In a row. */
  #failures = 0;
  /** Until when nothing is asked, of the monotonic clock; undefined where it is closed. */
  #until: number | undefined;
  #trying = false;

  constructor(
    readonly name: string,
    { failures = 5, openMs = 5000, counts = () => true }: CircuitOptions,
    readonly clock: Clock,
    readonly changed: (open: boolean) => void,
  ) {
    this.#most = failures;
    this.#openMs = openMs;
    this.#counts = counts;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const trial = this.#until !== undefined;
    if (trial) {
      if (this.#trying || this.clock.monotonic() < (this.#until ?? 0)) throw new CircuitOpenError(this.name);
      this.#trying = true;
    }
    try {
      const result = await work();
      this.#good(trial);
      return result;
    } catch (error) {
      if (this.#counts(error)) this.#bad(trial);
      else this.#good(trial);
      throw error;
    } finally {
      if (trial) this.#trying = false;
    }
  }

  /** What was asked before it opened and ends well now says nothing of now: only the trial closes it. */
  #good(trial: boolean): void {
    if (this.#until !== undefined && !trial) return;
    this.#failures = 0;
    if (this.#until === undefined) return;
    this.#until = undefined;
    this.changed(false);
  }

  #bad(trial: boolean): void {
    this.#failures += 1;
    const isOpen = this.#until !== undefined;
    if (isOpen ? !trial : this.#failures < this.#most) return;
    this.#until = this.clock.monotonic() + this.#openMs;
    if (!isOpen) this.changed(true);
  }
}
