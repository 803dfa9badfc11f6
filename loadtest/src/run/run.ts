/** The room of one run, from the first connect to the result. */
import { CommandDriver } from '../api/driver.js';
import { findProcesses, ProcessWatch } from '../measure/processes.js';
import { scenarioOf } from '../scenarios/index.js';
import { seeded } from '../swarm/random.js';
import { buildResult } from './figures.js';
import { Fleet } from './fleet.js';
import type { LoadOptions } from './options.js';
import { makePlans, type RunPlan } from './plans.js';
import type { Phase } from './progress.js';
import type { LoadResult, StormRound } from './result.js';
import { SeriesBuilder } from './series.js';
import { pause, within } from './waiting.js';

/** Sources of ticks that are no process of the swarm. */
const DRIVER = -1;
const START_IN_MS = 100;
const HOLD_MS = 1000;

/**
 * Runs a load and resolves with what it has found, whether it passed or not.
 * @throws {OptionError} where the options cannot be; {RestError} where the API cannot be used; {Error} where a process
 * of the swarm ends
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const plan = await makePlans(options);
  const run = new Run(options, plan);
  try {
    return await run.go();
  } finally {
    await run.end();
  }
}

class Run {
  readonly #scenario;
  readonly #startedAt = Date.now();
  readonly #series: SeriesBuilder;
  readonly #fleet: Fleet;
  readonly #watch: ProcessWatch;
  readonly #driver: CommandDriver | null;
  readonly #abort = new AbortController();
  readonly #clock: NodeJS.Timeout;
  readonly #onAbort = () => this.#abort.abort();
  #phase: Phase = 'connecting';

  constructor(
    private readonly options: LoadOptions,
    private readonly plan: RunPlan,
  ) {
    this.#scenario = scenarioOf(options.scenario);
    const commands = this.#scenario.driver === 'commands';
    this.#series = new SeriesBuilder(this.#startedAt, (source) => (source === DRIVER) === commands);
    this.#fleet = new Fleet(plan, (source, tick) => this.#series.add(source, tick));
    this.#watch = this.#makeWatch();
    this.#driver = commands ? this.#makeDriver() : null;
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal?.aborted) this.#onAbort();
    this.#clock = setInterval(() => this.#second(), 1000);
  }

  async go(): Promise<LoadResult> {
    this.#watch.sample(0);
    const ready = await this.#ready(() => this.#fleet.connect());
    const rounds: StormRound[] = [ready];
    let behind = 0;
    let seconds = 0;
    if (this.#scenario.driver === 'storm') {
      this.#watch.mark('from');
      const from = performance.now();
      for (let round = 0; round < this.plan.rounds && !this.#abort.signal.aborted; round++) {
        await pause(HOLD_MS, this.#abort.signal);
        this.#phase = 'cut';
        rounds.push(await this.#ready(() => this.#fleet.cut()));
      }
      seconds = (performance.now() - from) / 1000;
      this.#watch.mark('to');
    } else if (!this.#abort.signal.aborted) {
      ({ behind, seconds } = await this.#load());
    }
    this.#phase = 'draining';
    await this.#fleet.finish();
    this.#second();
    this.#series.close(Number.POSITIVE_INFINITY);
    return buildResult({
      options: this.options,
      plan: this.plan,
      scenario: this.#scenario,
      startedAt: this.#startedAt,
      ready,
      rounds,
      behind,
      seconds,
      fleet: this.#fleet,
      driver: this.#driver,
      series: this.#series.series,
      watch: this.#watch,
    });
  }

  async end(): Promise<void> {
    clearInterval(this.#clock);
    this.options.signal?.removeEventListener('abort', this.#onAbort);
    this.#driver?.close();
    await this.#fleet.end();
  }

  /** The load itself, in its time. */
  async #load(): Promise<{ behind: number; seconds: number }> {
    await this.#driver?.prepare();
    const { warmupMs, durationMs } = this.plan.swarms[0]!;
    const at = Date.now() + START_IN_MS;
    const from = at - performance.timeOrigin;
    this.#phase = warmupMs > 0 ? 'warmup' : 'load';
    this.#fleet.go(at);
    const driven = this.#driver?.run(from, from + warmupMs, from + warmupMs + durationMs, this.#abort.signal);
    await pause(from + warmupMs - performance.now(), this.#abort.signal);
    this.#phase = 'load';
    this.#watch.mark('from');
    const began = performance.now();
    await pause(from + warmupMs + durationMs - began, this.#abort.signal);
    this.#watch.mark('to');
    const seconds = (performance.now() - began) / 1000;
    const behind = (await driven) ?? 0;
    return { behind, seconds };
  }

  /** Waits until all are in service, or it takes too long. */
  async #ready(command: () => Promise<StormRound>): Promise<StormRound> {
    const round = await within(this.plan.readyTimeoutMs, this.#abort.signal, command());
    return round ?? this.#fleet.partialRound();
  }

  #second(): void {
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000);
    this.#watch.sample(seconds);
    if (this.#driver !== null) this.#series.add(DRIVER, this.#driver.tick());
    // The last second may still be told of.
    if (this.#series.close(seconds - 1) === null) return;
    this.options.onProgress?.({
      phase: this.#phase,
      seconds,
      stations: this.options.stations,
      ...this.#series.latest(),
    });
  }

  #makeWatch(): ProcessWatch {
    const own = new Set([process.pid, ...this.#fleet.pids]);
    const servers = [
      ...(this.options.watch ?? []),
      ...(this.options.watchName ?? []).flatMap((text) => findProcesses(text, own)),
    ].map((one) => ({ ...one, role: 'server' as const }));
    const harness = [...own].map((pid, k) => ({
      name: k === 0 ? 'loadtest' : `loadtest swarm ${k}`,
      pid,
      role: 'harness' as const,
    }));
    return new ProcessWatch([...servers, ...harness]);
  }

  #makeDriver(): CommandDriver {
    const { swarms } = this.plan;
    const { timeoutMs, maxExamples, seed } = swarms[0]!;
    return new CommandDriver({
      api: this.options.api!,
      identities: swarms.flatMap((swarm) => swarm.identities),
      rate: this.options.rate,
      timeoutMs,
      maxExamples,
      random: seeded(seed),
    });
  }
}
