/** Server-Sent Events as a live connection wants them: what waits is kept here until the socket takes it. */
import type { LiveClose } from './codes.js';
import type { LiveEvent, Shape } from './event.js';
import type { LiveNotice, Outlet } from './outlet.js';
import type { Told } from './told.js';

/** Browsers come back after this, ms. */
const RETRY_MS = 2_000;
const CALM = 65_536;

export class StreamOutlet implements Outlet {
  readonly body: ReadableStream<Uint8Array>;
  #chunks: Buffer[] = [Buffer.from(`retry: ${RETRY_MS}\n\n`)];
  #waiting = 0;
  #ended = false;
  /** Goes on where the reader waits for more. */
  #more: (() => void) | undefined;
  /** Go on where what waits is little. */
  #calm: (() => void)[] = [];

  /** @param gone called where the reader goes */
  constructor(gone: () => void) {
    this.body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (this.#chunks.length === 0 && !this.#ended)
            await new Promise<void>((resolve) => {
              this.#more = resolve;
            });
          const chunks = this.#chunks;
          this.#chunks = [];
          this.#waiting = 0;
          if (chunks.length > 0) controller.enqueue(new Uint8Array(Buffer.concat(chunks)));
          if (this.#ended) controller.close();
          this.#relax();
        },
        cancel: () => {
          this.#ended = true;
          this.#more?.();
          this.#relax();
          gone();
        },
      },
      { highWaterMark: 0 },
    );
  }

  get waiting(): number {
    return this.#waiting;
  }

  event(event: LiveEvent, shape: Shape): void {
    this.#push(event.chunk(shape));
  }

  told(told: Told): void {
    this.#push(told.chunk());
  }

  say({ type, ...rest }: LiveNotice): void {
    this.#push(Buffer.from(`event: ${type}\ndata: ${JSON.stringify(rest)}\n\n`));
  }

  /** A position alone is no event to browsers, and still where they resume. */
  beat(position: string | undefined): void {
    this.#push(Buffer.from(position === undefined ? ':\n\n' : `id: ${position}\n\n`));
  }

  async drained(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.#waiting <= CALM || this.#ended) return;
    await new Promise<void>((resolve) => this.#calm.push(resolve));
  }

  end(code: LiveClose, reason: string): void {
    this.#push(Buffer.from(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`));
    this.#ended = true;
    this.#more?.();
    this.#relax();
  }

  #push(chunk: Buffer): void {
    if (this.#ended) return;
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    this.#more?.();
    this.#more = undefined;
  }

  #relax(): void {
    for (const resolve of this.#calm.splice(0)) resolve();
  }
}
