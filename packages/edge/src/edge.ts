/** The edge role: accept, session, uplink, downlink. Knows no database and no payload. */
import { randomUUID } from 'node:crypto';
import type { Bus } from '@sigec/bus';
import { type Cache, keepLease } from '@sigec/cache';
import { CLOSE, EDGE_LEASES, LEASE_MS, LEASE_RENEW_MS, UPLINK } from '@sigec/contract';
import { type Logger, type Metrics, sleep } from '@sigec/runtime';
import { checkUpgrade, type Decision, type Refused } from './accept.js';
import { createStamp } from './clock.js';
import { type EdgeContext, edgeCounts } from './context.js';
import type { Listener } from './hooks.js';
import { listen } from './listener.js';
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
  readonly sessions: number;
  /** Why no charger could connect and be served now; undefined where one could. */
  unready(): string | undefined;
  /** Drains: takes no new sockets, answers what is on its way, closes every session with "come back". */
  close(): Promise<void>;
}

const TICK_MS = 250;
/** Every so many ticks all sessions are looked after: pings, boots that never came. Others wait for nothing. */
const ROUND_TICKS = 8;
/** Answers that are on their way may take this long when the edge drains, ms. */
const DRAIN_MS = 3_000;
/** A disconnect is told until it is heard; after this the lease's end says the same. */
const DISCONNECT_MS = 60_000;
/** Claims per step when the bus is back, so that it is not flooded by its own return. */
const RECLAIM_CHUNK = 500;
const RECLAIM_PAUSE_MS = 50;

const DRAINING: Refused = { status: 'unavailable', cause: 'draining', reason: 'draining', identity: '' };
const FULL: Refused = { status: 'unavailable', cause: 'full', reason: 'edge is full', identity: '' };

/** A disconnect is told until it is heard; there is nothing to do then. */
const UNCONCERNED = { replied: () => undefined, expired: () => undefined };

/** Starts an edge; resolves when its port takes chargers. */
export async function startEdge(deps: EdgeDeps): Promise<Edge> {
  const { bus, cache, settings, logger, metrics } = deps;
  const sessions = new Set<Session>();
  const attended = new Set<Session>();
  let ticks = 0;
  const uplink = new Uplink(bus, settings.edgeId, logger, metrics);
  let draining = false;
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
    sessionIdle(session) {
      if (draining) session.close(CLOSE.restart, 'the server restarts');
    },
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

  const listener: Listener = await listen(settings.host, settings.port, settings.maxFrameBytes, {
    refuseEarly: () => (draining ? DRAINING : sessions.size + connecting >= settings.maxSessions ? FULL : null),
    check(request, decide) {
      connecting++;
      const late = (session: Parameters<typeof tellGone>[0]) => tellGone(session, 1006);
      const decided = (decision: Decision) => {
        connecting--;
        if (!draining || !decision.ok) {
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
      logger.warn({ station: identity, status, reason, address }, 'upgrade refused');
    },
    failed,
    lost: (error) => logger.error({ err: error }, 'upgrade failed'),
  });

  const ticker = setInterval(() => {
    const now = Date.now();
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
    get sessions() {
      return sessions.size;
    },
    unready() {
      if (draining) return 'draining';
      return uplink.open ? undefined : 'the bus is away';
    },
    async close() {
      if (draining) return;
      draining = true;
      listener.stopListening();
      for (const session of [...sessions]) if (!session.busy) session.close(CLOSE.restart, 'the server restarts');
      await until(() => sessions.size === 0, DRAIN_MS);
      for (const session of [...sessions]) session.close(CLOSE.restart, 'the server restarts');
      // The disconnects shall be heard; where no worker is left the lease's end will say it.
      await until(() => uplink.waiting === 0 || !uplink.open, DRAIN_MS);
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
