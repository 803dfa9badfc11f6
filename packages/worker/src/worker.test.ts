/** The worker as its edges and the followers of events see it: on a bus, before a database. */
import { createMemoryBus, type StreamEvent } from '@sigec/bus';
import { createMemoryCache } from '@sigec/cache';
import {
  packUplink,
  passwordProof,
  passwordVerifier,
  REPLY,
  type RecordItem,
  type ReplyItem,
  UPLINK,
  upSubject,
  WORKER_LEASES,
} from '@sigec/contract';
import { createMetrics, type Metrics } from '@sigec/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { addStations, countOf, databaseError, openWatched, type Watched } from './testing/database.js';
import { connectItem, disconnectItem, FakeEdge } from './testing/edge.js';
import { callItem, memoryLogger, SETTINGS, until } from './testing/fixtures.js';
import { startWorker, type Worker } from './worker.js';

let db: Watched;
beforeAll(async () => {
  db = await openWatched();
});
afterAll(() => db.close());

const hub = createMemoryBus();
const cache = createMemoryCache();
let worker: Worker;
let edge: FakeEdge;
let metrics: Metrics;
let run = 0;
/** Prefix of the stations of one test. */
let prefix = '';

async function start(more: Partial<typeof SETTINGS> = {}): Promise<Worker> {
  metrics = createMetrics('worker');
  const deps = { bus: hub.connect('worker'), cache, db, workerId: `w${run}`, logger: memoryLogger().logger, metrics };
  return startWorker({ ...deps, settings: { ...SETTINGS, ...more } });
}

beforeEach(async () => {
  prefix = `S${++run}-`;
  worker = await start();
  edge = new FakeEdge(hub.connect('edge'), `edge${run}`);
});
afterEach(async () => {
  vi.useRealTimers();
  db.reset();
  await worker.close();
  await edge.bus.close();
});

const frames = (replies: readonly ReplyItem[]) =>
  replies.map((reply) => (reply.kind === REPLY.frame ? (JSON.parse(reply.text) as unknown[]) : reply.kind));
const status = (station: number, epoch = 1, connectorId = 1) =>
  callItem(
    'ocpp1.6',
    'StatusNotification',
    { connectorId, errorCode: 'NoError', status: 'Available' },
    { station, epoch },
  );

describe('connections', () => {
  it('are accepted, unknown, refused, blocked or of no version, all in one batch', async () => {
    const [, secret = 0, blocked = 0] = await addStations(db, prefix, 3);
    const salt = new Uint8Array([7]);
    const proof = (password: string) => passwordProof('pepper', Buffer.from(password));
    await db.query('update station set secret_salt = $1::bytea, secret_verifier = $2::bytea where id = $3::int8', [
      salt,
      passwordVerifier(salt, proof('right')),
      secret,
    ]);
    await db.query('update station set blocked = true where id = $1::int8', [blocked]);
    const replies = await edge.ask(
      connectItem(`${prefix}1`),
      connectItem('nobody'),
      connectItem(`${prefix}2`, { proof: proof('wrong') }),
      connectItem(`${prefix}2`, { proof: proof('right') }),
      connectItem(`${prefix}3`),
      connectItem(`${prefix}1`, { version: '' }),
    );
    expect(replies.map((reply) => reply.kind === REPLY.connect && reply.status)).toEqual([
      'accepted',
      'unknown',
      'unauthorized',
      'accepted',
      'forbidden',
      'unsupported',
    ]);
    expect(edge.messages).toHaveLength(1);
  });

  it('8: an attempt that the database refuses keeps nobody else out', async () => {
    await addStations(db, prefix, 5);
    db.onQuery = (text, params) => {
      if (text.includes('session_epoch = k.epoch') && params[0]?.toString().includes(String(bad)))
        throw databaseError('22021');
    };
    const rows = await db.query<{ id: number }>('select id from station where identity = $1::text', [`${prefix}4`]);
    const bad = rows[0]?.id;
    const replies = await edge.ask(...[1, 2, 3, 4, 5].map((n) => connectItem(prefix + n)));
    expect(replies.map((reply) => reply.kind === REPLY.connect && reply.status)).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'unavailable',
      'accepted',
    ]);
  });

  it('are not answered while the database is away, and are when they are sent again', async () => {
    await addStations(db, prefix, 1);
    let tried = false;
    db.onQuery = () => {
      tried = true;
      throw databaseError('57P03');
    };
    const item = connectItem(`${prefix}1`);
    edge.send(item);
    await until(() => tried, 'it was tried');
    db.reset();
    await until(async () => {
      edge.send(item);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return edge.replies.length > 0;
    }, 'the attempt is answered');
    expect(edge.replies[0]).toMatchObject({ kind: REPLY.connect, seq: item.seq, status: 'accepted' });
  });

  it('7: that waited until their charger was sent away are not opened for nobody', async () => {
    await addStations(db, prefix, 2);
    let hold: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      hold = resolve;
    });
    let checking = false;
    db.onQuery = (text) => {
      checking ||= text.includes('session_epoch = k.epoch');
    };
    db.onCommit = () => (checking ? held : undefined);
    const [before, old] = [connectItem(`${prefix}1`), connectItem(`${prefix}2`)];
    edge.send(before);
    await until(() => checking, 'the first is at work');
    edge.send(old);
    // Answered without the database: by now the second waits.
    await edge.ask(callItem('ocpp1.6', 'Heartbeat', {}));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11_000 });
    hold();
    const answered = (item: { seq: number }) => edge.replies.some((reply) => reply.seq === item.seq);
    await until(() => answered(before), 'the first is answered');
    expect((await edge.connect(`${prefix}1`)).status).toBe('accepted');
    expect(answered(old)).toBe(false);
    expect(await countOf(db, 'station', `identity = '${prefix}2' and online`)).toBe(0);
    edge.send(old);
    await until(() => answered(old), 'it is answered when it is asked again');
  });

  it('end by a disconnect of their own epoch only', async () => {
    await addStations(db, prefix, 1);
    const first = await edge.connect(`${prefix}1`);
    const second = await edge.connect(`${prefix}1`);
    const online = () => countOf(db, 'station', `id = ${first.stationId} and online`);
    expect(await edge.ask(disconnectItem(first.stationId, first.epoch))).toMatchObject([{ kind: REPLY.done }]);
    expect(await online()).toBe(1);
    expect(await edge.ask(disconnectItem(first.stationId, second.epoch))).toMatchObject([{ kind: REPLY.done }]);
    expect(await online()).toBe(0);
  });
});

describe('messages', () => {
  it('are answered in one message per edge, each by the id of its charger', async () => {
    const [a = 0, b = 0] = await addStations(db, prefix, 2);
    const other = new FakeEdge(hub.connect('edge'), `other${run}`);
    const boot = (station: number) =>
      callItem(
        'ocpp1.6',
        'BootNotification',
        { chargePointVendor: 'V', chargePointModel: 'M' },
        { station, id: `b${station}` },
      );
    const [mine, theirs] = await Promise.all([edge.ask(boot(a), status(b, 0)), other.ask(boot(b))]);
    expect(frames(mine)).toEqual([
      [3, `b${a}`, expect.objectContaining({ status: 'Accepted', interval: expect.any(Number) as number })],
      REPLY.stale,
    ]);
    expect(mine[0]).toMatchObject({ booted: 1 });
    expect(frames(theirs)).toMatchObject([[3, `b${b}`, { status: 'Accepted' }]]);
    await other.bus.close();
  });

  it('of a SEND are done without a frame, also where they are refused', async () => {
    const send = callItem('ocpp2.1', 'NotifyPeriodicEventStream', {}, { kind: UPLINK.send });
    expect(await edge.ask(send)).toEqual([{ kind: REPLY.done, seq: send.seq }]);
  });

  it('that come again while they are worked on are done once, and answered again when they come later', async () => {
    const [id = 0] = await addStations(db, prefix, 1);
    const item = status(id);
    let writes = 0;
    let again = 0;
    db.onQuery = (text) => {
      if (text.includes('insert into connector')) writes++;
    };
    db.onCommit = async () => {
      // Written, not yet committed: it arrives twice more.
      if (writes !== 1 || again > 0) return;
      for (; again < 2; again++) edge.send(item);
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await edge.ask(item);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([writes, again]).toEqual([1, 2]);
    expect(edge.replies).toHaveLength(1);
    db.reset();
    edge.send(item);
    await until(() => edge.replies.length === 2, 'answered again');
    expect(edge.replies[1]).toEqual(edge.replies[0]);
  });

  it('that are no envelope, or of another release, harm nobody', async () => {
    const [id = 0] = await addStations(db, prefix, 1);
    const packed = packUplink(edge.edgeId, [status(id)]);
    for (const data of [new Uint8Array(0), new Uint8Array([1, 2, 3]), packed.slice(0, packed.length >> 1)])
      edge.bus.publish(upSubject(3), data);
    expect(frames(await edge.ask(status(id)))).toEqual([[3, expect.any(String), {}]]);
    expect(await metrics.render()).toContain('sigec_worker_bad_envelopes_total{role="worker"} 3');
  });

  it('that waited too long here are left to be sent again', async () => {
    const [id = 0] = await addStations(db, prefix, 1);
    await worker.close();
    worker = await start({ messageLifetimeMs: -1 });
    edge.send(status(id));
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(edge.replies).toEqual([]);
  });
});

describe('events', () => {
  it('of what was committed reach the stream in order, each once, also after the bus was away', async () => {
    const seen: (StreamEvent & { body: { id: string; type: string; data: Record<string, unknown> } })[] = [];
    const follower = hub.connect('follower');
    const following = await follower.events.follow('events.>', (event) => {
      seen.push({ ...event, body: JSON.parse(Buffer.from(event.data).toString()) });
    });
    const [id = 0] = await addStations(db, prefix, 1);
    const { epoch } = await edge.connect(`${prefix}1`);
    hub.disconnectAll('worker');
    await new Promise((resolve) => setTimeout(resolve, 20));
    hub.reconnectAll('worker');
    for (let n = 1; n <= 20; n++) await edge.ask(status(id, epoch, n));
    await edge.ask(disconnectItem(id, epoch));
    const mine = () => seen.filter(({ body }) => body.data.device_id === String(id));
    await until(() => mine().length >= 22, 'all events relayed');
    expect(mine().map(({ body }) => body.type)).toEqual([
      'station.online',
      ...Array.from({ length: 20 }, () => 'connector.status'),
      'station.offline',
    ]);
    const ids = seen.map(({ body }) => Number(body.id));
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    expect(
      mine()
        .slice(1, 21)
        .map(({ body }) => body.data.evse_id),
    ).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(mine()[0]?.subject).toBe('events.1.station.online');
    await until(async () => (await countOf(db, 'outbox')) === 0, 'the outbox is empty');
    following.unsubscribe();
    await follower.close();
  });
});

describe('the message log', () => {
  interface Row {
    leg: number;
    direction: string;
    type: string;
    action: string;
    payload: string;
  }
  const rowsOf = (station: number) =>
    db.query<Row>(
      'select leg, direction, type, action, payload from message_log where station_id = $1::int8 order by at, leg',
      [station],
    );

  it('keeps messages and answers in order, and hides secrets', async () => {
    const [id = 0] = await addStations(db, prefix, 1);
    const report = {
      requestId: 1,
      generatedAt: new Date().toISOString(),
      seqNo: 0,
      reportData: [
        {
          component: { name: 'SecurityCtrlr' },
          variable: { name: 'BasicAuthPassword' },
          variableAttribute: [{ value: 'hunter2' }],
        },
      ],
    };
    await edge.ask(status(id));
    await edge.ask(callItem('ocpp2.0.1', 'NotifyReport', report, { station: id }));
    await edge.ask(callItem('ocpp1.6', 'StatusNotification', '{"bad', { station: id }));
    // What an edge records it has cleaned itself: it goes in as it is.
    const record: RecordItem = {
      kind: UPLINK.record,
      stationId: id,
      direction: 'out',
      type: 'call',
      id: 'c1',
      action: 'ChangeConfiguration',
      text: '{"key":"AuthorizationKey","value":"***"}',
      at: Date.now() + 1000,
    };
    edge.send(record, { ...record, direction: 'in', type: 'result', text: '{"status":"Accepted"}', at: record.at + 1 });
    await until(async () => (await rowsOf(id)).length >= 8, 'the log is written');
    const rows = await rowsOf(id);
    expect(rows.map(({ leg, direction, type, action }) => [leg, direction, type, action])).toEqual([
      [0, 'in', 'call', 'StatusNotification'],
      [1, 'out', 'result', 'StatusNotification'],
      [0, 'in', 'call', 'NotifyReport'],
      [1, 'out', 'error', 'NotifyReport'],
      [0, 'in', 'call', 'StatusNotification'],
      [1, 'out', 'error', 'StatusNotification'],
      [0, 'out', 'call', 'ChangeConfiguration'],
      [0, 'in', 'result', 'ChangeConfiguration'],
    ]);
    expect(rows[2]?.payload).toContain('BasicAuthPassword');
    expect(JSON.stringify(rows)).not.toContain('hunter2');
    expect(rows[4]?.payload).toBe('{"bad');
  });

  it('loses no answer where a charger is answered twice in one millisecond', async () => {
    const [id = 0] = await addStations(db, prefix, 1);
    const beats = Array.from({ length: 20 }, (_, n) =>
      callItem('ocpp1.6', 'Heartbeat', {}, { station: id, at: Date.now() - 1000 + n }),
    );
    await edge.ask(...beats);
    await until(async () => (await rowsOf(id)).length >= 20, 'the log is written');
    const rows = await rowsOf(id);
    expect([rows.filter((row) => row.leg === 0).length, rows.filter((row) => row.leg === 1).length]).toEqual([20, 20]);
  });

  it('is not kept where nobody wants it', async () => {
    await worker.close();
    worker = await start({ messageLog: false });
    const [id = 0] = await addStations(db, prefix, 1);
    await edge.ask(status(id));
    await worker.close();
    expect(await rowsOf(id)).toEqual([]);
  });
});

describe('the role', () => {
  it('holds a lease while it lives', async () => {
    const holders = async () => (await cache.leases(WORKER_LEASES)).map((lease) => lease.holder);
    expect(await holders()).toEqual([`w${run}`]);
    await worker.close();
    expect(await holders()).toEqual([]);
  });

  it('finishes and answers what it has taken when it closes, and writes when stations were heard', async () => {
    const ids = await addStations(db, prefix, 50);
    for (const id of ids) edge.send(status(id));
    const bus = edge.bus;
    await bus.flush();
    await bus.flush();
    await worker.close();
    await until(() => edge.replies.length === 50, 'all are answered');
    expect(await countOf(db, 'connector', `station_id in (${ids})`)).toBe(50);
    expect(await countOf(db, 'station', `id in (${ids}) and last_seen is not null`)).toBe(50);
    expect(await countOf(db, 'message_log', `station_id in (${ids})`)).toBe(100);
  });
});
