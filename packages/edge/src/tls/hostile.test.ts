/** What an attacker sends to the listeners below TLS: each of the two libraries bounds it, and harms nobody but its sender. */
import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { createMemoryBus } from '@sigec/bus';
import { createMemoryCache } from '@sigec/cache';
import { createMetrics } from '@sigec/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Edge, startEdge } from '../edge.js';
import { Authority, folder } from '../testing/certificates.js';
import { Charger, upgradeText } from '../testing/charger.js';
import { memoryLogger, pause, SETTINGS, until } from '../testing/fixtures.js';
import { OPCODE, rawFrame } from '../testing/raw.js';
import { dialTls } from '../testing/tls.js';
import { FakeWorker } from '../testing/worker.js';

const KINDS = ['tls', 'mtls'] as const;
type Kind = (typeof KINDS)[number];

const hub = createMemoryBus();
const worker = new FakeWorker(hub.connect('worker'));
const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);
const files = folder();
/** Of the tests' own chargers, whoever they attack by: one certificate for all. */
const identity = (who: 'control' | 'other', kind: Kind) => `${who}-${kind}`;
const controls = new Map<Kind, Charger>();
let edge: Edge;
let tls: ConnectionOptions;
let slow: Slow[];

const portOf = (kind: Kind) => edge.securePorts[kind] as number;

async function dialled(who: 'control' | 'other', kind: Kind, headers: Record<string, string> = {}): Promise<Charger> {
  const made = await dialTls(portOf(kind), identity(who, kind), { ...tls, protocols: ['ocpp1.6'], headers });
  if (!(made instanceof Charger)) throw new Error(`refused: ${made}`);
  return made;
}

/** A socket past its handshake of TLS, whose every byte the test sends itself. */
async function wire(kind: Kind) {
  const socket = connect({ port: portOf(kind), host: '127.0.0.1', ...tls });
  let text = '';
  let open = false;
  let closed = false;
  socket.on('data', (data) => {
    text += data.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.on('secureConnect', () => {
    open = true;
  });
  socket.on('close', () => {
    closed = true;
  });
  await until(() => open, 'the handshake');
  return { socket, text: () => text, closed: () => closed };
}

/** The same in session. */
async function raw(kind: Kind) {
  const made = await wire(kind);
  made.socket.write(upgradeText(`/ocpp/${identity('other', kind)}`));
  await until(() => made.text().includes('\r\n\r\n'), 'the upgrade');
  expect(made.text()).toMatch(/^HTTP\/1\.1 101/);
  return made;
}

interface Slow {
  readonly name: string;
  /** How long it lasted, ms; 0 while it lasts. */
  readonly lasted: () => number;
}

/** Handshakes that are not meant to end; they go on while the other tests run. */
async function dribbles(): Promise<Slow[]> {
  const watch = (name: string, socket: { on(event: 'close', heard: () => void): unknown }, say: () => void): Slow => {
    const begun = performance.now();
    let ended = 0;
    const timer = setInterval(say, 500);
    socket.on('close', () => {
      clearInterval(timer);
      ended = performance.now() - begun;
    });
    return { name, lasted: () => ended };
  };
  const all: Slow[] = [];
  for (const kind of KINDS) {
    const silent = connectTcp(portOf(kind), '127.0.0.1').on('error', () => undefined);
    all.push(watch(`no word of TLS to ${kind}`, silent, () => undefined));
    const { socket } = await wire(kind);
    socket.write('GET /ocpp/slow HTTP/1.1\r\nX-Slow: ');
    all.push(watch(`a header without end to ${kind}`, socket, () => socket.write('a')));
  }
  return all;
}

beforeAll(async () => {
  process.on('uncaughtExceptionMonitor', note);
  const authority = await Authority.make('Test Authority');
  const server = await authority.issue('server', { names: [{ type: 'ip', value: '127.0.0.1' }] });
  const names = KINDS.flatMap((kind) => [identity('control', kind), identity('other', kind)]);
  const client = await authority.issue('client', { names: names.map((value) => ({ type: 'dns', value }) as const) });
  tls = { ca: authority.pem, cert: client.cert, key: client.key };
  const cert = files.write('cert.pem', server.cert);
  const key = files.write('key.pem', server.key);
  const clientCa = files.write('ca.pem', authority.pem);
  const settings = { ...SETTINGS, tls: { port: 0, mtlsPort: 0, cert, key, clientCa } };
  const { logger } = memoryLogger();
  const bus = hub.connect('edge');
  edge = await startEdge({ bus, cache: createMemoryCache(), settings, logger, metrics: createMetrics('edge') });
  for (const kind of KINDS) controls.set(kind, await dialled('control', kind));
  slow = await dribbles();
});
let calls = 0;
afterEach(async () => {
  worker.onCall = FakeWorker.answer;
  // Whoever was in session before goes on, by the same listener.
  for (const control of controls.values()) {
    const id = `ok-${++calls}`;
    expect(await control.call(id, 'Heartbeat')).toEqual([3, id, {}]);
  }
  expect(uncaught).toEqual([]);
});
afterAll(async () => {
  process.off('uncaughtExceptionMonitor', note);
  await edge.close();
  files.remove();
});

describe.each(KINDS)('the listener of %s', (kind) => {
  it('cuts what is no TLS, and headers without end', async () => {
    const plain = connectTcp(portOf(kind), '127.0.0.1').on('error', () => undefined);
    let cut = false;
    plain.on('close', () => {
      cut = true;
    });
    plain.write(upgradeText('/ocpp/plain'));
    await until(() => cut, 'the plain socket is cut');
    const asked = worker.connects.length;
    const { socket, closed, text } = await wire(kind);
    socket.write('GET /ocpp/flood HTTP/1.1\r\nHost: x\r\n');
    for (let n = 0; n < 2_000 && !closed(); n++) {
      socket.write(`X-${n}: ${'y'.repeat(100)}\r\n`);
      if (n % 50 === 0) await pause(1);
    }
    await until(closed, 'the socket is cut');
    expect(text()).not.toContain(' 101 ');
    expect(worker.connects.length).toBe(asked);
  });

  it('never agrees to compression, and a frame that is compressed all the same ends its socket', async () => {
    const extensions = 'permessage-deflate; client_max_window_bits';
    const one = await dialled('other', kind, { 'sec-websocket-extensions': extensions });
    expect(one.ws.extensions).toBe('');
    const { socket, closed } = await raw(kind);
    socket.write(rawFrame('[2,"x","Heartbeat",{}]', { rsv1: true }));
    await until(closed, 'the socket is cut');
  });

  it('cuts fragments that never end, and a frame that claims to be larger than memory', async () => {
    const endless = await raw(kind);
    const piece = 'x'.repeat(100 * 1024);
    for (let n = 0; n < 40 && !endless.closed(); n++) {
      endless.socket.write(rawFrame(piece, { opcode: n === 0 ? OPCODE.text : OPCODE.continuation, fin: false }));
      await pause(2);
    }
    await until(endless.closed, 'the endless socket is cut');
    const claims = await raw(kind);
    const head = rawFrame('x'.repeat(70_000)).subarray(0, 14);
    head.writeBigUInt64BE(1n << 50n, 2);
    claims.socket.write(head);
    await until(claims.closed, 'the socket that claims is cut');
  });

  it('closes for text that is no UTF-8, and keeps the socket for what only is no OCPP', async () => {
    const latin = await raw(kind);
    latin.socket.write(rawFrame(Buffer.from('[2,"x","DataTransfer",{"vendorId":"\xe7\xe3o"}]', 'latin1')));
    await until(latin.closed, 'the socket is closed');
    const one = await dialled('other', kind);
    for (const text of [
      `[2,"q","DataTransfer",{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}]`,
      `[3,"q",{"a":${'['.repeat(200_000)}`,
      `[2,"q","MeterValues",{"connectorId":1e999999,"m":${'9'.repeat(100_000)}}]`,
      '[2,"q","DataTransfer",{"__proto__":{"polluted":1}}]',
      '',
    ])
      one.ws.send(text);
    expect((await one.call('after', 'Heartbeat'))[0]).toBe(3);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted');
    expect(one.closed).toBeUndefined();
  });

  it('ends floods of CALLs and of noise with 4100', async () => {
    worker.onCall = (item) => (item.payload.includes('flood') ? undefined : FakeWorker.answer(item));
    const calling = await dialled('other', kind);
    for (let n = 0; n < 2_000; n++) calling.send(2, `f${n}`, 'DataTransfer', { vendorId: 'flood' });
    expect((await calling.end())[0]).toBe(4100);
    const noisy = await dialled('other', kind);
    for (let n = 0; n < 2_000; n++) noisy.ws.send('[3,"nobody",{}]');
    expect((await noisy.end())[0]).toBe(4100);
  });
});

it('handshakes that dribble are cut, however steadily they do', async () => {
  for (const { name, lasted } of slow) await until(() => lasted() > 0, `${name}: it is cut`, 40_000);
});
