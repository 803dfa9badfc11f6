/** Upgrades that wait for a worker's word: how to complete them in one write, and leave the socket open. */

import type { HttpResponse, WebSocket } from 'uWebSockets.js';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Cork } from './cork.js';

/**
 * At the end of a response's own cork uWebSockets.js (3.0.6) still takes the upgraded socket for an HTTP response, and looks at
 * a flag in memory that the upgrade has given back (uNetworking/uWebSockets pull request 1929). If something has taken
 * that memory meanwhile, it may close the socket that was just opened. So there are two ways (docs/decisions/0008):
 * - in a borrowed cork, where that never happens, at the cost of 25 small writes: whenever upgrades are few;
 * - in its own, one write, in a storm, with nothing else running meanwhile that could take memory: entered from a timer,
 *   below which no ticks run; its code warm from earlier upgrades; the young generation collected before; the open
 *   socket only noted, and its session begun afterwards.
 */

/** Upgrades within a second from which on they are a storm. */
const STORM = 50;
const SECOND_MS = 1_000;
/** What a charger waits more in a storm, so that a collection serves many, ms. */
const GATHER_MS = 100;
/** Upgrades of this process after which their code is compiled. */
const WARM = 1_000;
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
  /** The upgrades under way take their own cork. */
  #own = false;
  #opened: WebSocket<User> | null = null;
  #closed = false;
  #done = 0;
  #storm = false;
  #since = 0;
  #arrived = 0;
  readonly #collect = collector();

  /**
   * @param welcome begins the session of an open socket
   * @param failed told what an upgrade threw
   * @param ownCork a storm may use it; not below TLS, where the handshake costs so much more that nothing is won
   */
  constructor(
    private readonly welcome: (ws: WebSocket<User>) => void,
    private readonly failed: (error: unknown) => void,
    private readonly borrowed: Cork,
    private readonly ownCork = true,
  ) {}

  /** Soon calls `work`, which returns what {@link complete} gave it, or null where there is nothing to upgrade any more. */
  put(work: () => WebSocket<User> | null): void {
    this.#queue.push(work);
    if (this.ownCork) this.#count();
    if (this.#queue.length > 1) return;
    if (this.#storm) setTimeout(() => this.#run(), GATHER_MS);
    else setImmediate(() => this.#run());
  }

  /** A second that brought many makes the next one a storm, too. */
  #count(): void {
    const now = performance.now();
    if (now - this.#since >= SECOND_MS) {
      this.#storm = this.#arrived >= STORM && this.#done >= WARM && now - this.#since < 2 * SECOND_MS;
      this.#since = now;
      this.#arrived = 0;
    }
    if (++this.#arrived >= STORM && this.#done >= WARM) this.#storm = true;
  }

  /** Upgrades; the open socket, or null where it is closed already. Nothing but the upgrade may be done in `upgrade`. */
  complete(res: HttpResponse, upgrade: () => void): WebSocket<User> | null {
    this.#corked = true;
    this.#opened = null;
    this.#closed = false;
    this.#done++;
    try {
      if (this.#own) res.cork(upgrade);
      else this.borrowed.run(upgrade);
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
    const storm = this.#storm;
    for (let from = 0; from < queue.length; from += PER_COLLECTION) {
      const opened: WebSocket<User>[] = [];
      this.#own = storm && queue.length > 1;
      if (this.#own) this.#collect();
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
