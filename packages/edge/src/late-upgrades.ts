/** Upgrades that wait for a worker's word: how to complete them in one write, and leave the socket open. */
import type { HttpResponse, WebSocket } from 'uWebSockets.js';

/**
 * Corked, an upgrade is one write instead of 25. But at the end of the cork uWebSockets.js (3.0.6) still takes the socket for
 * an HTTP response, and looks at a flag in memory that the upgrade has given back (uNetworking/uWebSockets pull request
 * 1929). It reads what was there before, and all is well, unless something took that memory meanwhile: then it may close
 * the socket that was just opened. So nothing else may run within the cork:
 * - it is entered from an immediate, for below any other callback the library lets Node run whatever ticks are waiting;
 * - the handler of the open socket only notes it; the session begins after the cork.
 * A test of the edge opens thousands of sockets and counts those that close (docs/decisions/0008).
 */
export class LateUpgrades<User> {
  #queue: (() => void)[] = [];
  #corked = false;
  #opened: WebSocket<User> | null = null;
  #closed = false;

  constructor(private readonly failed: (error: unknown) => void) {}

  /** Runs the work soon, where an upgrade may be completed; `work` calls {@link complete}, or nothing. */
  put(work: () => void): void {
    this.#queue.push(work);
    if (this.#queue.length === 1) setImmediate(() => this.#run());
  }

  /** Upgrades; the open socket, or null where it is closed already. Nothing but the upgrade may be done in `upgrade`. */
  complete(res: HttpResponse, upgrade: () => void): WebSocket<User> | null {
    this.#corked = true;
    this.#opened = null;
    this.#closed = false;
    try {
      res.cork(upgrade);
    } finally {
      this.#corked = false;
    }
    return this.#closed ? null : this.#opened;
  }

  /** Of the open handler: true where {@link complete} will hand the socket on. */
  opened(ws: WebSocket<User>): boolean {
    if (this.#corked) this.#opened = ws;
    return this.#corked;
  }

  /** Of the close handler. */
  closed(): void {
    if (this.#corked) this.#closed = true;
  }

  #run(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const work of queue) {
      try {
        work();
      } catch (error) {
        this.failed(error);
      }
    }
  }
}
