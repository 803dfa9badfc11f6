/**
 * One who listens: their subscriptions, how far each has come, and the end of it all. A subscription that resumes reads what it
 * missed first and goes over to what comes now in the turn in which there is nothing between.
 */
import type { HeldGrant } from '@sigec/store';
import type { Caller } from '../context.js';
import { LIVE_CLOSE, type LiveClose } from './codes.js';
import type { LiveEvent } from './event.js';
import type { EventFeed } from './feed.js';
import type { Interested, Interests } from './interests.js';
import type { MessageTail } from './message-tail.js';
import type { Outlet } from './outlet.js';
import type { Places } from './places.js';
import { type Position, writePosition } from './position.js';
import type { Progress, Watcher } from './progress.js';
import { neededThere } from './reach.js';
import type { EventPage } from './recent.js';
import { grantsShow, Interest, type Wish } from './subscription.js';
import type { Told } from './told.js';

/** What a reader may leave untaken, bytes. */
export const MAX_WAITING = 1_048_576;
/** Events of one step of catching up. */
const PAGE = 200;

const TOPIC_OF = { message: 'messages', progress: 'progress' } as const;

export interface Rooms {
  readonly feed: EventFeed;
  readonly interests: Interests<Subscription>;
  readonly places: Places;
  readonly tail: MessageTail;
  readonly progress: Progress;
}

/** A subscription of a connection. */
export class Subscription implements Interested {
  /** The last event that it has been told, or passed over. */
  since = 0;
  live = false;
  ended = false;
  readonly watched: number[] = [];
  watcher: Watcher | undefined;

  constructor(
    readonly connection: Connection,
    readonly id: string,
    readonly interest: Interest,
  ) {}
}

export class Connection {
  readonly #rooms: Rooms;
  readonly #outlet: Outlet;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #ended: (code: LiveClose) => void;
  /** The last event that came live: subscriptions that overlap tell it once. */
  #last = 0;
  #closed = false;
  readonly #hear = (told: Told): void => {
    if (!this.#closed && this.#takes()) this.#outlet.told(told);
  };
  /** What is watched at stations: of a driver with grants as long as these lead there. */
  readonly #hearThere = (told: Told): void => {
    const needed = neededThere(TOPIC_OF[told.kind]);
    if (this.#held === undefined || grantsShow(this.#granted, this.#rooms.places, told.stationId, needed))
      this.#hear(told);
  };
  #held: readonly HeldGrant[] | undefined;
  #granted: Interest['granted'] = [];

  constructor(rooms: Rooms, outlet: Outlet, ended: (code: LiveClose) => void) {
    this.#rooms = rooms;
    this.#outlet = outlet;
    this.#ended = ended;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Of a driver: the grants, if any, that its first subscription was made for. */
  get held(): readonly HeldGrant[] | undefined {
    return this.#held;
  }

  get size(): number {
    return this.#subscriptions.size;
  }

  has(id: string): boolean {
    return this.#subscriptions.has(id);
  }

  /** How far all subscriptions have come; undefined while one of them catches up. */
  get position(): string | undefined {
    const { feed } = this.#rooms;
    if (feed.made === undefined) return undefined;
    for (const { live } of this.#subscriptions.values()) if (!live) return undefined;
    return writePosition(feed.made, feed.position);
  }

  /**
   * Looks up and holds what a subscription needs. Of its events nothing is told before {@link run}.
   * @returns undefined where more messages are watched than this process takes
   */
  async prepare(id: string, actor: Caller, wish: Wish): Promise<Subscription | undefined> {
    const { feed, places, tail, progress } = this.#rooms;
    const made = new Subscription(this, id, new Interest(actor, wish));
    const { tenantId, owner, stations } = made.interest;
    if (made.interest.places.length > 0) await places.hold(made.interest.places);
    try {
      await feed.ready();
    } catch (error) {
      places.release(made.interest.places);
      throw error;
    }
    const watched = wish.topics.includes('messages') ? (wish.deviceIds ?? []).map(Number) : [];
    if (this.#closed || !tail.watch(watched, this.#hearThere)) {
      places.release(made.interest.places);
      return undefined;
    }
    made.watched.push(...watched);
    // The first stand for all: where a later one has others, the connection ends.
    if (this.#held === undefined && wish.grants !== undefined)
      [this.#held, this.#granted] = [wish.grants, made.interest.granted];
    if (wish.topics.includes('progress'))
      made.watcher = wish.everybodys
        ? { tenantId, userId: undefined, stations, hear: this.#hearThere }
        : { tenantId, userId: owner, stations, hear: this.#hear };
    if (made.watcher !== undefined) progress.watch(made.watcher);
    const before = this.#subscriptions.get(id);
    this.#subscriptions.set(id, made);
    // After the new one is there: what both watch goes on.
    if (before !== undefined) this.#drop(before);
    return made;
  }

  /**
   * Tells what was missed, then what comes. Resolves when it has caught up, or ended.
   * @param after where to resume; undefined: from now on
   */
  async run(subscription: Subscription, after: Position | undefined): Promise<void> {
    if (subscription.ended) return;
    if (after === undefined) this.#goLive(subscription, this.#rooms.feed.position);
    else await this.#catchUp(subscription, await this.#begin(subscription, after));
    const { id, ended } = subscription;
    if (!ended) this.#outlet.say({ type: 'subscribed', id, position: this.position });
  }

  unsubscribe(id: string): boolean {
    const known = this.#subscriptions.get(id);
    if (known === undefined) return false;
    this.#subscriptions.delete(id);
    this.#drop(known);
    return true;
  }

  /** An event of the stream that may be of interest to one of its subscriptions. */
  offer(subscription: Subscription, event: LiveEvent): void {
    if (this.#closed || event.sequence <= this.#last || event.sequence <= subscription.since) return;
    const shape = subscription.interest.shapeOf(event, this.#rooms.places);
    if (shape === undefined || !this.#takes()) return;
    this.#last = event.sequence;
    this.#outlet.event(event, shape);
  }

  /** A sign of life, which says how far all subscriptions have come. */
  beat(): void {
    if (!this.#closed && this.#takes()) this.#outlet.beat(this.position);
  }

  end(code: LiveClose, reason: string): void {
    if (this.#closed) return;
    this.gone(code);
    this.#outlet.end(code, reason);
  }

  /** The other side went, or is sent away. */
  gone(code: LiveClose): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const subscription of this.#subscriptions.values()) this.#drop(subscription);
    this.#subscriptions.clear();
    this.#ended(code);
  }

  #takes(): boolean {
    if (this.#outlet.waiting <= MAX_WAITING) return true;
    this.end(LIVE_CLOSE.slowReader, 'slow reader');
    return false;
  }

  #drop(subscription: Subscription): void {
    const { interests, places, tail, progress } = this.#rooms;
    subscription.ended = true;
    if (subscription.live) interests.remove(subscription);
    places.release(subscription.interest.places);
    // Another subscription of this connection may watch the same.
    const others = new Set([...this.#subscriptions.values()].flatMap(({ watched, ended }) => (ended ? [] : watched)));
    tail.unwatch(
      subscription.watched.filter((id) => !others.has(id)),
      this.#hearThere,
    );
    if (subscription.watcher !== undefined) progress.unwatch(subscription.watcher);
  }

  #goLive(subscription: Subscription, since: number): void {
    subscription.since = since;
    subscription.live = true;
    this.#rooms.interests.add(subscription);
  }

  /** Where reading begins; that it is another stream is told. */
  async #begin({ id }: Subscription, after: Position): Promise<number> {
    const { feed } = this.#rooms;
    if (after.made === feed.made && feed.holds(after.sequence)) return after.sequence;
    const { made, first, last } = await feed.state();
    if (made === after.made && after.sequence <= last) return after.sequence;
    this.#outlet.say({ type: 'gap', id, after: writePosition(after.made, after.sequence), reason: 'renewed' });
    return first - 1;
  }

  /** A page of the stream itself, which may have dropped what a slow reader has not come to yet: that is told. */
  async #read({ id, interest }: Subscription, at: number): Promise<EventPage> {
    const { feed } = this.#rooms;
    const { made, first } = await feed.state();
    const from = Math.max(at, first - 1);
    if (from > at && !this.#closed)
      this.#outlet.say({ type: 'gap', id, after: writePosition(made, at), reason: 'too-old' });
    return feed.read(interest.tenantId, from, PAGE);
  }

  async #catchUp(subscription: Subscription, from: number): Promise<void> {
    const { feed } = this.#rooms;
    const { tenantId } = subscription.interest;
    let at = from;
    while (!this.#closed && !subscription.ended) {
      const recent = feed.recent(tenantId, at, PAGE);
      const page = recent ?? (await this.#read(subscription, at));
      if (this.#closed || subscription.ended) return;
      at = this.#giveAll(subscription, page);
      subscription.since = at;
      // Nothing can have come since the look into memory: it is all one turn.
      if (recent !== undefined && !recent.more && at === page.through) return this.#goLive(subscription, at);
      await this.#outlet.drained();
    }
  }

  /** As much of a page as the reader takes now; up to where that is. */
  #giveAll(subscription: Subscription, { events, through }: EventPage): number {
    for (const event of events) {
      this.#give(subscription, event);
      if (this.#outlet.waiting > MAX_WAITING / 4) return event.sequence;
    }
    return through;
  }

  /** What was missed, unless another subscription that was live then has told it. */
  #give(subscription: Subscription, event: LiveEvent): void {
    const { places } = this.#rooms;
    const shape = subscription.interest.shapeOf(event, places);
    if (shape === undefined) return;
    for (const other of this.#subscriptions.values())
      if (other.live && event.sequence > other.since && other.interest.shapeOf(event, places) !== undefined) return;
    this.#outlet.event(event, shape);
  }
}
