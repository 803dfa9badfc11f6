/** The end of an edge's sessions: at a rate, so that those who take them over are not stormed; busy ones last. */
import { CLOSE } from '@sigec/contract';
import { sleep } from '@sigec/runtime';
import type { Session } from './session.js';

export interface DrainOptions {
  /** Sockets closed per second. */
  readonly perSecond: number;
  /** After this all are closed that are left, ms. */
  readonly deadlineMs: number;
  /** Told of each session that is closed. */
  readonly closed: (how: 'idle' | 'busy') => void;
}

const STEP_MS = 50;
/** Share of the deadline in which all shall be closed: the rest is for those that wait for an answer. */
const SHARE = 0.8;

/**
 * Closes all sessions with "come back": each once nothing of it is on its way, or at the deadline. Where the rate would
 * not do, the deadline goes before it.
 */
export class Drain {
  /** Only busy ones are left. */
  #last = false;

  constructor(
    private readonly sessions: ReadonlySet<Session>,
    private readonly options: DrainOptions,
  ) {}

  async run(): Promise<void> {
    const { sessions } = this;
    const { perSecond, deadlineMs } = this.options;
    const begun = performance.now();
    const rate = Math.max(perSecond, sessions.size / ((deadlineMs * SHARE) / 1000));
    let done = 0;
    for (let passed = 0; sessions.size > 0 && passed < deadlineMs; passed = performance.now() - begun) {
      // By the time that has passed, not by steps: a process that ends may be a busy one.
      const due = Math.max(1, Math.floor((rate * (passed + STEP_MS)) / 1000)) - done;
      const closed = this.#closeIdle(due);
      done += closed;
      this.#last = closed < due;
      await sleep(STEP_MS);
    }
    for (const session of [...sessions]) this.#close(session);
  }

  /** The last CALL of a session was answered. */
  idle(session: Session): void {
    if (this.#last) this.#close(session);
  }

  #closeIdle(most: number): number {
    let closed = 0;
    for (const session of [...this.sessions]) {
      if (closed >= most) break;
      if (session.busy || session.state === 'closing') continue;
      this.#close(session);
      closed++;
    }
    return closed;
  }

  #close(session: Session): void {
    if (session.state === 'closing' || session.state === 'closed') return;
    this.options.closed(session.busy ? 'busy' : 'idle');
    session.close(CLOSE.restart, 'the server restarts');
  }
}
