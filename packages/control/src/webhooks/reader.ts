/**
 * Makes deliveries of the stream, for the webhooks that are behind. The cursor of each is in the database and the events are in
 * the stream, so that nothing is skipped while no process runs: the next to start goes on where the last one was.
 */
import type { StreamState } from '@sigec/bus';
import {
  anyWebhook,
  claimFeeds,
  type Fed,
  type Feed,
  keepFeed,
  MAX_WAITING,
  type NewDelivery,
  releaseFeeds,
} from '@sigec/store';
import { ROLES } from '../auth/permissions.js';
import type { Services } from '../context.js';
import { loggable, rootOf } from '../http/failures.js';
import type { LiveEvent } from '../live/event.js';
import { writePosition } from '../live/position.js';
import { eventsDelivery, gapDelivery } from './bodies.js';

/** Webhooks of one look. */
const MAX_CLAIM = 40;
/** Longer than it takes to read and write. */
const LEASE_MS = 30_000;
/** Events that are looked at for one webhook at a time. */
const PAGE = 500;
/** Deliveries of one step, so that a statement stays small. */
const MAX_MADE = 20;
/** While nothing comes, webhooks that were let go on or asked for a replay are looked for so often, ms. */
const IDLE_MS = 2_000;
/** And those whose tenant was quiet are moved on, so that what the stream drops meanwhile is not taken for theirs, ms. */
const SWEEP_MS = 600_000;

export class WebhookReader {
  /** Where the stream was at the last look. */
  #seen = -1;
  #next = 0;
  #sweep: number | undefined;
  #made = false;

  /** Whether deliveries were made since it was asked last. */
  takeMade(): boolean {
    const made = this.#made;
    this.#made = false;
    return made;
  }

  /** One look; true where there is more. */
  async run(services: Services): Promise<boolean> {
    const { db, bus, clock, live, logger } = services;
    const { feed } = live;
    const now = clock.monotonic();
    if (bus.status !== 'connected' || (now < this.#next && feed.position === this.#seen)) return false;
    this.#next = now + IDLE_MS;
    if (feed.made === undefined) {
      this.#seen = feed.position;
      // The stream is not followed for nobody.
      if (!(await anyWebhook(db))) return false;
    }
    const { made, floor } = await feed.ready();
    const seen = feed.position;
    this.#sweep ??= now + SWEEP_MS;
    const known = { made, floor: now < this.#sweep ? floor : seen, tenants: [...feed.tenants] };
    const claimed = await claimFeeds(db, known, MAX_CLAIM, LEASE_MS);
    if (claimed.length < MAX_CLAIM && now >= this.#sweep) this.#sweep = now + SWEEP_MS;
    if (claimed.length === 0) {
      this.#seen = seen;
      return false;
    }
    const state = await feed.state();
    const failed: number[] = [];
    const behind = await Promise.all(
      claimed.map((one) =>
        readOn(services, one, state).catch((error: unknown) => {
          logger.warn({ webhook: one.id, ...loggable(rootOf(error)) }, 'webhook: events could not be read');
          failed.push(one.id);
          return false;
        }),
      ),
    );
    this.#made = true;
    if (failed.length > 0) await releaseFeeds(db, failed);
    return behind.includes(true) || claimed.length === MAX_CLAIM;
  }
}

/** Whoever manages webhooks may read what comes to one: what takes more than operators hold goes to none. */
const wanted = ({ topics, deviceIds }: Feed, { topic, stationId, needs }: LiveEvent): boolean =>
  topics.includes(topic) &&
  (needs === undefined || ROLES.operator.has(needs)) &&
  (deviceIds === null || (stationId !== undefined && deviceIds.includes(stationId)));

/** What was made of a part of the stream, and how far that reaches. */
interface Span {
  readonly deliveries: readonly NewDelivery[];
  readonly through: number;
  readonly more: boolean;
}

async function span(
  { live }: Services,
  feed: Feed,
  kind: 'events' | 'replay',
  after: number,
  room: number,
  until = Number.POSITIVE_INFINITY,
): Promise<Span> {
  const page = live.feed.recent(feed.tenantId, after, PAGE) ?? (await live.feed.read(feed.tenantId, after, PAGE));
  const deliveries: NewDelivery[] = [];
  let events: LiveEvent[] = [];
  let at = after;
  for (const event of page.events) {
    if (event.sequence > until) break;
    if (wanted(feed, event)) {
      if (events.length === feed.maxEvents) {
        deliveries.push(eventsDelivery(feed.id, kind, events));
        events = [];
        if (deliveries.length === room) return { deliveries, through: at, more: true };
      }
      events.push(event);
    }
    at = event.sequence;
  }
  if (events.length > 0) deliveries.push(eventsDelivery(feed.id, kind, events));
  return { deliveries, through: Math.min(page.through, until), more: page.more && page.through < until };
}

/** One step of one webhook; true where it is still behind. */
async function readOn(services: Services, feed: Feed, { made, first }: StreamState): Promise<boolean> {
  const { db, logger } = services;
  const deliveries: NewDelivery[] = [];
  const same = feed.streamMade === made;
  let cursor = feed.cursor;
  if (!same || cursor < first - 1) {
    // Of a stream that was made anew nothing was read yet.
    logger.warn({ webhook: feed.id, cursor, first }, 'webhook: events were dropped before they were read');
    const [after, until] = [writePosition(feed.streamMade, cursor), writePosition(made, first - 1)];
    deliveries.push(gapDelivery(feed.id, after, until));
    cursor = first - 1;
  }
  const room = Math.max(1, Math.min(MAX_MADE, MAX_WAITING - feed.waiting));
  const fresh = await span(services, feed, 'events', cursor, room);
  deliveries.push(...fresh.deliveries);
  let again: Span | undefined;
  let { replayCursor, replayUntil } = feed;
  if (replayCursor !== null && replayUntil !== null) {
    // A span of a stream that is gone ends here.
    if (same) again = await span(services, feed, 'replay', Math.max(replayCursor, first - 1), room, replayUntil);
    deliveries.push(...(again?.deliveries ?? []));
    const done = again === undefined || again.through >= replayUntil;
    replayCursor = done ? null : (again?.through ?? null);
    replayUntil = done ? null : replayUntil;
  }
  const fed: Fed = { streamMade: made, cursor: fresh.through, replayCursor, replayUntil, deliveries };
  await keepFeed(db, feed, fed);
  return fresh.more || replayUntil !== null;
}
