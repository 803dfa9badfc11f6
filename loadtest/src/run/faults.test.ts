/** The harness finds what a server does wrong, and counts it exactly. */
import { afterEach, describe, expect, it } from 'vitest';
import { FAULTS, type Fault } from '../swarm/plan.js';
import { type Call, type Csms, type CsmsOptions, startCsms } from '../testing/csms.js';
import type { LoadOptions } from './options.js';
import type { LoadResult } from './result.js';
import { runLoad } from './run.js';

let csms: Csms;
afterEach(() => csms.close());

const STATIONS = 4;

async function load(server: CsmsOptions, options: Partial<LoadOptions> = {}): Promise<LoadResult> {
  csms = await startCsms(server);
  return runLoad({
    url: csms.url,
    scenario: 'heartbeat',
    stations: STATIONS,
    processes: 0,
    durationMs: 500,
    timeoutMs: 250,
    backoffMs: [5, 20],
    version: '2.0.1',
    // Slow enough that a fault in one answer is over before the next.
    intervalMs: 50,
    ...options,
  });
}

/** Only these, and these exactly. */
function expectFaults(result: LoadResult, counts: Partial<Record<Fault, number>>): void {
  expect(result.faults.counts).toEqual({ ...Object.fromEntries(FAULTS.map((fault) => [fault, 0])), ...counts });
  expect(result.passed).toBe(Object.keys(counts).length === 0);
}

/** The second CALL of each station is answered thus, all others rightly. */
const second = (answer: (call: Call) => void) => (call: Call) => (call.n === 2 ? answer(call) : call.ok());

describe('answers', () => {
  it('that are right are all counted, and nothing else', async () => {
    const result = await load({});
    expectFaults(result, {});
    expect(result.latency.count + result.load.behind).toBe(STATIONS * 10);
    expect(result.latency.count).toBe(result.load.sent - STATIONS);
    expect(result.stations.ready).toBe(STATIONS);
    expect(csms.connections()).toBe(0);
  });

  it.each<[string, (call: Call) => void, Partial<Record<Fault, number>>]>([
    ['are a CALLERROR', (call) => call.send([4, call.id, 'InternalError', 'no', {}]), { callError: STATIONS }],
    [
      'have the id of nobody',
      (call) => {
        call.send([3, 'somebody-else', {}]);
        call.ok();
      },
      { wrongId: STATIONS },
    ],
    [
      'have the id of another station',
      (call) => {
        call.send([3, call.id.replace(/-0000.-/, '-0009z-'), { currentTime: new Date().toISOString() }]);
        call.ok();
      },
      { wrongId: STATIONS },
    ],
    ['lack a field', (call) => call.send([3, call.id, {}]), { badPayload: STATIONS }],
    [
      'have a field that is wrong',
      (call) => call.send([3, call.id, { currentTime: 'noon' }]),
      { badPayload: STATIONS },
    ],
    ['have no object', (call) => call.send([3, call.id, null]), { badPayload: STATIONS }],
    [
      'come twice',
      (call) => {
        call.ok();
        call.ok();
      },
      { duplicate: STATIONS },
    ],
    ['come never', () => {}, { missing: STATIONS }],
    ['come late', (call) => setTimeout(() => call.ok(), 450), { missing: STATIONS, late: STATIONS }],
    [
      'come beside what is not JSON',
      (call) => {
        call.socket.send('[3,"');
        call.ok();
      },
      { unexpectedFrame: STATIONS },
    ],
    [
      'come beside a message of an unknown type',
      (call) => {
        call.send([9, call.id, {}]);
        call.ok();
      },
      { unexpectedFrame: STATIONS },
    ],
    ['are a close of the socket', (call) => call.socket.close(1011), { unexpectedClose: STATIONS }],
    ['are a cut of the socket', (call) => call.socket.terminate(), { unexpectedClose: STATIONS }],
    ['are binary', (call) => call.socket.send(Buffer.from('x')), { unexpectedClose: STATIONS }],
  ])('that %s are found', async (_name, answer, counts) => {
    expectFaults(await load({ on: second(answer) }), counts);
  });

  it('that are spaced or fragmented, and come among pings, are right', async () => {
    const result = await load({
      on: ({ socket, id, n }) => {
        const text = JSON.stringify([3, id, { currentTime: new Date().toISOString() }], null, n % 2);
        socket.ping('are you there');
        for (let k = 0; k < 4; k++)
          socket.send(text.slice(k * 20, k === 3 ? undefined : (k + 1) * 20), { fin: k === 3 });
      },
    });
    expectFaults(result, {});
    expect(csms.pongs()).toBe(result.load.sent - STATIONS);
  });

  it('are checked in full even where they look right at first sight', async () => {
    // The first bytes of this one are those of a good answer.
    const answer = (call: Call) => call.send([3, call.id, { currentTime: '2x' }]);
    expectFaults(await load({ on: second(answer) }, { parseEvery: 1 }), { badPayload: STATIONS });
  });

  it('fail no run that tolerates faults, and leave no more examples than asked for', async () => {
    const result = await load(
      { on: (call) => call.send([4, call.id, 'GenericError', '', {}]) },
      { tolerate: true, maxExamples: 3 },
    );
    expect(result.faults.counts.callError + result.load.behind).toBe(STATIONS * 10);
    expect(result.faults.examples).toHaveLength(3);
    expect(result.faults.examples[0]?.detail).toContain('GenericError');
    expect(result.passed).toBe(true);
  });
});

describe('connections', () => {
  it('that are denied are found, and not tried again', async () => {
    const result = await load({ refuse: (request) => (request.url?.endsWith('LT-000002') ? 401 : 0) });
    expectFaults(result, { refused: 1 });
    expect(result.stations.ready).toBe(STATIONS - 1);
  });

  it('that are put off are made again', async () => {
    const result = await load({ refuse: (_request, attempt) => (attempt < 3 ? 503 : 0) });
    expectFaults(result, {});
    expect(result.load.retries).toBe(2 * STATIONS);
  });

  it('that nobody answers leave stations that were never ready', async () => {
    const result = await load({ refuse: () => 503 }, { readyTimeoutMs: 200 });
    expectFaults(result, { notReady: STATIONS });
    expect(result.stations.readyMs).toBeNull();
  });

  it('offer the version, and credentials', async () => {
    await load({}, { password: 'secret-of-all', version: '1.6:1,2.1:1', stations: 2 });
    const [a, b] = [...csms.upgrades()].sort((x, y) => ((x.url ?? '') < (y.url ?? '') ? -1 : 1));
    expect(a?.headers['sec-websocket-protocol']).toBe('ocpp1.6');
    expect(b?.headers['sec-websocket-protocol']).toBe('ocpp2.1');
    expect(a?.headers.authorization).toBe(`Basic ${Buffer.from('LT-000001:secret-of-all').toString('base64')}`);
  });

  it('come back after a boot that was not accepted', async () => {
    let boots = 0;
    const result = await load(
      {
        boots: true,
        on: (call) => {
          const early = call.action === 'BootNotification' && ++boots === 1;
          if (early) call.send([3, call.id, { currentTime: new Date().toISOString(), interval: 1, status: 'Pending' }]);
          else call.ok();
        },
      },
      { stations: 1, timeoutMs: 3000 },
    );
    expectFaults(result, {});
    expect(result.verdicts).toEqual({ 'BootNotification Pending': 1, 'BootNotification Accepted': 1 });
  });
});

describe('CALLs of the CSMS', () => {
  it('are answered in every version', async () => {
    const answers: unknown[] = [];
    const result = await load(
      {
        connected: (socket) => {
          socket.send(JSON.stringify([2, 'c1', 'DataTransfer', { vendorId: 'x' }]));
          socket.send(JSON.stringify([2, 'c2', 'NoSuchThing', {}]));
          socket.on('message', (data) => {
            const frame = JSON.parse(data.toString());
            if (frame[0] !== 2) answers.push(frame);
          });
        },
      },
      { stations: 1 },
    );
    expectFaults(result, {});
    expect(answers).toEqual([
      [3, 'c1', { status: 'Accepted', data: 'LT-000001' }],
      [4, 'c2', 'NotImplemented', '', {}],
    ]);
    expect(result.inbound).toEqual({ DataTransfer: 1, NoSuchThing: 1 });
  });
});

describe('an echo', () => {
  it('is taken for what it is', async () => {
    const echo: CsmsOptions = { boots: true, on: (call) => call.send([2, call.id, call.action, call.payload]) };
    const result = await load(echo, { echo: true });
    expectFaults(result, {});
    expect(result.latency.count + result.load.behind).toBe(STATIONS * 10);
  });
});
