/** Metrics: one prom-client registry per process role, with a bound on the series a label can make. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricOptions<L extends string> {
  /** The full name, `sigec_...`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
  /** Most combinations of label values (200); what comes after is counted under "other". */
  readonly maxSeries?: number;
}

export interface CounterSeries {
  inc(by?: number): void;
}
export interface GaugeSeries {
  set(value: number): void;
  inc(by?: number): void;
  dec(by?: number): void;
}
export interface HistogramSeries {
  /** Seconds, bytes or a count, as the name says. */
  observe(value: number): void;
}
/** The series of one metric; `with` finds or makes one, and keeps it, so hot paths hold on to what it returns. */
export interface Labelled<S, L extends string> {
  with(labels: Readonly<Record<L, string>>): S;
}

export interface Metrics {
  readonly registry: Registry;
  counter<L extends string = never>(options: MetricOptions<L>): CounterSeries & Labelled<CounterSeries, L>;
  /** With `collect` the value is asked for at each scrape. */
  gauge<L extends string = never>(
    options: MetricOptions<L> & { readonly collect?: () => number },
  ): GaugeSeries & Labelled<GaugeSeries, L>;
  histogram<L extends string = never>(
    options: MetricOptions<L> & { readonly buckets?: readonly number[] },
  ): HistogramSeries & Labelled<HistogramSeries, L>;
  /** The text that Prometheus scrapes. */
  render(): Promise<string>;
  readonly contentType: string;
  /** Forgets every metric. */
  close(): void;
}

/** Seconds, from a local answer to a charger that is slow. */
export const DEFAULT_BUCKETS: readonly number[] = [0.001, 0.005, 0.015, 0.045, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counts in a plain number, and hands it on at a scrape: the library looks its labels up at every count. */
class Tally implements CounterSeries {
  #count = 0;
  constructor(readonly values: readonly string[]) {}

  inc(by = 1): void {
    this.#count += by;
  }

  take(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}

function bounded<S, L extends string>(options: MetricOptions<L>, make: (values: string[]) => S): Labelled<S, L> {
  const names = options.labels ?? [];
  const limit = options.maxSeries ?? 200;
  const series = new Map<string, S>();
  const find = (values: string[]): S => {
    const key = values.join('\u0000');
    const known = series.get(key);
    if (known !== undefined) return known;
    // One place is kept for "other" itself.
    if (series.size >= limit) return find(names.map(() => 'other'));
    const made = make(values);
    series.set(key, made);
    return made;
  };
  if (names.length > 0) find(names.map(() => 'other'));
  return { with: (labels) => find(names.map((name) => labels[name])) };
}

/** A registry of a role, with the process's own metrics (CPU, heap, event loop, file descriptors). */
export function createMetrics(role: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  // Collected at each scrape only: no timer is left behind.
  collectDefaultMetrics({ register: registry });
  const settings = <L extends string>({ name, help, labels }: MetricOptions<L>) => ({
    name,
    help,
    labelNames: [...(labels ?? [])],
    registers: [registry],
  });
  return {
    registry,
    counter: (options) => {
      const tallies: Tally[] = [];
      const metric: Counter<string> = new Counter<string>({
        ...settings(options),
        collect: () => {
          for (const tally of tallies) {
            const count = tally.take();
            if (count > 0) metric.labels(...tally.values).inc(count);
          }
        },
      });
      const tally = (values: readonly string[]) => {
        const made = new Tally(values);
        tallies.push(made);
        return made;
      };
      return Object.assign(tally([]), bounded(options, tally));
    },
    gauge: (options) => {
      const { collect } = options;
      const metric: Gauge<string> = new Gauge<string>({
        ...settings(options),
        ...(collect ? { collect: () => metric.set(collect()) } : {}),
      });
      return {
        set: (value) => metric.set(value),
        inc: (by = 1) => metric.inc(by),
        dec: (by = 1) => metric.dec(by),
        ...bounded(options, (values) => metric.labels(...values)),
      };
    },
    histogram: (options) => {
      const metric = new Histogram({ ...settings(options), buckets: [...(options.buckets ?? DEFAULT_BUCKETS)] });
      return { observe: (value) => metric.observe(value), ...bounded(options, (values) => metric.labels(...values)) };
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => registry.clear(),
  };
}
