/** The room of what the terminal shows: a line per second while it runs, and the figures at its end. */
import { createColors } from 'picocolors';
import type { Progress } from '../run/progress.js';
import type { LoadResult } from '../run/result.js';
import { FAULTS } from '../swarm/plan.js';
import { formatter, type Language, wordsOf } from './words.js';

export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const PLAIN_EVERY_SECONDS = 5;

/** Live progress: one line that is written over on a terminal, a line now and then elsewhere. */
export class ProgressLine {
  readonly #w;
  readonly #n;
  readonly #colours;
  #written = false;
  #last = Number.NEGATIVE_INFINITY;
  #phase = '';

  constructor(
    private readonly out: Terminal,
    language: Language,
  ) {
    this.#w = wordsOf(language);
    this.#n = formatter(language);
    this.#colours = createColors(out.isTTY === true);
  }

  show(p: Progress): void {
    if (this.out.isTTY === true) {
      this.out.write(`\r\x1b[K${this.#text(p, (this.out.columns ?? 120) - 1)}`);
      this.#written = true;
    } else if (p.seconds - this.#last >= PLAIN_EVERY_SECONDS || p.phase !== this.#phase) {
      this.#last = p.seconds;
      this.#phase = p.phase;
      this.out.write(`${this.#text(p, 500)}\n`);
    }
  }

  /** Makes room for other lines. */
  clear(): void {
    if (this.#written) this.out.write('\r\x1b[K');
    this.#written = false;
  }

  end(): void {
    if (this.#written) this.out.write('\n');
    this.#written = false;
  }

  #text(p: Progress, width: number): string {
    const n = this.#n;
    const c = this.#colours;
    const ms = (value: number) => n(value, value < 10 ? 1 : 0);
    const parts = [
      `${n(p.seconds)} s ${this.#w.phases[p.phase]}`,
      `${n(p.rate)}/s`,
      `p50 ${ms(p.p50)} p95 ${ms(p.p95)} p99 ${ms(p.p99)} ms`,
      `${n(p.connected)} ${this.#w.connected}, ${n(p.ready)}/${n(p.stations)} ${this.#w.inService}`,
      `${this.#w.client} ${n(p.utilisation * 100)} %`,
    ];
    // The colour's own characters take no place.
    const line = parts.join(' · ').slice(0, width - 24);
    const faults = `${this.#w.faults.toLowerCase()} ${n(p.faults)}`;
    return `${line} · ${p.faults > 0 ? c.red(faults) : c.green(faults)}`;
  }
}

/** The figures of a result, for the end of a run. */
export function summaryText(result: LoadResult, language: Language, colour: boolean): string {
  const w = wordsOf(language);
  const n = formatter(language);
  const c = createColors(colour);
  const { load, latency: l, stations, storm, ledger } = result;
  const faults = FAULTS.filter((fault) => result.faults.counts[fault] > 0);
  const verdict = !result.passed ? w.failed : faults.length > 0 ? w.tolerated : w.passed;
  const lines = [
    `${result.passed ? c.green(verdict) : c.red(verdict)}  ${result.scenario}  ${n(stations.ready)}/${n(stations.asked)} ${w.inService}`,
  ];
  if (storm === undefined)
    lines.push(
      `${w.rate}: ${n(load.rate, 1)} ${w.perSecond}${load.targetRate === null ? '' : ` (${w.asked} ${n(load.targetRate, 1)}; ${w.behind.toLowerCase()}: ${n(load.behind)})`}`,
      `${w.latency} ms: p50 ${n(l.p50, 2)}  p95 ${n(l.p95, 2)}  p99 ${n(l.p99, 2)}  ${w.max} ${n(l.max, 1)}`,
    );
  for (const [k, round] of (storm ?? []).entries()) {
    const ms = (value: number | null) => (value === null ? '–' : `${n(value)} ms`);
    const name = k === 0 ? w.first : `${w.again} ${k}`;
    lines.push(`${name}: ${w.connectedAfter} ${ms(round.connectedMs)}, ${w.readyAfter} ${ms(round.readyMs)}`);
  }
  if (ledger !== undefined)
    lines.push(
      `${w.ledger}: ${n(ledger.totals.transactions)} ${w.transactions}, ${n(ledger.totals.stopped)} ${w.stopped}, ${n(ledger.totals.energyWh)} Wh`,
    );
  for (const one of result.processes.all) {
    if (one.cpuSeconds === null) continue;
    const each = one.cpuMicrosPerMessage === null ? '' : `, ${n(one.cpuMicrosPerMessage, 2)} µs ${w.perMessage}`;
    lines.push(`${one.name}: ${n(one.cpuSeconds, 2)} s CPU${each}, ${n((one.rssMax ?? 0) / 1048576)} MB`);
  }
  lines.push(`${w.faults}: ${faults.length === 0 ? w.none : ''}`);
  for (const fault of faults) {
    lines.push(c.red(`  ${fault}: ${n(result.faults.counts[fault])}`));
    const example = result.faults.examples.find((one) => one.fault === fault);
    if (example !== undefined) lines.push(`    ${example.identity}: ${example.detail}`);
  }
  return `${lines.join('\n')}\n`;
}
