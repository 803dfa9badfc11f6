/** What an attacker, or a charger with a fault, sends to the edge: each harms nobody but itself. */
import { createMemoryBus } from '@sigec/bus';
import { createMemoryCache } from '@sigec/cache';
import { passwordProof } from '@sigec/contract';
import { createMetrics, type Metrics } from '@sigec/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Edge, startEdge } from './edge.js';
import type { EdgeSettings } from './settings.js';
import { Charger, charger, dial, refusal, wire } from './testing/charger.js';
import { memoryLogger, pause, SETTINGS, until } from './testing/fixtures.js';
import { OPCODE, rawCharger, rawFrame } from './testing/raw.js';
import { basic } from './testing/tls.js';
import { FakeWorker } from './testing/worker.js';

const hub = createMemoryBus();
const worker = new FakeWorker(hub.connect('worker'));
const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);
const opened: Edge[] = [];
let edge: Edge;
let metrics: Metrics;
let control: Charger;
let slow: { passed: () => number };

async function start(more: Partial<EdgeSettings> = {}): Promise<{ edge: Edge; metrics: Metrics }> {
  const own = createMetrics('edge');
  const settings = { ...SETTINGS, ...more };
  const bus = hub.connect(settings.edgeId);
  const { logger } = memoryLogger();
  const made = await startEdge({ bus, cache: createMemoryCache(), settings, logger, metrics: own });
  opened.push(made);
  return { edge: made, metrics: own };
}

const metric = async (name: string, of = metrics) =>
  Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')}[^\\n]* (\\d+)$`, 'm').exec(await of.render())?.[1] ?? 0);

let calls = 0;
/** Somebody else's call, which must be answered whatever goes on. */
async function answered(one = control): Promise<void> {
  const id = `ok-${++calls}`;
  expect(await one.call(id, 'Heartbeat')).toEqual([3, id, {}]);
}

beforeAll(async () => {
  process.on('uncaughtExceptionMonitor', note);
  ({ edge, metrics } = await start());
  control = await charger(edge.port, 'control');
  slow = await dribble(edge.port);
});
afterEach(async () => {
  worker.onConnect = () => ({});
  worker.onCall = FakeWorker.answer;
  await answered();
  expect(uncaught).toEqual([]);
});
afterAll(async () => {
  process.off('uncaughtExceptionMonitor', note);
  await Promise.all(opened.map((one) => one.close()));
});

/** A handshake of which a byte comes now and then; it goes on while the other tests run. */
async function dribble(port: number) {
  const { socket } = await wire(port);
  const begun = performance.now();
  let ended = 0;
  socket.write('GET /ocpp/slow HTTP/1.1\r\nX-Slow: ');
  const timer = setInterval(() => socket.write('a'), 500);
  socket.on('close', () => {
    clearInterval(timer);
    ended = performance.now() - begun;
  });
  return { passed: () => ended };
}

describe('the handshake', () => {
  it('with headers without end is cut before anybody is asked', async () => {
    const asked = worker.connects.length;
    const { socket, text } = await wire(edge.port);
    let closed = false;
    socket.on('close', () => {
      closed = true;
    });
    socket.write('GET /ocpp/flood HTTP/1.1\r\nHost: x\r\n');
    for (let n = 0; n < 2_000 && !closed; n++) {
      socket.write(`X-${n}: ${'y'.repeat(100)}\r\n`);
      if (n % 50 === 0) await pause(1);
    }
    await until(() => closed, 'the socket is cut');
    expect(text()).not.toContain(' 101 ');
    expect(worker.connects.length).toBe(asked);
  });

  it('never agrees to compression, and a frame that is compressed all the same ends its socket', async () => {
    const one = await charger(edge.port, 'deflate', {
      headers: { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' },
    });
    expect(one.ws.extensions).toBe('');
    const raw = await rawCharger(edge.port, 'rsv');
    raw.socket.write(rawFrame('[2,"x","Heartbeat",{}]', { rsv1: true }));
    await until(raw.closed, 'the socket is cut');
    await answered(one);
  });

  it('is refused with 503 where too many come at once, and nobody is asked', async () => {
    const { edge: small, metrics: its } = await start({ edgeId: 'small', connectRate: 1, connectBurst: 3 });
    const made = await Promise.all(Array.from({ length: 20 }, (_, n) => dial(small.port, `/ocpp/many-${n}`)));
    const refused = made.filter((one) => !(one instanceof Charger));
    expect(refused.length).toBeGreaterThan(10);
    expect(new Set(refused.map((one) => 'status' in one && one.status))).toEqual(new Set([503]));
    expect(await metric('sigec_edge_refused_total{reason="rate"', its)).toBe(refused.length);
  });

  it('with wrong passwords has to wait, at its own address only, and never who has the right one', async () => {
    const right = passwordProof(SETTINGS.pepper, Buffer.from('right'));
    worker.onConnect = ({ identity, proof }) =>
      identity === 'guess' && !Buffer.from(proof ?? []).equals(right)
        ? { status: 'unauthorized', reason: 'wrong' }
        : {};
    const itself = () => charger(edge.port, 'guess', { headers: basic('guess', 'right') });
    await itself();
    for (let n = 0; n < 5; n++) expect((await refusal(edge.port, '/ocpp/guess')).status).toBe(401);
    const asked = worker.connects.length;
    const { status, headers } = await refusal(edge.port, '/ocpp/guess');
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(worker.connects.length).toBe(asked);
    await charger(edge.port, 'honest');
    // From the very same address, as behind a balancer: who shows the password is not who guesses.
    await itself();
    expect(await metric('sigec_edge_lockouts_total')).toBe(1);
    expect(await metric('sigec_edge_refused_total{reason="locked_out"')).toBe(1);
  });

  it('hands on when a worker says to come again', async () => {
    worker.onConnect = () => ({ status: 'throttled', reason: 'flaps', retryAfter: 77 });
    const { status, headers } = await refusal(edge.port, '/ocpp/flap');
    expect([status, headers['retry-after']]).toEqual([503, '77']);
  });
});

describe('frames', () => {
  it('in fragments end with 1009 over the limit, and are cut where they never end', async () => {
    const one = await charger(edge.port, 'pieces');
    const piece = 'x'.repeat(100 * 1024);
    for (const fin of [false, false, true]) one.ws.send(piece, { fin });
    expect((await one.end())[0]).toBe(1009);
    const raw = await rawCharger(edge.port, 'endless');
    for (let n = 0; n < 40 && !raw.closed(); n++) {
      raw.socket.write(rawFrame(piece, { opcode: n === 0 ? OPCODE.text : OPCODE.continuation, fin: false }));
      await pause(2);
    }
    await until(raw.closed, 'the socket is cut');
  });

  it('that claim to be larger than memory are cut at their head', async () => {
    const raw = await rawCharger(edge.port, 'claims');
    const head = rawFrame('x'.repeat(70_000)).subarray(0, 14);
    head.writeBigUInt64BE(1n << 50n, 2);
    raw.socket.write(head);
    await until(raw.closed, 'the socket is cut');
  });

  it('of text that is no UTF-8 end with 1007', async () => {
    const raw = await rawCharger(edge.port, 'latin');
    raw.socket.write(rawFrame(Buffer.from('[2,"x","DataTransfer",{"vendorId":"\xe7\xe3o"}]', 'latin1')));
    await until(raw.closed, 'the socket is closed');
  });

  const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
  it.each([
    ['a CALL nested 100,000 deep', `[2,"q","DataTransfer",{"a":${deep('[', ']', 100_000)}}]`],
    ['a CALL of objects nested 40,000 deep', `[2,"q","DataTransfer",${deep('{"a":', '}', 40_000).replace('}', '1}')}]`],
    ['an answer nested 100,000 deep', `[3,"q",{"a":${deep('[', ']', 100_000)}}]`],
    ['an error with details nested 100,000 deep', `[4,"q","GenericError","",{"a":${deep('[', ']', 100_000)}}]`],
    ['an answer nested and never closed', `[3,"q",{"a":${'['.repeat(200_000)}`],
    ['huge numbers', `[2,"q","MeterValues",{"connectorId":1e999999,"n":-0,"m":${'9'.repeat(100_000)}}]`],
    ['a huge type', `[${'2'.repeat(100_000)},"q","Heartbeat",{}]`],
    [
      'a key of prototypes',
      '[2,"q","DataTransfer",{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}]',
    ],
    ['an action of prototypes', '[2,"q","__proto__",{}]'],
    ['an id of prototypes', '[2,"__proto__","constructor",{}]'],
    [
      'an answer with keys of prototypes',
      '[3,"__proto__",{"__proto__":{"polluted":1},"configurationKey":{"__proto__":1}}]',
    ],
    ['nothing', ''],
    ['a byte of zero', '\u0000'],
    ['half an escape', '[2,"q\\ud800","Heartbeat",{"a":"\\'],
  ])('of %s cost the session nothing', async (_name, text) => {
    const one = await charger(edge.port, 'odd');
    one.ws.send(text);
    await answered(one);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted');
    one.ws.terminate();
  });
});

describe('a flood', () => {
  it('of CALLs that wait for no answer ends with 4100, and nobody else waits', async () => {
    worker.onCall = (item) => (item.payload.includes('flood') ? undefined : FakeWorker.answer(item));
    const one = await charger(edge.port, 'calls');
    const before = worker.calls.length;
    for (let n = 0; n < 5_000; n++) one.send(2, `f${n}`, 'DataTransfer', { vendorId: 'flood' });
    await answered();
    expect((await one.end())[0]).toBe(4100);
    // One went up; what waited behind it was never anybody's.
    expect(worker.calls.length - before).toBeLessThanOrEqual(3);
  });

  it.each([
    ['frames that are none', '[2,5,"Heartbeat",{}]'],
    ['answers to nothing', '[3,"nobody",{}]'],
    ['errors of nothing', '[4,"nobody","GenericError","",{}]'],
    ['one message again and again', '[2,"same","DataTransfer",{"vendorId":"v"}]'],
  ])('of %s ends with 4100', async (_name, text) => {
    const one = await charger(edge.port, 'noise');
    for (let n = 0; n < 3_000; n++) one.ws.send(text);
    await answered();
    expect((await one.end())[0]).toBe(4100);
    expect(worker.records.length).toBeLessThan(10_000);
  });

  it('of pings slows nobody', async () => {
    const raw = await rawCharger(edge.port, 'pings');
    const ping = rawFrame('x'.repeat(100), { opcode: OPCODE.ping });
    for (let n = 0; n < 5_000; n++) raw.socket.write(ping);
    await answered();
    raw.socket.destroy();
  });
});

describe('overload', () => {
  it('takes no new charger while calls wait too long, answers those it has, and recovers by itself', async () => {
    const { edge: pressed, metrics: its } = await start({ edgeId: 'pressed' });
    const fleet = await Promise.all(Array.from({ length: 40 }, (_, n) => charger(pressed.port, `busy-${n}`)));
    const idle = await charger(pressed.port, 'idle');
    const held: (() => void)[] = [];
    worker.onCall = (item) => {
      if (item.payload.includes('hold')) {
        const text = String(FakeWorker.answer(item));
        held.push(() => worker.reply('pressed', { kind: 1, seq: item.seq, text, booted: -1 }));
        return undefined;
      }
      return FakeWorker.answer(item);
    };
    for (const one of fleet) one.send(2, 'w', 'DataTransfer', { vendorId: 'hold' });
    await until(() => held.length >= fleet.length, 'they wait');
    let refused = await dial(pressed.port, '/ocpp/late');
    const end = performance.now() + 10_000;
    while (refused instanceof Charger && performance.now() < end) {
      refused.ws.terminate();
      await pause(100);
      refused = await dial(pressed.port, '/ocpp/late');
    }
    expect(refused).toMatchObject({ status: 503 });
    expect(await metric('sigec_edge_pressure', its)).toBeGreaterThan(0);
    // A transaction of a charger in session goes up as ever.
    expect((await idle.call('t', 'StartTransaction', { connectorId: 1 }))[0]).toBe(3);
    for (const one of held) one();
    await Promise.all(fleet.map((one) => one.frame(([, id]) => id === 'w')));
    let back = await dial(pressed.port, '/ocpp/late');
    while (!(back instanceof Charger) && performance.now() < end + 10_000) {
      await pause(200);
      back = await dial(pressed.port, '/ocpp/late');
    }
    expect(back).toBeInstanceOf(Charger);
  });
});

it('a handshake that dribbles is cut, however steadily it does', async () => {
  await until(() => slow.passed() > 0, 'the socket is cut', 20_000);
  expect(slow.passed()).toBeLessThan(20_000);
});
