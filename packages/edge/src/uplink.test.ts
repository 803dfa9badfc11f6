import { type Bus, createMemoryBus, type MemoryBusHub } from '@sigec/bus';
import { REPLY, type RecordItem, type ReplyItem, UPLINK, type UplinkItem } from '@sigec/contract';
import { createMetrics, type Metrics } from '@sigec/runtime';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryLogger, turns } from './testing/fixtures.js';
import { FakeWorker } from './testing/worker.js';
import { type Question, Uplink } from './uplink.js';

let hub: MemoryBusHub;
let bus: Bus;
let worker: FakeWorker;
let uplink: Uplink;
let metrics: Metrics;
let lines: string[];

beforeEach(() => {
  // Time stands until it is moved; the bus goes on, for it travels in turns of the event loop.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  hub = createMemoryBus();
  bus = hub.connect('edge');
  worker = new FakeWorker(hub.connect('worker'));
  worker.onCall = () => undefined;
  metrics = createMetrics('edge');
  const memory = memoryLogger();
  lines = memory.lines;
  uplink = new Uplink(bus, 'e1', memory.logger, metrics);
});
afterEach(() => {
  uplink.close();
  vi.useRealTimers();
});

const question = (payload = '{}', id = 'm'): Question => ({
  kind: UPLINK.call,
  seq: 0,
  stationId: 1,
  epoch: 1,
  version: 'ocpp1.6',
  id,
  action: 'Heartbeat',
  payload,
  at: 1,
});
const record = (text = 't'): RecordItem => ({
  kind: UPLINK.record,
  stationId: 1,
  direction: 'in',
  type: 'malformed',
  id: '',
  action: '',
  text,
  at: 1,
});

/** Asks, and keeps what becomes of it. */
function ask(partition = 0, lifetimeMs = 60_000, item = question()) {
  const replies: ReplyItem[] = [];
  const state = { seq: 0, replies, expired: 0 };
  state.seq = uplink.ask(partition, item, lifetimeMs, {
    replied: (reply) => void replies.push(reply),
    expired: () => void state.expired++,
  });
  return state;
}

async function advance(ms: number): Promise<void> {
  for (let gone = 0; gone < ms; gone += 100) {
    vi.advanceTimersByTime(100);
    await turns(2);
  }
}

const seqs = () => worker.batches.map((batch) => batch.items.map((item) => ('seq' in item ? item.seq : 'record')));
const done = (seq: number): ReplyItem => ({ kind: REPLY.done, seq });
async function counter(name: string): Promise<number> {
  const line = (await metrics.render()).split('\n').find((text) => text.startsWith(`sigec_edge_${name}{`));
  return Number(line?.split(' ').at(-1));
}

describe('sending', () => {
  it('gathers what comes in one turn, whatever its partitions', async () => {
    const [a, b, c] = [ask(1), ask(2), ask(1)];
    uplink.record(2, record());
    await turns();
    const d = ask(1);
    await turns();
    expect(worker.batches.map(({ subject }) => subject)).toEqual(['ocpp.v1.up.2', 'ocpp.v1.up.1']);
    expect(seqs()).toEqual([[a.seq, b.seq, c.seq, 'record'], [d.seq]]);
    expect(uplink.waiting).toBe(4);
  });

  it('splits what is more than a message holds, in order', async () => {
    const asked = Array.from({ length: 1100 }, () => ask().seq);
    await turns();
    expect(seqs().map((batch) => batch.length)).toEqual([512, 512, 76]);
    expect(seqs().flat()).toEqual(asked);
  });

  it('splits large payloads, by their bytes on the bus and not by their characters', async () => {
    for (const [char, count] of [
      ['x', 12],
      ['€', 12],
    ] as const) {
      worker.batches.length = 0;
      const asked = Array.from(
        { length: count },
        (_, n) => ask(0, 60_000, question(char.repeat(100_000), `m${n}`)).seq,
      );
      await turns();
      expect(seqs().flat()).toEqual(asked);
      expect(worker.batches.length).toBeGreaterThan(1);
    }
    expect(lines).toEqual([]);
  });

  it('8: one item that the bus does not take keeps no other back', async () => {
    const before = ask();
    const huge = ask(0, 3_000, question('x'.repeat(2_000_000)));
    const after = ask();
    await turns();
    expect(seqs().flat()).toEqual([before.seq, after.seq]);
    await advance(3_300);
    expect(huge.expired).toBe(1);
    expect(lines.join()).toContain('uplink batch not sent');
  });
});

describe('answers', () => {
  it('go to who asked, once, whatever else comes', async () => {
    const [a, b] = [ask(), ask()];
    await turns();
    worker.reply('e1', done(b.seq), done(999));
    worker.reply('e1', done(b.seq), done(a.seq));
    await turns();
    expect([a.replies, b.replies]).toEqual([[done(a.seq)], [done(b.seq)]]);
    expect(uplink.waiting).toBe(0);
    await advance(60_000);
    expect([a.expired, b.expired]).toEqual([0, 0]);
    expect(worker.batches).toHaveLength(1);
  });

  it('that cannot be read, or used, harm no other', async () => {
    const failing = uplink.ask(0, question(), 60_000, {
      replied() {
        throw new Error('no');
      },
      expired: () => undefined,
    });
    const a = ask();
    await turns();
    hub.connect('other').publish('ocpp.v1.edge.e1', new Uint8Array([1, 2, 3]));
    worker.reply('e1', done(failing), done(a.seq));
    await turns();
    expect(a.replies).toHaveLength(1);
    expect(lines.join()).toContain('replies could not be read');
    expect(lines.join()).toContain('a reply could not be used');
  });

  it('are not waited for where nobody wants them', async () => {
    const a = ask();
    uplink.forget(a.seq);
    await turns();
    worker.reply('e1', done(a.seq));
    await advance(61_000);
    expect([a.replies, a.expired, worker.batches.length]).toEqual([[], 0, 1]);
  });
});

it('is silent for as long as something waits and nothing is answered, whoever asked', async () => {
  expect(uplink.silentMs).toBe(0);
  const [a, b] = [ask(), ask()];
  await advance(3_000);
  expect(uplink.silentMs).toBe(3_000);
  worker.reply('e1', done(a.seq));
  await turns();
  expect(uplink.silentMs).toBe(0);
  await advance(2_000);
  expect(uplink.silentMs).toBe(2_000);
  worker.reply('e1', done(b.seq));
  await advance(5_000);
  expect(uplink.silentMs).toBe(0);
  ask();
  await advance(1_000);
  expect(uplink.silentMs).toBe(1_000);
});

describe('again', () => {
  it('sends the same item with growing waits until its deadline, and then says so once', async () => {
    const a = ask(0, 30_000);
    await turns();
    expect(worker.batches).toHaveLength(1);
    const times: number[] = [];
    for (let ms = 0; ms < 31_000; ms += 100) {
      const before = worker.batches.length;
      await advance(100);
      if (worker.batches.length > before) times.push(ms);
    }
    expect(times[0]).toBeGreaterThanOrEqual(1_300);
    expect(times[0]).toBeLessThan(2_000);
    const waits = times.slice(1).map((time, n) => time - (times[n] as number));
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(7_800);
    expect(waits[0]).toBeGreaterThan(1_900);
    expect(waits.at(-1)).toBeGreaterThan(4_000);
    expect(times.length).toBeGreaterThanOrEqual(4);
    expect(new Set(seqs().flat())).toEqual(new Set([a.seq]));
    expect([a.expired, a.replies, uplink.waiting]).toEqual([1, [], 0]);
    worker.reply('e1', done(a.seq));
    await turns();
    expect(a.replies).toEqual([]);
    expect(await counter('uplink_resent_total')).toBe(times.length);
    expect(await counter('uplink_expired_total')).toBe(1);
  });

  it('a late answer to what was given up is told where somebody must know of it, for a while', async () => {
    const late: ReplyItem[] = [];
    let expired = 0;
    const asked = () =>
      uplink.ask(0, question(), 5_000, {
        replied: () => undefined,
        expired: () => void expired++,
        late: (reply) => void late.push(reply),
      });
    const [a, b] = [asked(), asked()];
    await advance(5_300);
    expect([expired, uplink.waiting]).toEqual([2, 0]);
    const sent = worker.batches.length;
    await advance(20_000);
    expect(worker.batches).toHaveLength(sent);
    worker.reply('e1', done(a), done(a));
    await turns();
    expect(late).toEqual([done(a)]);
    await advance(120_000);
    worker.reply('e1', done(b));
    await turns();
    expect([late.length, expired]).toEqual([1, 2]);
  });

  it('hurries where the bus says that nobody listens, and arrives with the first worker', async () => {
    worker.stop();
    await turns();
    const a = ask();
    await advance(1_100);
    const late = new FakeWorker(hub.connect('worker'));
    late.onCall = (item) => done(item.seq);
    await advance(1_000);
    expect(a.replies).toHaveLength(1);
    expect(await counter('uplink_resent_total')).toBeGreaterThanOrEqual(2);
    late.stop();
  });

  it('keeps what is asked while the bus is away, and sends it when it is back; the deadline holds all the same', async () => {
    hub.disconnectAll('edge');
    expect(uplink.open).toBe(false);
    const [a, short] = [ask(0, 60_000), ask(0, 1_000)];
    await advance(5_000);
    expect([worker.batches.length, short.expired, a.expired]).toEqual([0, 1, 0]);
    worker.onCall = (item) => done(item.seq);
    hub.reconnectAll('edge');
    expect(uplink.open).toBe(true);
    await advance(1_800);
    expect([a.replies.length, uplink.waiting]).toEqual([1, 0]);
  });

  it('sends again after an outage what was on its way, spread over a moment', async () => {
    const asked = Array.from({ length: 50 }, () => ask(0, 60_000));
    await turns();
    hub.disconnectAll('edge');
    hub.reconnectAll('edge');
    worker.onCall = (item) => done(item.seq);
    await advance(400);
    const first = asked.filter((a) => a.replies.length > 0).length;
    await advance(1_500);
    expect(asked.every((a) => a.replies.length === 1)).toBe(true);
    expect(first).toBeLessThan(50);
  });
});

describe('log records', () => {
  const kinds = (items: readonly UplinkItem[]) => items.map((item) => item.kind);

  it('7: are shed first: beyond their bound, and while the bus is away', async () => {
    for (let n = 0; n < 5_100; n++) uplink.record(0, record());
    const a = ask();
    await turns();
    expect(kinds(worker.items).filter((kind) => kind === UPLINK.record)).toHaveLength(5_000);
    expect(worker.calls.map((item) => item.seq)).toEqual([a.seq]);
    expect(await counter('records_shed_total')).toBe(100);
    hub.disconnectAll('edge');
    uplink.record(0, record());
    expect(await counter('records_shed_total')).toBe(101);
    hub.reconnectAll('edge');
    uplink.record(0, record('back'));
    await turns();
    expect(worker.records.at(-1)?.text).toBe('back');
  });

  it('are never sent again', async () => {
    uplink.record(0, record());
    await advance(30_000);
    expect(worker.records).toHaveLength(1);
  });
});

it('sends what was said last when it closes, and nothing more', async () => {
  const a = ask();
  uplink.close();
  await turns();
  expect(seqs()).toEqual([[a.seq]]);
  worker.reply('e1', done(a.seq));
  await advance(30_000);
  expect([worker.batches.length, a.replies, a.expired]).toEqual([1, [], 0]);
});
