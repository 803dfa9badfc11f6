/** Upgrades that wait for a worker's word: how to complete them in one write, and leave the socket open. */

import type { HttpResponse, WebSocket } from 'uWebSockets.js';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Corked, an upgrade is one write instead of 25. But at the end of the cork uWebSockets.js (3.0.6) still takes the socket for
 * an HTTP response, and looks at a flag in memory that the upgrade has given back (uNetworking/uWebSockets pull request
 * 1929). It reads what was there before, and all is well, unless something took that memory meanwhile: then it may close
 * the socket that was just opened. So nothing else may run within the cork:
 * - it is entered from an immediate, for below any other callback the library lets Node run whatever ticks are waiting;
 * - the handler of the open socket only notes it; the sessions begin when a number of upgrades are done;
 * - the young generation is collected before them, so that no collection falls into one;
 * - what runs in it is compiled before.
 * Thousands of sockets were opened to see that none closes (docs/decisions/0008).
 */
/** Upgrades between two collections: what they allocate is less than the smallest young generation. */
const PER_COLLECTION = 64;

/** A scavenge of the young generation, below a millisecond. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  setFlagsFromString('--no-expose-gc');
  return () => collect({ type: 'minor' });
}

export class LateUpgrades<User> {
  #queue: (() => WebSocket<User> | null)[] = [];
  #corked = false;
  #opened: WebSocket<User> | null = null;
  #closed = false;
  readonly #collect = collector();

  /**
   * @param welcome begins the session of an open socket
   * @param failed told what an upgrade threw
   */
  constructor(
    private readonly welcome: (ws: WebSocket<User>) => void,
    private readonly failed: (error: unknown) => void,
  ) {
    // The first call compiles.
    this.opened(null);
  }

  /** Soon calls `work`, which returns what {@link complete} gave it, or null where there is nothing to upgrade any more. */
  put(work: () => WebSocket<User> | null): void {
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

  /** The handler of an open socket: {@link complete} hands it on. */
  readonly opened = (ws: WebSocket<User> | null): void => {
    this.#opened = ws;
  };

  /** Of the close handler. */
  closed(): void {
    if (this.#corked) this.#closed = true;
  }

  #run(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (let from = 0; from < queue.length; from += PER_COLLECTION) {
      const opened: WebSocket<User>[] = [];
      this.#collect();
      for (const work of queue.slice(from, from + PER_COLLECTION)) {
        try {
          const ws = work();
          if (ws !== null) opened.push(ws);
        } catch (error) {
          this.failed(error);
        }
      }
      for (const ws of opened) this.welcome(ws);
    }
  }
}
