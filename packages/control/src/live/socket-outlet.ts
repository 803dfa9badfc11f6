/** A WebSocket as a live connection wants it. */
import { sleep } from '@sigec/runtime';
import { WebSocket } from 'ws';
import type { LiveClose } from './codes.js';
import type { LiveEvent, Shape } from './event.js';
import type { LiveNotice, Outlet } from './outlet.js';
import type { Told } from './told.js';

/** A reader that does not answer a close is cut off after this, ms. */
const CLOSE_MS = 5_000;
/** With less than this untaken it is sent more of what it missed, bytes. */
const CALM = 65_536;
const LOOK_MS = 20;

export class SocketOutlet implements Outlet {
  readonly #ws: WebSocket;

  constructor(ws: WebSocket) {
    this.#ws = ws;
  }

  get waiting(): number {
    return this.#ws.bufferedAmount;
  }

  event(event: LiveEvent, shape: Shape): void {
    this.#send(event.frame(shape));
  }

  told(told: Told): void {
    this.#send(told.frame());
  }

  say(message: LiveNotice | object): void {
    this.#send(JSON.stringify(message));
  }

  beat(position: string | undefined): void {
    this.say({ type: 'heartbeat', position, time: new Date().toISOString() });
  }

  async drained(): Promise<void> {
    // At least one turn: whoever has missed much leaves room for the others.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#ws.readyState === WebSocket.OPEN && this.#ws.bufferedAmount > CALM) await sleep(LOOK_MS);
  }

  end(code: LiveClose, reason: string): void {
    const ws = this.#ws;
    ws.close(code, reason);
    const cut = setTimeout(() => ws.terminate(), CLOSE_MS);
    cut.unref();
    ws.once('close', () => clearTimeout(cut));
  }

  #send(data: Buffer | string): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(data, { binary: false });
  }
}
