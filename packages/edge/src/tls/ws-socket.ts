/** A socket of the `ws` library as a session wants it. */
import { WebSocket } from 'ws';
import { BACKPRESSURE_BYTES } from '../hooks.js';
import type { Socket } from '../socket.js';

/** A charger that does not answer a close is cut off after this, ms. */
const CLOSE_MS = 5_000;

export class WsSocket implements Socket {
  constructor(private readonly ws: WebSocket) {}

  send(text: string): number {
    const { ws } = this;
    if (ws.readyState !== WebSocket.OPEN || ws.bufferedAmount + text.length > BACKPRESSURE_BYTES) return 2;
    ws.send(text);
    return ws.bufferedAmount > 0 ? 0 : 1;
  }

  end(code: number, reason: string): void {
    const { ws } = this;
    ws.close(code, reason);
    const cut = setTimeout(() => ws.terminate(), CLOSE_MS);
    cut.unref();
    ws.once('close', () => clearTimeout(cut));
  }

  close(): void {
    this.ws.terminate();
  }

  ping(): number {
    if (this.ws.readyState !== WebSocket.OPEN) return 2;
    this.ws.ping();
    return 1;
  }
}
