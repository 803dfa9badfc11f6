/**
 * Live updates of this process: one follower of the stream, an index of who wants what, and everybody who listens. Any number
 * of processes may do the same; each serves those who are connected to it.
 */
import type { Bus } from '@sigec/bus';
import type { Clock, CounterSeries, Labelled, Logger, Metrics } from '@sigec/runtime';
import { type Database, heldGrants } from '@sigec/store';
import type { Callers } from '../auth/callers.js';
import type { Caller } from '../context.js';
import { LIVE_CLOSE, type LiveClose } from './codes.js';
import { Connection, type Rooms, type Subscription } from './connection.js';
import type { LiveEvent } from './event.js';
import { EventFeed } from './feed.js';
import { Interests } from './interests.js';
import { MessageTail } from './message-tail.js';
import type { Outlet } from './outlet.js';
import { Places } from './places.js';
import { Progress } from './progress.js';
import { type Admission, holderOf, isSame } from './token.js';

/** Between two signs of life on a connection, ms. */
export const BEAT_MS = 25_000;
/** Told of whoever was given a grant, or lost one (store, `accounts/audit.ts`). */
const ACCOUNT_CHANGED = 'account.changed';
/** How long before its end a token is said to end, ms. */
const WARN_MS = 60_000;
/** Keys may end in years, and timers wait for 24 days at most: one that ends later is looked at again after so long, ms. */
const FAR_MS = 1_000_000_000;

export interface LiveLimits {
  /** Connections of this process. */
  readonly most: number;
  /** Of one tenant. */
  readonly tenant: number;
  /** Of one person, or one key. */
  readonly user: number;
}

const DEFAULT_LIMITS: LiveLimits = { most: 3_000, tenant: 2_000, user: 50 };

export interface HubDeps {
  readonly bus: Bus;
  readonly db: Database;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly callers: Callers;
}

/** One connection, and the token or key that holds it open. */
export class LiveSession {
  readonly connection: Connection;
  #admission: Admission;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly deps: HubDeps,
    admission: Admission,
    private readonly outlet: Outlet,
    connection: Connection,
  ) {
    this.connection = connection;
    this.#admission = admission;
    this.#arm();
  }

  get admission(): Admission {
    return this.#admission;
  }

  /** A fresh token of the same person, or the same key; false where it is another's. */
  renew(admission: Admission): boolean {
    if (!isSame(this.#admission.actor, admission.actor)) return false;
    this.#admission = admission;
    this.disarm();
    this.#arm();
    return true;
  }

  /** Ends it where its token does not let anybody in any more, or lets in one who may do something else. */
  async check(): Promise<void> {
    const { header, actor } = this.#admission;
    const now = await this.deps.callers.of(header);
    if (header !== this.#admission.header || (now !== undefined && isSame(actor, now))) return;
    // A key that is refused was revoked or is over: it is good for nothing more, where a person comes back with a fresh token.
    if (now === undefined && actor.keyId !== undefined) this.connection.end(LIVE_CLOSE.unauthorized, 'unauthorized');
    else this.#expire();
  }

  /** As the connection does; and what grants were taken back meanwhile is not subscribed. */
  async prepare(...given: Parameters<Connection['prepare']>): Promise<Subscription | undefined> {
    const made = await this.connection.prepare(...given);
    // A change that is told from here on is heard; one that was told before may have found nothing to end.
    await this.recheck();
    return made;
  }

  /** Ends it where the grants that it lives by are not what they were. */
  async recheck(): Promise<void> {
    const { held } = this.connection;
    if (held === undefined) return;
    const now = await heldGrants(this.deps.db, this.#admission.actor);
    if (JSON.stringify(now) !== JSON.stringify(held)) this.connection.end(LIVE_CLOSE.grantsChanged, 'grants changed');
  }

  /** Ends it after so long, ms. */
  endAfter(ms: number): void {
    if (this.connection.closed) return;
    const over = () => this.connection.end(LIVE_CLOSE.goingAway, 'time is over');
    if (ms === 0) over();
    else this.#timers.push(setTimeout(over, ms).unref());
  }

  disarm(): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
  }

  #arm(): void {
    const { expiresAt } = this.#admission;
    if (expiresAt === undefined) return;
    const left = Math.max(0, expiresAt - this.deps.clock.now());
    if (left > FAR_MS) {
      this.#timers.push(setTimeout(() => this.#arm(), FAR_MS).unref());
      return;
    }
    const told = { type: 'token_expiring', expires_at: new Date(expiresAt).toISOString() } as const;
    this.#timers.push(
      setTimeout(() => this.outlet.say(told), Math.max(0, left - WARN_MS)).unref(),
      setTimeout(() => this.#expire(), left).unref(),
    );
  }

  #expire(): void {
    this.connection.end(LIVE_CLOSE.tokenExpired, 'token expired');
  }
}

export class LiveHub {
  readonly feed: EventFeed;
  readonly #deps: HubDeps;
  readonly #limits: LiveLimits;
  readonly #rooms: Rooms;
  readonly #sessions = new Set<LiveSession>();
  readonly #byTenant = new Map<number, number>();
  readonly #byHolder = new Map<string, number>();
  readonly #beating: NodeJS.Timeout;
  readonly #ends: Labelled<CounterSeries, 'code'>;
  #closed = false;

  constructor(deps: HubDeps, limits: Partial<LiveLimits> = {}) {
    const { bus, db, logger, metrics } = deps;
    this.#deps = deps;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.feed = new EventFeed(bus, logger);
    const interests = new Interests<Subscription>();
    const places = new Places(db, logger);
    const [tail, progress] = [new MessageTail(db, logger), new Progress(db, logger)];
    this.#rooms = { feed: this.feed, interests, places, tail, progress };
    metrics.gauge({
      name: 'sigec_live_connections',
      help: 'Connections that listen to live updates.',
      collect: () => this.#sessions.size,
    });
    this.#ends = metrics.counter({
      name: 'sigec_live_ends_total',
      help: 'Live connections that ended, by close code.',
      labels: ['code'],
    });
    this.feed.listen({
      event: (event) => {
        for (const subscription of interests.candidates(event, places))
          subscription.connection.offer(subscription, event);
        if (event.kind === ACCOUNT_CHANGED) this.#recheck(event);
      },
      broken: () => this.#endAll(LIVE_CLOSE.streamBroken, 'events are missing'),
    });
    this.#beating = setInterval(() => this.#beat(), BEAT_MS);
    this.#beating.unref();
  }

  /** Whether one more may listen. */
  hasRoom(caller: Caller): boolean {
    const { most, tenant, user } = this.#limits;
    return (
      !this.#closed &&
      this.#sessions.size < most &&
      (this.#byTenant.get(caller.tenantId) ?? 0) < tenant &&
      (this.#byHolder.get(holderOf(caller)) ?? 0) < user
    );
  }

  /** Takes one in; {@link hasRoom} was asked in the same turn. */
  open(admission: Admission, outlet: Outlet): LiveSession {
    const { tenantId } = admission.actor;
    const holder = holderOf(admission.actor);
    const ended = (code: LiveClose): void => {
      session.disarm();
      if (!this.#sessions.delete(session)) return;
      count(this.#byTenant, tenantId, -1);
      count(this.#byHolder, holder, -1);
      this.#ends.with({ code: String(code) }).inc();
    };
    const connection = new Connection(this.#rooms, outlet, ended);
    const session = new LiveSession(this.#deps, admission, outlet, connection);
    this.#sessions.add(session);
    count(this.#byTenant, tenantId, 1);
    count(this.#byHolder, holder, 1);
    return session;
  }

  /** Sends everybody away; they come back to another process. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#beating);
    this.#endAll(LIVE_CLOSE.goingAway, 'going away');
    this.feed.close();
    const { places, tail, progress } = this.#rooms;
    await Promise.all([places.close(), tail.close(), progress.close()]);
  }

  #endAll(code: LiveClose, reason: string): void {
    for (const { connection } of [...this.#sessions]) connection.end(code, reason);
  }

  #recheck({ userId, tenantId }: LiveEvent): void {
    for (const session of this.#sessions) {
      const { actor } = session.admission;
      if (actor.userId !== userId || actor.tenantId !== tenantId) continue;
      session.recheck().catch((err) => {
        this.#deps.logger.warn({ err }, 'live: grants could not be looked at');
        session.connection.end(LIVE_CLOSE.tryLater, 'try later');
      });
    }
  }

  #beat(): void {
    for (const session of this.#sessions) {
      session.connection.beat();
      session.check().catch((err) => this.#deps.logger.warn({ err }, 'live: a token could not be looked at'));
    }
  }
}

function count<K>(counts: Map<K, number>, key: K, by: number): void {
  const now = (counts.get(key) ?? 0) + by;
  if (now === 0) counts.delete(key);
  else counts.set(key, now);
}
