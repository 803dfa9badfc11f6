/** The newest events, in memory: whoever comes back after a short while is served from here, and webhooks read from here. */
import type { LiveEvent } from './event.js';

const MAX_EVENTS = 10_000;
/** UTF-16 characters of events. */
const MAX_SIZE = 16 * 1024 * 1024;
/** Of those dropped, so many places stay in the list before it is moved. */
const SLACK = 1024;

/** A part of a tenant's events. */
export interface EventPage {
  readonly events: readonly LiveEvent[];
  /** Up to here nothing of the tenant is missing, inclusive. */
  readonly through: number;
  readonly more: boolean;
}

export class RecentEvents {
  #events: LiveEvent[] = [];
  /** Where the kept ones begin in the list. */
  #from = 0;
  #size = 0;
  #floor: number;
  #last: number;

  /** @param floor nothing up to here is kept */
  constructor(floor: number) {
    this.#floor = floor;
    this.#last = floor;
  }

  /** Everything after this is kept. */
  get floor(): number {
    return this.#floor;
  }

  get last(): number {
    return this.#last;
  }

  add(event: LiveEvent): void {
    this.#events.push(event);
    this.#last = event.sequence;
    this.#size += event.size;
    while (this.#events.length - this.#from > MAX_EVENTS || this.#size > MAX_SIZE) {
      const gone = this.#events[this.#from++] as LiveEvent;
      this.#size -= gone.size;
      this.#floor = gone.sequence;
    }
    if (this.#from < SLACK) return;
    this.#events = this.#events.slice(this.#from);
    this.#from = 0;
  }

  /** Begins anew: what stood before a sequence was not heard. */
  restart(floor: number): void {
    this.#events = [];
    this.#from = 0;
    this.#size = 0;
    this.#floor = floor;
    this.#last = floor;
  }

  /** A sequence that holds no event of ours. */
  pass(sequence: number): void {
    this.#last = sequence;
  }

  /** What came of a tenant after a sequence that is not below {@link floor}. */
  after(tenantId: number, sequence: number, limit: number): EventPage {
    const events: LiveEvent[] = [];
    for (let at = this.#find(sequence); at < this.#events.length; at++) {
      const event = this.#events[at] as LiveEvent;
      if (event.tenantId !== tenantId) continue;
      const end = events.at(-1);
      if (events.length === limit && end !== undefined) return { events, through: end.sequence, more: true };
      events.push(event);
    }
    return { events, through: Math.max(this.#last, sequence), more: false };
  }

  /** The first place behind a sequence. */
  #find(sequence: number): number {
    let low = this.#from;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle] as LiveEvent).sequence <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
