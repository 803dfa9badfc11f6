import { createMemoryBus } from '@sigec/bus';
import { type Cache, createMemoryCache, type MemoryCache } from '@sigec/cache';
import { EDGE_LEASES } from '@sigec/contract';
import { admit } from '@sigec/domain';
import { createMetrics, type Metrics, type Repeating } from '@sigec/runtime';
import { type LogRow, openSessions } from '@sigec/store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addStations, countOf, databaseError, openWatched, type Watched } from '../testing/database.js';
import { memoryLogger, SETTINGS, until } from '../testing/fixtures.js';
import { LastSeen } from './last-seen.js';
import { LogWriter } from './log-writer.js';
import { startMaintenance } from './maintenance.js';
import { startPresence } from './presence.js';
import { startRelay } from './relay.js';

const { logger } = memoryLogger();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let db: Watched;
beforeAll(async () => {
  db = await openWatched();
});
afterAll(() => db.close());
afterEach(() => db.reset());

describe('presence', () => {
  let cache: MemoryCache;
  let task: Repeating | undefined;
  let run = 0;
  let prefix = '';
  beforeEach(() => {
    cache = createMemoryCache();
    prefix = `P${++run}-`;
  });
  afterEach(async () => {
    await task?.close();
    await cache.close();
  });

  const open = async (identity: string, edgeId: string) => {
    const attempt = { identity, edgeId, version: 'ocpp1.6', address: '', at: Date.now() };
    const shown = { proof: null, version: 'ocpp1.6', profile: 0, certificate: '' };
    const [session] = await openSessions(db, [attempt], null, (_, station, moment) => {
      const access = admit(shown, station, { flap: SETTINGS.flap, verify: () => false }, moment);
      return access.status === 'accepted' ? access.change : null;
    });
    return session?.epoch as number;
  };
  const online = (n: number) => countOf(db, 'station', `identity = '${prefix}${n}' and online`);
  /** Counts the looks of a task that looks often, and those that ask the stations. */
  function looks(): { watched: Cache; seen: () => number; whole: () => number } {
    const counts = { seen: 0, whole: 0 };
    db.onQuery = (text) => {
      if (text.includes('select distinct edge_id')) counts.whole++;
    };
    const leases = (group: string) => {
      counts.seen++;
      return cache.leases(group);
    };
    const watched: Cache = Object.create(cache, { leases: { value: leases } });
    return { watched, seen: () => counts.seen, whole: () => counts.whole };
  }

  it('puts the stations of an edge without a lease offline at the second look, those of others never', async () => {
    await addStations(db, prefix, 2);
    const [dead, alive] = [`${prefix}dead`, `${prefix}alive`];
    await open(`${prefix}1`, dead);
    await open(`${prefix}2`, alive);
    await cache.renewLease(EDGE_LEASES, alive, '{}', 60_000);
    const states: number[] = [];
    const { watched, seen } = looks();
    task = startPresence(db, watched, logger, 20);
    await until(async () => {
      const before = seen();
      const state = await online(1);
      if (seen() === before) states[before] = state;
      return state === 0;
    }, 'offline');
    expect(states[1] ?? 1).toBe(1);
    expect(await online(2)).toBe(1);
    expect(await countOf(db, 'outbox', `kind = 'station.offline' and payload->>'identity' = '${prefix}1'`)).toBe(1);
    const looked = seen();
    await until(() => seen() > looked + 2, 'further looks');
    expect(await online(2)).toBe(1);
  });

  it('leaves a station alone that has come to another edge meanwhile', async () => {
    await addStations(db, prefix, 1);
    await open(`${prefix}1`, `${prefix}dead`);
    const epoch = await open(`${prefix}1`, `${prefix}alive`);
    await cache.renewLease(EDGE_LEASES, `${prefix}alive`, '{}', 60_000);
    const { watched, seen } = looks();
    task = startPresence(db, watched, logger, 20);
    await until(() => seen() >= 4, 'looks');
    expect(await countOf(db, 'station', `identity = '${prefix}1' and online and session_epoch = ${epoch}`)).toBe(1);
  });

  it('counts looks in a row only: a lease that came back starts from the beginning', async () => {
    await addStations(db, prefix, 1);
    const edge = `${prefix}flapping`;
    await open(`${prefix}1`, edge);
    let seen = 0;
    // Missing at every other look.
    const flapping: MemoryCache = {
      ...cache,
      ready: true,
      leases: async () => (seen++ % 2 === 0 ? [] : [{ holder: edge, info: '' }]),
    };
    task = startPresence(db, flapping, logger, 20);
    await until(() => seen >= 8, 'looks');
    expect(await online(1)).toBe(1);
  });

  it('does nothing while the cache is away', async () => {
    await addStations(db, prefix, 1);
    await open(`${prefix}1`, `${prefix}dead`);
    cache.disconnect();
    const { watched, seen } = looks();
    task = startPresence(db, watched, logger, 5);
    await pause(80);
    expect(seen()).toBe(0);
    cache.reconnect();
    await until(async () => (await online(1)) === 0, 'offline');
  });

  it('asks the stations now and then, and remembers the edges for all workers in between', async () => {
    await addStations(db, prefix, 2);
    const [known, unknown] = [`${prefix}known`, `${prefix}unknown`];
    await cache.renewLease(EDGE_LEASES, known, '{}', 60_000);
    const first = looks();
    task = startPresence(db, first.watched, logger, 20);
    await until(() => first.seen() >= 4, 'looks');
    await task.close();
    expect(first.whole()).toBe(1);

    // Another worker, to which the edge never was a living one.
    await open(`${prefix}1`, known);
    await open(`${prefix}2`, unknown);
    await cache.releaseLease(EDGE_LEASES, known);
    const second = looks();
    task = startPresence(db, second.watched, logger, 20);
    await until(async () => (await online(1)) === 0, 'offline');
    expect([second.whole(), await online(2)]).toEqual([0, 1]);

    await cache.delete('presence:whole');
    await until(async () => (await online(2)) === 0, 'offline, though nobody saw its edge');
  });

  it('takes turns with the other workers', async () => {
    const { watched, seen } = looks();
    task = startPresence(db, watched, logger, 100);
    const other = startPresence(db, watched, logger, 100);
    await until(() => seen() >= 1, 'one look');
    await pause(30);
    expect(seen()).toBe(1);
    await other.close();
  });
});

describe('relay', () => {
  const put = async (count: number, kind: string) => {
    await db.query(
      `insert into outbox (tenant_id, kind, payload) select 3, $2::text, jsonb_build_object('n', n)
       from generate_series(1, $1::int4) n`,
      [count, kind],
    );
  };

  it('keeps what the stream did not take, and brings it later in order, each once', async () => {
    await db.query('delete from outbox');
    const hub = createMemoryBus();
    const bus = hub.connect('worker');
    const got: number[] = [];
    const follower = hub.connect('follower');
    await follower.events.follow('events.3.>', ({ data }) => got.push(JSON.parse(Buffer.from(data).toString()).data.n));
    let failing = true;
    const flaky = {
      ...bus,
      status: 'connected' as const,
      events: {
        ...bus.events,
        append: async (id: string, subject: string, data: Uint8Array) => {
          // Stored, but the word of it is lost.
          await bus.events.append(id, subject, data);
          if (failing) throw databaseError('gone');
        },
      },
    };
    await put(700, 'test.kind');
    const task = startRelay(db, flaky as typeof bus, logger, () => false);
    await until(() => got.length >= 500, 'the first are stored');
    expect(await countOf(db, 'outbox')).toBe(700);
    failing = false;
    task.poke();
    await until(async () => (await countOf(db, 'outbox')) === 0, 'all relayed');
    await until(() => got.length >= 700, 'all seen');
    expect(got).toEqual(Array.from({ length: 700 }, (_, n) => n + 1));
    await task.close();
    await bus.close();
    await follower.close();
  });

  it('steps back while chargers wait, and catches up afterwards', async () => {
    await db.query('delete from outbox');
    const bus = createMemoryBus().connect('worker');
    let pressed = true;
    const task = startRelay(db, bus, logger, () => pressed);
    await put(3, 'test.kind');
    task.poke();
    // The first look was at once, and the next one is a second away.
    await pause(150);
    task.poke();
    await pause(50);
    expect(await countOf(db, 'outbox')).toBe(3);
    pressed = false;
    task.poke();
    await until(async () => (await countOf(db, 'outbox')) === 0, 'all relayed');
    await task.close();
    await bus.close();
  });

  it('does not touch the database while the bus is away', async () => {
    const hub = createMemoryBus();
    const bus = hub.connect('worker');
    hub.disconnectAll();
    const task = startRelay(db, bus, logger, () => false);
    task.poke();
    await pause(60);
    expect(db.transactions).toBe(0);
    await task.close();
    await bus.close();
  });
});

describe('log writer', () => {
  const row = (at: number) => ({
    ...{ stationId: 1, at, direction: 'in', type: 'call', messageId: 'm', action: 'Heartbeat', payload: '{}' },
    answer: null,
  });
  const dropped = async (metrics: Metrics) =>
    Number(/sigec_log_dropped_total\{[^}]*\} (\d+)/.exec(await metrics.render())?.[1] ?? 0);

  it('sheds what is more than it may hold, and what could not be written, and says how much', async () => {
    const metrics = createMetrics('worker');
    let fail: (error: Error) => void = () => undefined;
    const stuck = new Promise<void>((_, reject) => {
      fail = reject;
    });
    const copies: number[] = [];
    const slow = {
      ...db,
      copy: (_table: string, _columns: readonly string[], data: Uint8Array) => {
        copies.push(data.length);
        return copies.length === 1 ? stuck : Promise.resolve();
      },
    };
    const log = new LogWriter(slow, logger, metrics, true);
    log.add('', row(1) as LogRow);
    await until(() => copies.length === 1, 'the first is being written');
    for (let n = 0; n < 50_010; n++) log.add('', row(2 + n) as LogRow);
    expect(await dropped(metrics)).toBe(10);
    fail(databaseError('08006'));
    await log.drained();
    expect(await dropped(metrics)).toBe(11);
    // What was held while the first was stuck was written in one piece.
    expect(copies).toHaveLength(2);
  });
});

it('last seen: keeps the latest of each station and writes them in one statement', async () => {
  const ids = await addStations(db, 'L', 30);
  const seen = new LastSeen(db, logger);
  const later = Date.UTC(2030, 1, 1);
  for (const id of ids) {
    for (const at of [later - 1000, later]) seen.note(id, 0, 'edge', at);
  }
  db.reset();
  await seen.close();
  expect(db.statements).toBe(1);
  expect(await countOf(db, 'station', `id in (${ids}) and last_seen = '2030-02-01T00:00:00Z'`)).toBe(30);
});

it('maintenance: makes partitions ahead of time, twice without harm', async () => {
  const retention = { messageLogDays: SETTINGS.messageLogDays, meterSampleDays: SETTINGS.meterSampleDays };
  const partitions = () => countOf(db, 'pg_inherits', `inhparent = 'message_exchange'::regclass`);
  const before = await partitions();
  for (let i = 0; i < 2; i++) {
    const task = startMaintenance(db, retention, logger);
    await until(async () => (await partitions()) > before, 'partitions');
    await task.close();
  }
  expect(await partitions()).toBe(before + 9);
});
