/** The scenarios: what they send, and what the ledger says of it. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Call, type Csms, type CsmsOptions, startCsms } from '../testing/csms.js';
import type { LoadOptions } from './options.js';
import { runLoad } from './run.js';

let csms: Csms;
afterEach(() => csms.close());

async function load(server: CsmsOptions, options: Partial<LoadOptions>) {
  csms = await startCsms(server);
  return runLoad({
    url: csms.url,
    scenario: 'session',
    stations: 6,
    processes: 0,
    durationMs: 600,
    timeoutMs: 2000,
    backoffMs: [5, 20],
    ...options,
  });
}

interface Tallied {
  first: number;
  last: number;
  messages: number;
  stopped: boolean;
  seqNos: number[];
}

/** What a server knows of transactions, from what it has acknowledged. */
class Tally {
  readonly transactions = new Map<string, Tallied>();
  #next = 100;

  on = (call: Call): void => {
    const { action, payload } = call;
    const old = call.version === 'ocpp1.6';
    if (action === 'StartTransaction') {
      const id = this.#next++;
      this.#add(call, String(id), Number(payload.meterStart), false);
      call.send([3, call.id, { transactionId: id, idTagInfo: { status: 'Accepted' } }]);
      return;
    }
    if (action === 'MeterValues')
      this.#add(call, String(payload.transactionId), Number(register(payload.meterValue)), false);
    if (action === 'StopTransaction') this.#add(call, String(payload.transactionId), Number(payload.meterStop), true);
    if (action === 'TransactionEvent' && !old) {
      const { transactionId } = payload.transactionInfo as { transactionId: string };
      const seen = this.#add(call, transactionId, Number(register(payload.meterValue)), payload.eventType === 'Ended');
      seen.seqNos.push(payload.seqNo as number);
    }
    call.ok();
  };

  energyWh(): number {
    return [...this.transactions.values()].reduce((sum, { first, last }) => sum + last - first, 0);
  }

  #add(call: Call, id: string, wh: number, stopped: boolean): Tallied {
    const key = `${call.identity} ${id}`;
    const seen = this.transactions.get(key) ?? { first: wh, last: wh, messages: 0, stopped: false, seqNos: [] };
    this.transactions.set(key, seen);
    Object.assign(seen, { last: wh, messages: seen.messages + 1, stopped });
    return seen;
  }
}

function register(meterValue: unknown): unknown {
  const [{ sampledValue }] = meterValue as [{ sampledValue: { value: unknown }[] }];
  expect(sampledValue).toHaveLength(2);
  return sampledValue[0]?.value;
}

describe('session', () => {
  it.each(['1.6', '2.0.1', '2.1'])('of %s: the ledger is what the server has tallied', async (version) => {
    const tally = new Tally();
    const result = await load({ on: tally.on }, { version, meters: 3 });
    expect(result.passed).toBe(true);
    const { totals, transactions, truncated } = result.ledger!;
    expect(truncated).toBe(false);
    expect(totals.transactions).toBeGreaterThanOrEqual(6);
    expect(totals.transactions).toBe(tally.transactions.size);
    expect(totals.stopped).toBe(totals.transactions);
    expect(totals.energyWh).toBe(tally.energyWh());
    for (const row of transactions) {
      const seen = tally.transactions.get(`${row.station} ${row.transactionId}`);
      expect(seen).toMatchObject({ first: row.meterStart, last: row.meterLast, messages: row.messages, stopped: true });
      expect(seen?.seqNos).toEqual(version === '1.6' ? [] : seen?.seqNos.map((_seqNo, k) => k));
    }
  });

  it('of a server that refuses stops has no acknowledged stop in its ledger', async () => {
    const result = await load(
      {
        on: (call) =>
          call.action === 'StopTransaction' ? call.send([4, call.id, 'InternalError', '', {}]) : call.ok(),
      },
      { version: '1.6', meters: 1 },
    );
    expect(result.ledger?.totals.stopped).toBe(0);
    expect(result.ledger?.totals.started).toBe(result.ledger?.totals.transactions);
    expect(result.faults.counts.callError).toBe(result.ledger?.totals.transactions);
  });

  it('keeps no more rows than it was told to', async () => {
    const { ledger } = await load({}, { maxLedgerRows: 2 });
    expect(ledger?.transactions).toHaveLength(2);
    expect(ledger?.truncated).toBe(true);
  });

  it('sends again what a cut has interrupted, with the same id and the same words', async () => {
    const result = await load(
      { on: (call) => (call.n === 4 ? call.socket.terminate() : call.ok()) },
      { stations: 1, meters: 20, durationMs: 800 },
    );
    expect(result.faults.counts).toMatchObject({ unexpectedClose: 1, missing: 0 });
    const texts = csms.texts.get('LT-000001') ?? [];
    expect(result.faults.counts.duplicate).toBe(0);
    const again = texts.filter((text, k) => texts.indexOf(text) !== k);
    expect(again).toHaveLength(1);
    expect(texts.filter((text) => text.includes('BootNotification'))).toHaveLength(2);
  });
});

describe('meter', () => {
  it.each(['1.6', '2.1'])('of %s sends meter values in one transaction per station', async (version) => {
    const tally = new Tally();
    const result = await load({ on: tally.on }, { scenario: 'meter', version });
    expect(result.passed).toBe(true);
    expect(result.ledger?.totals).toMatchObject({
      transactions: 6,
      started: 6,
      stopped: 6,
      energyWh: tally.energyWh(),
    });
    expect(Object.keys(result.actions)).toEqual([version === '1.6' ? 'MeterValues' : 'TransactionEvent Updated']);
  });
});

describe('storm', () => {
  it('brings all back after each cut', async () => {
    let sockets = 0;
    const result = await load({ connected: () => sockets++ }, { scenario: 'storm', stations: 20, rounds: 2 });
    expect(result.passed).toBe(true);
    expect(sockets).toBe(60);
    expect(result.load.reconnects).toBe(40);
    expect(result.storm).toHaveLength(3);
    for (const round of result.storm ?? []) {
      expect(round.stations.count).toBe(20);
      expect(round.readyMs).toBeGreaterThanOrEqual(round.stations.p50);
      expect(round.connectedMs).toBeLessThanOrEqual(round.readyMs!);
    }
    const boots = [...csms.texts.values()].map((texts) => texts.length);
    expect(boots).toEqual(Array.from({ length: 20 }, () => 3));
  });

  it('that somebody does not come back from fails', async () => {
    const result = await load(
      { refuse: (request, attempt) => (attempt > 1 && request.url?.endsWith('1') ? 503 : 0) },
      { scenario: 'storm', stations: 5, readyTimeoutMs: 500, timeoutMs: 200 },
    );
    expect(result.passed).toBe(false);
    expect(result.faults.counts.notReady).toBe(1);
    expect(result.storm?.at(-1)?.readyMs).toBeNull();
  });
});

describe('mixed', () => {
  it('sends heartbeats, statuses and sessions, and hangs up now and then', async () => {
    const tally = new Tally();
    const result = await load(
      { on: tally.on },
      { scenario: 'mixed', stations: 30, dayMs: 2000, durationMs: 2000, version: '1.6:1,2.0.1:1', seed: 7 },
    );
    expect(result.passed).toBe(true);
    expect(result.pacing).toBe('natural');
    expect(Object.keys(result.actions)).toEqual(
      expect.arrayContaining(['Heartbeat', 'StatusNotification', 'Authorize']),
    );
    expect(result.load.reconnects).toBeGreaterThan(0);
    expect(result.ledger?.totals.energyWh).toBe(tally.energyWh());
    expect(result.ledger?.totals.transactions).toBe(tally.transactions.size);
  });
});

describe('commands', () => {
  const login = JSON.stringify({ token: 't', refresh_token: 'r' });
  const devices = ['LT-000001', 'LT-000002', 'LT-000003'].map((identity, k) => ({ id: String(k + 1), identity }));

  /** A REST API whose commands go over the sockets of the same server; to the wrong station where it is told so. */
  function api(misrouted: boolean): CsmsOptions {
    const sockets = new Map<string, Call['socket']>();
    let n = 0;
    return {
      boots: true,
      on: (call) => {
        sockets.set(call.identity, call.socket);
        call.ok();
      },
      http: (request, response, body) => {
        const [, id = '', action = ''] = /\/devices\/(\d+)\/commands\/(\w+)$/.exec(request.url ?? '') ?? [];
        const reply = (status: number, text: string) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(text);
        if (request.url === '/api/v1/auth/login') reply(200, login);
        else if (request.headers.authorization !== 'Bearer t') reply(401, '{}');
        else if (id === '') {
          const second = request.url?.includes('cursor=c2') === true;
          const items = second ? devices.slice(2) : devices.slice(0, 2);
          reply(200, JSON.stringify({ items, next_cursor: second ? null : 'c2' }));
        } else {
          const other = misrouted && ++n % 10 === 0 ? 1 : 0;
          const identity = devices[(Number(id) - 1 + other) % 3]!.identity;
          const socket = sockets.get(identity)!;
          const message = `m${Math.random()}`;
          socket.on('message', function answered(data) {
            const frame = JSON.parse(data.toString());
            if (frame[1] !== message) return;
            socket.off('message', answered);
            reply(200, JSON.stringify({ status: 'answered', response: frame[2] }));
          });
          socket.send(JSON.stringify([2, message, action, JSON.parse(body)]));
        }
      },
    };
  }

  const run = (misrouted: boolean, options: Partial<LoadOptions> = {}) =>
    load(api(misrouted), {
      scenario: 'commands',
      stations: 3,
      ...options,
      // The address is known once the server runs.
      get api() {
        return { url: csms.httpUrl, email: 'a@b.c', password: 'p', concurrency: 2 };
      },
    });

  it('are sent to random stations, and counted', async () => {
    const result = await run(false);
    expect(result.faults.examples).toEqual([]);
    expect(result.latency.count).toBeGreaterThan(10);
    expect(result.inbound.DataTransfer).toBeGreaterThanOrEqual(result.latency.count);
    expect(Object.keys(result.actions)).toEqual(['POST commands/DataTransfer']);
    expect(JSON.stringify(result)).not.toContain('"p"');
  });

  it('at a rate are as many as were asked for', async () => {
    const result = await run(false, { rate: 50, durationMs: 1000 });
    expect(result.latency.count).toBeGreaterThanOrEqual(49);
    expect(result.latency.count).toBeLessThanOrEqual(51);
    expect(result.pacing).toBe('interval');
  });

  it('that reach the wrong station are found', async () => {
    const result = await run(true);
    expect(result.passed).toBe(false);
    expect(result.faults.counts.command).toBeGreaterThan(0);
    expect(result.faults.examples[0]?.detail).toMatch(/^DataTransfer: answered by LT-/);
  });
});
