/** The room of the run's clock: figures per second, and what each phase took. */
import type { CommandDriver } from '../api/driver.js';
import type { Latency } from '../measure/latency.js';
import type { FleetPhase, Progress } from '../run/progress.js';
import { SeriesBuilder } from '../run/series.js';
import type { Stack } from '../stack/stack.js';
import type { Tick } from '../swarm/plan.js';
import type { Party, PhaseFigures } from './result.js';
import { availableBytes, PARTIES, PartyWatch } from './watch.js';

/** What a phase has found itself. */
export interface Found {
  readonly messages: number;
  readonly latency?: Latency | null;
  readonly actions?: Readonly<Record<string, Latency>>;
  readonly facts?: PhaseFigures['facts'];
  /** The time its messages took, where it is not the whole phase. */
  readonly seconds?: number;
}

export interface BookOptions {
  readonly stations: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly onPhase?: ((phase: PhaseFigures) => void) | undefined;
}

const DRIVER = -1;

export class Book {
  readonly startedAt = Date.now();
  readonly phases: PhaseFigures[] = [];
  readonly series = new SeriesBuilder(this.startedAt, () => true);
  watch: PartyWatch | null = null;
  driver: CommandDriver | null = null;
  readonly #clock = setInterval(() => this.second(), 1000);
  #phase: FleetPhase = 'servers';

  constructor(private readonly options: BookOptions) {}

  /** From now on the groups are looked at. */
  open(stack: Pick<Stack, 'usage'>, clients: () => readonly number[]): void {
    this.watch = new PartyWatch(stack, clients);
  }

  close(): void {
    clearInterval(this.#clock);
  }

  tick(source: number, tick: Tick): void {
    this.series.add(source, tick);
  }

  /** Makes one phase, and keeps what it took. */
  async phase(name: FleetPhase, work: () => Promise<Found>): Promise<PhaseFigures> {
    this.#phase = name;
    const began = performance.now();
    const from = (Date.now() - this.startedAt) / 1000;
    const before = this.watch?.usage();
    const found = await work();
    const seconds = (performance.now() - began) / 1000;
    const after = this.watch?.usage();
    const by = <T>(of: (party: Party) => T) => Object.fromEntries(PARTIES.map((p) => [p, of(p)])) as Record<Party, T>;
    const cpu = by((p) => Math.round(((after?.[p].cpuSeconds ?? 0) - (before?.[p].cpuSeconds ?? 0)) * 100) / 100);
    const { messages, latency = null, actions = {}, facts = {} } = found;
    const figures: PhaseFigures = {
      name,
      from,
      to: from + seconds,
      seconds,
      messages,
      rate: messages / Math.max(found.seconds ?? seconds, 0.001),
      latency,
      actions,
      cpu,
      cpuMicros: by((p) => (messages === 0 ? null : (cpu[p] * 1e6) / messages)),
      rssBytes: by((p) => after?.[p].rssBytes ?? 0),
      availableBytes: availableBytes(),
      facts,
    };
    this.phases.push(figures);
    this.options.onPhase?.(figures);
    return figures;
  }

  /** Stations in service, and sockets lost as expected, by what was told last. */
  totals() {
    return this.series.totals();
  }

  second(): void {
    const seconds = Math.round((Date.now() - this.startedAt) / 1000);
    this.watch?.sample(seconds);
    if (this.driver !== null) this.series.add(DRIVER, this.driver.tick());
    this.series.close(seconds - 1);
    this.options.onProgress?.({
      phase: this.#phase,
      seconds,
      stations: this.options.stations,
      ...this.series.latest(),
    });
  }
}
