/** The edge role: accept, session, uplink, downlink. Knows no database and no payload. */
import { randomUUID } from 'node:crypto';
import type { Bus } from '@sigec/bus';
import { type Cache, keepLease } from '@sigec/cache';
import { CLOSE, EDGE_LEASES, LEASE_MS, LEASE_RENEW_MS, UPLINK } from '@sigec/contract';
import { type Logger, type Metrics, sleep } from '@sigec/runtime';
import { checkUpgrade, type Decision } from './accept.js';
import { createStamp } from './clock.js';
import { type EdgeContext, edgeCounts } from './context.js';
import { Drain } from './drain.js';
import { Admission, DRAINING } from './guard/admission.js';
import { TokenBucket } from './guard/bucket.js';
import { Lockout } from './guard/lockout.js';
import { Pressure } from './guard/pressure.js';
import { type Listeners, listenAll } from './listeners.js';
import { type Admitted, Session } from './session.js';
import type { EdgeSettings } from './settings.js';
import { Uplink } from './uplink.js';

export interface EdgeDeps {
  readonly bus: Bus;
  readonly cache: Cache;
  readonly settings: EdgeSettings;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface Edge {
  readonly port: number;
  /** Ports of the listeners below TLS that are open. */
  readonly securePorts: Listeners['securePorts'];
  readonly sessions: number;
  /** Why no charger could connect and be served now; undefined where one could. */
  unready(): string | undefined;
  /** What of its certificates runs out soon or has; undefined where nothing does. It serves all the same. */
  expiring(): string | undefined;
  /** Drains: takes no new sockets, answers what is on its way, closes every session with "come back". */
  close(): Promise<void>;
}

const TICK_MS = 250;
/** Every so many ticks all sessions are looked after: pings, boots that never came. Others wait for nothing. */
const ROUND_TICKS = 8;
/** The last disconnects may take this long to be heard, ms; where no worker is left the lease's end will say it. */
const HEARD_MS = 3_000;
/** Refused upgrades that are logged: at once, and per second. The others are counted only, or a storm would write for ever. */
const LOGGED_AT_ONCE = 200;
const LOGGED_PER_SECOND = 20;
/** A disconnect is told until it is heard; after this the lease's end says the same. */
const DISCONNECT_MS = 60_000;
/** Nothing at all is answered for so long: a charger is better off elsewhere, ms. An upgrade waits for 10 s. */
const SILENT_MS = 9_000;
/** Claims per step when the bus is back, so that it is not flooded by its own return. */
const RECLAIM_CHUNK = 500;
const RECLAIM_PAUSE_MS = 50;

/** A disconnect is told until it is heard; there is nothing to do then. */
const UNCONCERNED = { replied: () => undefined, expired: () => undefined };

/** Starts an edge; resolves when its port takes chargers. */
export async function startEdge(deps: EdgeDeps): Promise<Edge> {
  const { bus, cache, settings, logger, metrics } = deps;
  const sessions = new Set<Session>();
  const attended = new Set<Session>();
  let ticks = 0;
  const uplink = new Uplink(bus, settings.edgeId, logger, metrics);
  const pressure = new Pressure();
  const admission = new Admission(settings, pressure);
  const logged = new TokenBucket(LOGGED_PER_SECOND, LOGGED_AT_ONCE);
  /** Not ready any more, but serving still. */
  let leaving = false;
  let draining: Drain | undefined;
  let connecting = 0;

  const tellGone = (
    { partition, stationId, epoch }: Pick<Admitted, 'partition' | 'stationId' | 'epoch'>,
    code: number,
  ) => {
    const item = { kind: UPLINK.disconnect, seq: 0, stationId, epoch, code, at: context.stamp() } as const;
    uplink.ask(partition, { ...item }, DISCONNECT_MS, UNCONCERNED);
  };

  const context: EdgeContext = {
    bus,
    uplink,
    settings,
    logger,
    counts: edgeCounts(metrics),
    pressure,
    lockout: new Lockout(),
    stamp: createStamp(),
    messageId: randomUUID,
    attend: (session) => attended.add(session),
    sessionClosed(session, code) {
      sessions.delete(session);
      attended.delete(session);
      gauge.set(sessions.size);
      tellGone(session.admitted, code);
      const { identity, epoch } = session.admitted;
      logger.info({ station: identity, epoch, code }, 'session closed');
    },
    sessionIdle: (session) => draining?.idle(session),
  };
  /** One session's failure is its own: what it threw would end the process. */
  function failed(session: Session, error: unknown): void {
    logger.error({ err: error, station: session.admitted.identity }, 'session failed');
    if (session.state === 'closed') return;
    try {
      session.close(CLOSE.sessionLost, 'the session was lost');
    } catch (again) {
      failed(session, again);
    }
  }
  const gauge = metrics.gauge({ name: 'sigec_edge_sessions', help: 'Open sessions' });
  metrics.gauge({
    name: 'sigec_edge_pressure',
    help: 'What is shed: 0 nothing, 1 new connections, 2 log records, 3 heartbeats are answered here, 4 status is refused',
    collect: () => pressure.level,
  });

  const listener = await listenAll(deps, {
    refuseEarly: () => (draining === undefined ? admission.refusal(sessions.size + connecting) : DRAINING),
    check(request, decide) {
      connecting++;
      const late = (session: Parameters<typeof tellGone>[0]) => tellGone(session, 1006);
      const decided = (decision: Decision) => {
        connecting--;
        if (draining === undefined || !decision.ok) {
          decide(decision);
          return;
        }
        const { identity } = decision.admitted;
        tellGone(decision.admitted, CLOSE.restart);
        decide({ ok: false, refused: { ...DRAINING, identity } });
      };
      checkUpgrade(context, request, decided, late);
    },
    vanished: ({ admitted }) => tellGone(admitted, 1006),
    create({ admitted }) {
      const session = new Session(context, admitted);
      sessions.add(session);
      gauge.set(sessions.size);
      const { identity, epoch, version } = admitted;
      logger.info({ station: identity, epoch, version }, 'session opened');
      return session;
    },
    refused({ status, cause, reason, identity }, address) {
      context.counts.refused.with({ reason: cause }).inc();
      if (cause === 'locked_out') admission.wasted();
      if (logged.take()) logger.warn({ station: identity, status, reason, address }, 'upgrade refused');
    },
    failed,
    lost: (error) => logger.error({ err: error }, 'upgrade failed'),
  });

  let ticked = performance.now();
  const ticker = setInterval(() => {
    const now = Date.now();
    const late = performance.now() - ticked - TICK_MS;
    ticked += late + TICK_MS;
    pressure.sample(late);
    const round = ++ticks % ROUND_TICKS === 0;
    for (const session of round ? sessions : attended) {
      try {
        session.tick(now);
        if (session.quiet) attended.delete(session);
      } catch (error) {
        failed(session, error);
      }
    }
  }, TICK_MS);
  const offStatus = bus.onStatus((status) => {
    if (status === 'connected') void reclaim();
  });
  // The lease says that this edge lives.
  const lease = { group: EDGE_LEASES, holder: settings.edgeId, leaseMs: LEASE_MS, renewMs: LEASE_RENEW_MS };
  const renewal = keepLease(cache, lease, logger);

  /** Claims may have passed by while the bus was away. */
  async function reclaim(): Promise<void> {
    let done = 0;
    for (const session of [...sessions]) {
      session.claim();
      if (++done % RECLAIM_CHUNK === 0) await sleep(RECLAIM_PAUSE_MS);
    }
  }

  return {
    port: listener.port,
    securePorts: listener.securePorts,
    expiring: listener.expiring,
    get sessions() {
      return sessions.size;
    },
    unready() {
      if (leaving) return 'draining';
      if (!uplink.open) return 'the bus is away';
      // Its own server of the bus may be there, and the workers nowhere: on the other side of a network that is split.
      return uplink.silentMs > SILENT_MS ? 'no worker answers' : undefined;
    },
    async close() {
      if (leaving) return;
      leaving = true;
      // Whoever sends chargers here shall have seen it before they are refused.
      if (settings.drainDelayMs > 0) await sleep(settings.drainDelayMs);
      draining = new Drain(sessions, {
        perSecond: settings.drainPerSecond,
        deadlineMs: settings.drainDeadlineMs,
        closed: (how) => context.counts.drained.with({ how }).inc(),
      });
      listener.stopListening();
      await draining.run();
      await until(() => uplink.waiting === 0 || !uplink.open, HEARD_MS);
      clearInterval(ticker);
      offStatus();
      await renewal.close();
      uplink.close();
      listener.close();
    },
  };
}

async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs;
  while (!condition() && Date.now() < end) await sleep(20);
}
