/** The room of what is plotted of a result. */
import type { ProcessSeries } from '../measure/processes.js';
import type { Series } from '../run/series.js';
import { type Mark, plot } from './svg.js';
import type { formatter, Words } from './words.js';

const MB = 1048576;

export interface Plotted {
  readonly series: Series;
  readonly processes: {
    readonly second: readonly number[];
    readonly all: readonly Pick<ProcessSeries, 'name' | 'role' | 'cpu' | 'rssBytes'>[];
  };
  readonly marks?: readonly Mark[];
}

/** The plots of a result, as SVG. */
export function plots({ series, processes, marks }: Plotted, w: Words, n: ReturnType<typeof formatter>): string[] {
  const format = (value: number) => n(value, value > 0 && value < 10 ? 2 : 0);
  const over = (title: string, unit: string, lines: { name: string; values: readonly (number | null)[] }[]) =>
    plot({ title, unit, seconds: series.second, lines, timeLabel: w.time, format, marks });
  const watched = (title: string, unit: string, role: string, of: (k: number) => readonly (number | null)[]) => {
    const lines = processes.all
      .map((one, k) => ({ name: one.name, role: one.role, values: of(k) }))
      .filter((one) => one.role === role);
    if (lines.length === 0) return [];
    return [plot({ title, unit, seconds: processes.second, lines, timeLabel: w.time, format, marks })];
  };
  const cpu = (k: number) => processes.all[k]?.cpu ?? [];
  const memory = (k: number) => (processes.all[k]?.rssBytes ?? []).map((bytes) => (bytes === null ? null : bytes / MB));
  return [
    over(w.rate, w.perSecond, [{ name: w.rate, values: series.rate }]),
    over(w.latency, 'ms', [
      { name: 'p50', values: series.p50 },
      { name: 'p95', values: series.p95 },
      { name: 'p99', values: series.p99 },
    ]),
    over(w.stations, w.stations, [
      { name: w.connected, values: series.connected },
      { name: w.inService, values: series.ready },
    ]),
    ...watched(`${w.cpu} · ${w.server}`, w.cores, 'server', cpu),
    ...watched(`${w.memory} · ${w.server}`, 'MB', 'server', memory),
    ...watched(`${w.cpu} · ${w.harness}`, w.cores, 'harness', cpu),
    ...watched(`${w.memory} · ${w.harness}`, 'MB', 'harness', memory),
    over(`${w.client}: ${w.utilisation}`, '0–1', [{ name: w.utilisation, values: series.utilisation }]),
    over(`${w.client}: ${w.lag}`, 'ms', [{ name: w.lag, values: series.lagMaxMs }]),
  ];
}
