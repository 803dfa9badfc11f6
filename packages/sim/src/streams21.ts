/** The room of a stream of values (2.1 N11 to N13): opened by the station, filled at its pace, sent without an answer. */
import type { ChargingStation } from './charging.js';
import { type JsonObject, read } from './json.js';

const DEFAULT_INTERVAL_S = 10;
/** No sample more often than this in real time, whatever is asked for, ms. */
const FASTEST_MS = 20;

export class Stream {
  #intervalS = DEFAULT_INTERVAL_S;
  #values = 1;
  #data: { t: number; v: string }[] = [];
  #since = 0;
  #stop = () => {};
  #closed = false;
  #open = false;

  constructor(
    private readonly station: ChargingStation,
    readonly id: number,
    params: JsonObject,
    private readonly value: () => string,
  ) {
    this.adjust(params);
    // After the answer to the command that set its monitor.
    station.timers.after(0, () =>
      station.background(async () => {
        const { status } = await station.send('OpenPeriodicEventStream', { constantStreamData: this.described() });
        if (status !== 'Accepted') return;
        this.#open = true;
        if (this.#closed) this.#tellClosed();
        else
          this.#stop = station.timers.every(
            () => this.#everyMs(),
            () => this.#sample(),
          );
      }),
    );
  }

  adjust(params: JsonObject): void {
    this.#intervalS = Math.max(0, read.optNum(params, 'interval') ?? this.#intervalS) || DEFAULT_INTERVAL_S;
    this.#values = Math.max(1, read.optInt(params, 'values') ?? this.#values);
  }

  /** The specification's ConstantStreamData. */
  described(): JsonObject {
    const params = { interval: Math.ceil(this.#intervalS), values: this.#values };
    return { id: this.id, params, variableMonitoringId: this.id };
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    if (this.#open) this.#tellClosed();
  }

  #everyMs(): number {
    return Math.max(FASTEST_MS, (this.#intervalS * 1000) / this.#values / this.station.speed);
  }

  /** Values are taken evenly, and sent together. */
  #sample(): void {
    const now = this.station.clock.now();
    if (this.#data.length === 0) this.#since = now;
    this.#data.push({ t: Math.round(now - this.#since) / 1000, v: this.value() });
    if (this.#data.length < this.#values || !this.station.isOnline) return;
    const data = this.#data.splice(0);
    const basetime = new Date(this.#since).toISOString();
    this.station.background(() =>
      this.station.send('NotifyPeriodicEventStream', { id: this.id, pending: 0, basetime, data }),
    );
  }

  #tellClosed(): void {
    this.station.background(() => this.station.send('ClosePeriodicEventStream', { id: this.id }));
  }
}
