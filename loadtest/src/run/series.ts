/** The room of figures per second, put together from what the processes tell. */

import type { Sparse } from '../measure/counts.js';
import { latencyOf, merge } from '../measure/latency.js';
import type { Counters, Tick } from '../swarm/plan.js';
import type { Progress } from './progress.js';

/** Columns of equal length. Latencies in milliseconds. */
export interface Series {
  readonly second: number[];
  readonly rate: number[];
  readonly p50: number[];
  readonly p95: number[];
  readonly p99: number[];
  readonly connected: number[];
  readonly ready: number[];
  readonly faults: number[];
  readonly lagMaxMs: number[];
  readonly utilisation: number[];
}

interface Slot {
  answers: number;
  histograms: Sparse[];
  lagMaxMs: number;
  utilisation: number;
  readonly counters: Map<number, Counters>;
}

/** Counters that are sums over the processes. */
export type Totals = Pick<Counters, 'connected' | 'ready' | 'faults' | 'retries' | 'answered' | 'sent' | 'lost'>;

export class SeriesBuilder {
  readonly series: Series = {
    second: [],
    rate: [],
    p50: [],
    p95: [],
    p99: [],
    connected: [],
    ready: [],
    faults: [],
    lagMaxMs: [],
    utilisation: [],
  };
  readonly #slots = new Map<number, Slot>();
  readonly #latest = new Map<number, Counters>();

  constructor(
    private readonly startedAt: number,
    /** Whose answers are the load: the swarm's, or the driver's. */
    private readonly counts: (source: number) => boolean,
  ) {}

  /** @param source which process tells */
  add(source: number, tick: Tick): void {
    const second = Math.max(0, Math.round((tick.at - this.startedAt) / 1000));
    // A process that was late tells of a second that is already closed.
    const slot = this.#slot(Math.max(second, (this.series.second.at(-1) ?? -1) + 1));
    if (this.counts(source)) {
      slot.answers += tick.answers;
      slot.histograms.push(tick.histogram);
    }
    slot.lagMaxMs = Math.max(slot.lagMaxMs, tick.lagMaxMs);
    slot.utilisation = Math.max(slot.utilisation, tick.utilisation);
    slot.counters.set(source, tick.counters);
  }

  /** Closes all seconds up to this one; returns the last closed. */
  close(upTo: number): number | null {
    const open = [...this.#slots.keys()].filter((second) => second <= upTo).sort((a, b) => a - b);
    for (const second of open) this.#reduce(second, this.#slots.get(second)!);
    return open.at(-1) ?? null;
  }

  /** The last second that was closed, and how the stations stand. */
  latest(): Omit<Progress, 'phase' | 'seconds' | 'stations'> {
    const { connected, ready, faults, retries } = this.totals();
    const last = this.series.second.length - 1;
    const { rate, p50, p95, p99, utilisation } = this.series;
    const of = (figures: readonly number[]) => figures[last] ?? 0;
    return {
      ...{ rate: of(rate), p50: of(p50), p95: of(p95), p99: of(p99), utilisation: of(utilisation) },
      ...{ connected, ready, faults, retries },
    };
  }

  totals(): Totals {
    const all = { connected: 0, ready: 0, faults: 0, retries: 0, answered: 0, sent: 0, lost: 0 };
    for (const counters of this.#latest.values()) {
      for (const key of Object.keys(all) as (keyof typeof all)[]) all[key] += counters[key];
    }
    return all;
  }

  #slot(second: number): Slot {
    let slot = this.#slots.get(second);
    if (slot === undefined) {
      slot = { answers: 0, histograms: [], lagMaxMs: 0, utilisation: 0, counters: new Map() };
      this.#slots.set(second, slot);
    }
    return slot;
  }

  #reduce(second: number, slot: Slot): void {
    this.#slots.delete(second);
    for (const [source, counters] of slot.counters) this.#latest.set(source, counters);
    const latency = latencyOf(merge(slot.histograms));
    const { series } = this;
    const totals = this.totals();
    series.second.push(second);
    series.rate.push(slot.answers);
    series.p50.push(latency.p50);
    series.p95.push(latency.p95);
    series.p99.push(latency.p99);
    series.connected.push(totals.connected);
    series.ready.push(totals.ready);
    series.faults.push(totals.faults);
    series.lagMaxMs.push(Math.round(slot.lagMaxMs * 100) / 100);
    series.utilisation.push(Math.round(slot.utilisation * 1000) / 1000);
  }
}
