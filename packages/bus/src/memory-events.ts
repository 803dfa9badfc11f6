/** The in-process twin of the stream of events: a bounded ring, de-duplicated, replayable while the process lives. */
import type { Logger } from '@sigec/runtime';
import type { Bus, BusSubscription, EventStream, StreamEvent, StreamPage, StreamState } from './bus.js';
import { BusPayloadError, BusUnavailableError } from './errors.js';
import { assertEventSubject, assertPattern, assertSubject, matches } from './subject.js';

const MAX_EVENTS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** As the stream EVENTS has. */
const DUPLICATES_MS = 120_000;

type Owner = Pick<Bus, 'status' | 'onStatus' | 'maxPayload'>;

interface Follower {
  readonly owner: Owner;
  readonly tokens: readonly string[];
  readonly handler: (event: StreamEvent) => void;
  /** The last sequence it has seen or passed over. */
  position: number;
}

export class MemoryEventLog {
  readonly #events: StreamEvent[] = [];
  readonly #ids = new Map<string, number>();
  readonly #followers = new Set<Follower>();
  readonly #logger: Logger | undefined;
  #bytes = 0;
  #last = 0;
  #scheduled = false;
  readonly #made = Date.now();

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  get last(): number {
    return this.#last;
  }

  state(): StreamState {
    return { made: this.#made, first: this.#events[0]?.sequence ?? this.#last + 1, last: this.#last };
  }

  read(tokens: readonly string[], after: number, limit: number): StreamPage {
    const events: StreamEvent[] = [];
    const first = this.#events[0]?.sequence ?? 0;
    for (let at = Math.max(0, after + 1 - first); at < this.#events.length; at++) {
      const event = this.#events[at] as StreamEvent;
      if (!matches(tokens, event.subject.split('.'))) continue;
      const end = events.at(-1);
      if (events.length === limit && end !== undefined) return { events, through: end.sequence, more: true };
      events.push(event);
    }
    return { events, through: this.#last, more: false };
  }

  append(id: string, subject: string, data: Uint8Array): void {
    const now = performance.now();
    for (const [old, time] of this.#ids) {
      if (now - time < DUPLICATES_MS && this.#ids.size <= MAX_EVENTS) break;
      this.#ids.delete(old);
    }
    if (this.#ids.has(id)) return;
    this.#ids.set(id, now);
    this.#events.push({ sequence: ++this.#last, subject, data });
    this.#bytes += data.length;
    while (this.#events.length > MAX_EVENTS || this.#bytes > MAX_BYTES) {
      this.#bytes -= this.#events.shift()?.data.length ?? 0;
    }
    this.schedule();
  }

  follow(follower: Follower): BusSubscription {
    this.#followers.add(follower);
    const stopListening = follower.owner.onStatus((status) => {
      if (status === 'closed') end();
      else this.schedule();
    });
    const end = (): void => {
      stopListening();
      this.#followers.delete(follower);
    };
    this.schedule();
    return { unsubscribe: end };
  }

  schedule(): void {
    if (this.#scheduled || this.#followers.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      for (const follower of [...this.#followers]) this.#pump(follower);
    });
  }

  #pump(follower: Follower): void {
    // What handlers append comes next time, so that nobody waits for an endless pump.
    const until = this.#last;
    while (follower.position < until) {
      // The handler may have ended it, or the bus; and appending may have moved the ring.
      if (!this.#followers.has(follower) || follower.owner.status !== 'connected') return;
      const first = this.#events[0]?.sequence ?? until + 1;
      const event = this.#events[Math.max(0, follower.position + 1 - first)];
      if (!event) return;
      follower.position = event.sequence;
      if (!matches(follower.tokens, event.subject.split('.'))) continue;
      try {
        follower.handler(event);
      } catch (err) {
        this.#logger?.error({ err, subject: event.subject }, 'bus: a handler of events failed');
      }
    }
  }
}

/** The stream as one connection sees it. */
export function memoryEvents(log: MemoryEventLog, owner: Owner): EventStream {
  const connected = (): void => {
    if (owner.status !== 'connected') throw new BusUnavailableError(`the bus is ${owner.status}`);
  };
  return {
    append: async (id, subject, data) => {
      assertSubject(subject);
      assertEventSubject('subject', subject);
      if (data.length > owner.maxPayload) throw new BusPayloadError(data.length, owner.maxPayload);
      connected();
      log.append(id, subject, data);
    },
    follow: async (filter, handler, options) => {
      assertPattern(filter);
      assertEventSubject('filter', filter);
      connected();
      const position = options?.fromSequence ?? log.last;
      return log.follow({ owner, tokens: filter.split('.'), handler, position });
    },
    state: async () => {
      connected();
      return log.state();
    },
    read: async (filter, after, limit) => {
      assertPattern(filter);
      assertEventSubject('filter', filter);
      connected();
      return log.read(filter.split('.'), after, limit);
    },
  };
}
