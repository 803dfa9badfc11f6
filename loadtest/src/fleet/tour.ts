/** The room of one swarm that stays through all of a run: connected once, loaded, cut, hit, and heard at the end. */
import { type Latency, latencyOf, merge } from '../measure/latency.js';
import { Fleet } from '../run/fleet.js';
import type { LoadOptions } from '../run/options.js';
import { makePlans, type RunPlan } from '../run/plans.js';
import type { StormRound } from '../run/result.js';
import { pause, within } from '../run/waiting.js';
import { Faults } from '../swarm/faults.js';
import type { FaultReport, LedgerTotals, RestReport } from '../swarm/plan.js';
import type { Book } from './book.js';

const START_IN_MS = 100;
const POLL_MS = 100;
const MAX_EXAMPLES = 5;

/** What one load has found. */
export interface LoadFound {
  readonly seconds: number;
  readonly answers: number;
  readonly latency: Latency;
  readonly actions: Record<string, Latency>;
  /** Answers to stations that had lost their socket, as was expected. */
  readonly hit: Latency;
  readonly lag: Latency;
  readonly behind: number;
  readonly back: Latency;
  /** Wall time in milliseconds. */
  readonly lastBackAt: number;
  readonly lost: number;
}

export interface TourEnd {
  readonly faults: FaultReport;
  readonly ledger: LedgerTotals;
  readonly retries: number;
  readonly verdicts: Readonly<Record<string, number>>;
}

export class Tour {
  readonly #fleet: Fleet;
  readonly #abort = new AbortController();
  readonly #onAbort = () => this.#abort.abort();
  #loadedAt = 0;

  private constructor(
    readonly plan: RunPlan,
    private readonly book: Book,
    private readonly signals: readonly AbortSignal[],
  ) {
    this.#fleet = new Fleet(plan, (source, tick) => book.tick(source, tick));
    for (const signal of signals) {
      signal.addEventListener('abort', this.#onAbort, { once: true });
      if (signal.aborted) this.#onAbort();
    }
  }

  static async begin(options: LoadOptions, book: Book, signals: readonly AbortSignal[]): Promise<Tour> {
    return new Tour(await makePlans(options), book, signals);
  }

  get pids(): readonly number[] {
    return this.#fleet.pids;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get identities(): readonly string[] {
    return this.plan.swarms.flatMap((swarm) => swarm.identities);
  }

  /** What stations are in service, as far as it was told. */
  get ready(): number {
    return this.book.totals().ready;
  }

  connect(): Promise<StormRound> {
    return this.#round(this.#fleet.connect());
  }

  cut(): Promise<StormRound> {
    return this.#round(this.#fleet.cut());
  }

  pause(ms: number): Promise<void> {
    return pause(ms, this.signal);
  }

  /** @throws {Error} why the run was ended */
  check(): void {
    for (const { aborted, reason } of this.signals) {
      if (aborted) throw reason instanceof Error ? reason : new Error('interrupted');
    }
  }

  /** Begins a load, which lasts until `rest` at the latest. */
  load(durationMs: number): void {
    const at = Date.now() + START_IN_MS;
    this.#loadedAt = at;
    this.#fleet.go(at, durationMs);
  }

  /** A load of a fixed time, from its beginning to its last answer. */
  async hold(durationMs: number): Promise<LoadFound> {
    this.load(durationMs);
    await this.pause(START_IN_MS + durationMs);
    return this.rest();
  }

  async rest(): Promise<LoadFound> {
    const seconds = Math.max(0, (Date.now() - this.#loadedAt) / 1000);
    return foundIn(await this.#fleet.rest(), seconds);
  }

  /** From now on sockets may be lost. */
  expectLosses(): void {
    this.#fleet.expectLosses();
  }

  /** Waits until as many sockets were lost and all stations are in service, or it takes too long. */
  async back(lost: number): Promise<void> {
    const deadline = Date.now() + this.plan.readyTimeoutMs;
    const { total } = this.plan.swarms[0]!;
    for (;;) {
      const now = this.book.totals();
      if ((now.lost >= lost && now.ready === total) || Date.now() > deadline) return;
      await this.pause(POLL_MS);
      this.check();
    }
  }

  /** Stops what charges, says good-bye, and tells what was wrong. */
  async finish(): Promise<TourEnd> {
    await this.#fleet.finish();
    const faults = new Faults(MAX_EXAMPLES);
    const ledger: LedgerTotals = { transactions: 0, started: 0, stopped: 0, messages: 0, energyWh: 0 };
    const verdicts: Record<string, number> = {};
    let retries = 0;
    for (const part of this.#fleet.done) {
      faults.merge(part.faults);
      retries += part.counters.retries;
      for (const key of Object.keys(ledger) as (keyof LedgerTotals)[]) ledger[key] += part.ledger[key];
      for (const [name, count] of Object.entries(part.verdicts)) verdicts[name] = (verdicts[name] ?? 0) + count;
    }
    return { faults: faults.report(), ledger, retries, verdicts };
  }

  async end(): Promise<void> {
    for (const signal of this.signals) signal.removeEventListener('abort', this.#onAbort);
    await this.#fleet.end();
  }

  async #round(work: Promise<StormRound>): Promise<StormRound> {
    const round = await within(this.plan.readyTimeoutMs, this.signal, work);
    this.check();
    return round ?? this.#fleet.partialRound();
  }
}

function foundIn(parts: readonly RestReport[], seconds: number): LoadFound {
  const labels = [...new Set(parts.flatMap((part) => Object.keys(part.actions)))].sort();
  const actions = Object.fromEntries(
    labels.map((label) => [label, latencyOf(merge(parts.flatMap((part) => [part.actions[label] ?? []])))]),
  );
  const latency = latencyOf(merge(parts.flatMap((part) => Object.values(part.actions))));
  const hit = latencyOf(merge(parts.map((part) => part.hit)));
  return {
    seconds,
    answers: latency.count + hit.count,
    latency,
    actions,
    hit,
    lag: latencyOf(merge(parts.map((part) => part.sendLag))),
    behind: parts.reduce((sum, part) => sum + part.behind, 0),
    back: latencyOf(merge(parts.map((part) => part.back))),
    lastBackAt: Math.max(...parts.map((part) => part.lastBackAt)),
    lost: parts.reduce((sum, part) => sum + part.counters.lost, 0),
  };
}
