/**
 * The one follower of the stream in this process. It begins with the first who needs it, a little before the present, so that
 * those who come back after a restart of this process find what they missed without asking the stream each by themselves.
 */
import { type Bus, type BusSubscription, BusTimeoutError, type StreamEvent, type StreamState } from '@sigec/bus';
import { EVERY_EVENT, eventsOf } from '@sigec/contract';
import type { Logger } from '@sigec/runtime';
import { LiveEvent } from './event.js';
import { type EventPage, RecentEvents } from './recent.js';

/** Events before the present that are read at the start. */
const BEFORE = 2_000;
/** For those to arrive, ms. */
const BEGIN_MS = 10_000;

/** Of a stream that is followed. */
interface Followed {
  readonly made: number;
  readonly recent: RecentEvents;
  /** Nothing of before was seen by this process. */
  readonly floor: number;
  /** The last event of each tenant that was seen. */
  readonly tenants: Map<number, number>;
  readonly subscription: BusSubscription;
}

export interface FeedListener {
  /** An event that came now. */
  event(event: LiveEvent): void;
  /** Events are missing between the last and the next, or the stream was made anew: whoever resumes is told which. */
  broken(): void;
}

export class EventFeed {
  readonly #bus: Bus;
  readonly #logger: Logger;
  readonly #listeners = new Set<FeedListener>();
  #beginning: Promise<Followed> | undefined;
  #followed: Followed | undefined;
  #closed = false;

  constructor(bus: Bus, logger: Logger) {
    this.#bus = bus;
    this.#logger = logger;
  }

  listen(listener: FeedListener): void {
    this.#listeners.add(listener);
  }

  /** The stream as it is followed, once its present is reached. Rejects where the bus is away. */
  ready(): Promise<{ readonly made: number; readonly floor: number }> {
    this.#beginning ??= this.#begin().catch((error) => {
      this.#beginning = undefined;
      throw error;
    });
    return this.#beginning;
  }

  /** Undefined before it began. */
  get made(): number | undefined {
    return this.#followed?.made;
  }

  /** The last event that came; 0 before it began. */
  get position(): number {
    return this.#followed?.recent.last ?? 0;
  }

  /** The last event of each tenant since the floor. */
  get tenants(): ReadonlyMap<number, number> {
    return this.#followed?.tenants ?? new Map();
  }

  /** Whether everything after a sequence, up to now, is in memory. */
  holds(sequence: number): boolean {
    const recent = this.#followed?.recent;
    return recent !== undefined && sequence >= recent.floor && sequence <= recent.last;
  }

  /** How far the stream itself reaches. */
  state(): Promise<StreamState> {
    return this.#bus.events.state();
  }

  /** What came of a tenant after a sequence, where this process still has it. */
  recent(tenantId: number, after: number, limit: number): EventPage | undefined {
    const recent = this.#followed?.recent;
    return recent === undefined || after < recent.floor ? undefined : recent.after(tenantId, after, limit);
  }

  /** The same from the stream, for those who were away for longer. */
  async read(tenantId: number, after: number, limit: number): Promise<EventPage> {
    const { made } = await this.ready();
    const { events, through, more } = await this.#bus.events.read(eventsOf(tenantId), after, limit);
    return { events: events.flatMap((event) => LiveEvent.read(event, made) ?? []), through, more };
  }

  close(): void {
    this.#closed = true;
    this.#followed?.subscription.unsubscribe();
    this.#listeners.clear();
  }

  async #begin(): Promise<Followed> {
    const { made, first, last } = await this.#bus.events.state();
    const floor = Math.max(first - 1, last - BEFORE, 0);
    const recent = new RecentEvents(floor);
    const tenants = new Map<number, number>();
    let reached: () => void = () => undefined;
    const present = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const hear = (event: StreamEvent): void => {
      if (event.sequence <= recent.last) {
        this.#renew();
        return;
      }
      // The bus was away for longer than the stream keeps: nobody here knows what came meanwhile.
      if (event.sequence > recent.last + 1) {
        recent.restart(event.sequence - 1);
        for (const listener of this.#listeners) listener.broken();
      }
      const read = LiveEvent.read(event, made);
      if (read === undefined) recent.pass(event.sequence);
      else {
        recent.add(read);
        tenants.set(read.tenantId, read.sequence);
      }
      if (event.sequence <= last) {
        if (event.sequence === last) reached();
      } else if (read !== undefined) for (const listener of this.#listeners) listener.event(read);
    };
    const subscription = await this.#bus.events.follow(EVERY_EVENT, hear, { fromSequence: floor });
    if (floor < last) {
      const timer = setTimeout(() => reached(), BEGIN_MS);
      await present;
      clearTimeout(timer);
      if (recent.last < last) {
        subscription.unsubscribe();
        throw new BusTimeoutError(EVERY_EVENT, BEGIN_MS);
      }
    }
    if (this.#closed) subscription.unsubscribe();
    this.#followed = { made, recent, floor, tenants, subscription };
    this.#logger.info({ sequence: last }, 'live: the stream of events is followed');
    return this.#followed;
  }

  #renew(): void {
    this.#logger.warn('live: the stream of events was made anew');
    this.#followed?.subscription.unsubscribe();
    this.#followed = undefined;
    this.#beginning = undefined;
    for (const listener of this.#listeners) listener.broken();
  }
}
