/** One direction of a proxied connection: it passes, waits, swallows or crawls, as the link's weather says. */
import type { Socket } from 'node:net';

/** What a slow link is like. */
export interface Slowness {
  /** Added to every byte's way, ms. */
  readonly latencyMs: number;
  /** Most that passes in one direction of one connection, bytes per second. */
  readonly bytesPerSecond: number;
}

/** What happens to the bytes of one direction. */
export type Weather =
  | { readonly kind: 'clear' }
  /** Nothing is read; the kernel's buffers fill, as on a dead link. Not a byte is lost. */
  | { readonly kind: 'held' }
  /** All is read, nothing arrives. */
  | { readonly kind: 'swallowed' }
  | ({ readonly kind: 'slow' } & Slowness);

export const CLEAR: Weather = { kind: 'clear' };

interface Waiting {
  readonly bytes: Buffer;
  readonly due: number;
}

/** Bytes under way on a slow link; more are not read. */
const MAX_WAITING = 256 * 1024;

export class Pipe {
  #weather: Weather = CLEAR;
  #lost = 0;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** When the last byte that was taken will have passed. */
  #busyUntil = 0;
  #timer: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
  ) {
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => this.#end());
    to.on('drain', () => this.#flow());
    to.on('close', () => {
      if (this.#timer !== null) clearTimeout(this.#timer);
    });
  }

  /** Bytes were swallowed: what passes from now on would make no sense to whoever reads it. */
  get broken(): boolean {
    return this.#lost > 0;
  }

  set weather(weather: Weather) {
    this.#weather = weather;
    if (weather.kind !== 'slow') for (const waiting of this.#waiting.splice(0)) this.#pass(waiting.bytes);
    this.#flow();
  }

  #take(bytes: Buffer): void {
    const { kind } = this.#weather;
    if (kind === 'swallowed') this.#lost += bytes.length;
    else if (kind === 'slow') this.#delay(bytes, this.#weather as Slowness);
    else this.#pass(bytes);
    this.#flow();
  }

  #delay(bytes: Buffer, { latencyMs, bytesPerSecond }: Slowness): void {
    const now = performance.now();
    this.#busyUntil = Math.max(now, this.#busyUntil) + (bytes.length / bytesPerSecond) * 1000;
    this.#waiting.push({ bytes, due: this.#busyUntil + latencyMs });
    this.#waitingBytes += bytes.length;
    this.#arm();
  }

  #arm(): void {
    const next = this.#waiting[0];
    if (this.#timer !== null || next === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        const now = performance.now();
        for (let one = this.#waiting[0]; one !== undefined && one.due <= now; one = this.#waiting[0]) {
          this.#waiting.shift();
          this.#pass(one.bytes);
        }
        this.#arm();
        this.#flow();
      },
      Math.max(0, next.due - performance.now()),
    );
  }

  #pass(bytes: Buffer): void {
    this.#waitingBytes = Math.max(0, this.#waitingBytes - bytes.length);
    if (!this.to.destroyed) this.to.write(bytes);
    if (this.#ended && this.#waiting.length === 0) this.to.end();
  }

  #end(): void {
    this.#ended = true;
    if (this.#waiting.length === 0 && this.#weather.kind !== 'swallowed') this.to.end();
  }

  /** Reads on, where there is room and the weather lets it. */
  #flow(): void {
    const full = this.to.writableNeedDrain || this.#waitingBytes > MAX_WAITING;
    if (this.#weather.kind === 'held' || full) this.from.pause();
    else this.from.resume();
  }
}
