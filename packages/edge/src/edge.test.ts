/** The edge as chargers see it: on a real port, with a worker on a bus behind it. */
import { type ConnectItem, passwordProof } from '@sigec/contract';
import { describe, expect, it, vi } from 'vitest';
import { Charger, charger, dial, refusal, upgradeText, wire } from './testing/charger.js';
import { pause, turns, until } from './testing/fixtures.js';
import { command } from './testing/sessions.js';
import { type Edges, inAWhile, status, useEdges } from './testing/use-edges.js';
import type { FakeWorker } from './testing/worker.js';

let { hub, worker, edge, lines } = {} as Edges;
const start = useEdges((edges) => {
  ({ hub, worker, edge, lines } = edges);
});

describe('the upgrade', () => {
  it('refuses with the HTTP status of the reason, and tells the charger no more than that', async () => {
    const answers: Record<string, ConnectReplyOf> = {
      wrong: { status: 'unauthorized', reason: 'wrong password' },
      blocked: { status: 'forbidden', reason: 'station blocked' },
      nobody: { status: 'unknown', reason: 'station unknown' },
    };
    worker.onConnect = ({ identity }) => answers[identity];
    const wrong = await refusal(edge.port, '/ocpp/wrong');
    expect([wrong.status, wrong.headers['www-authenticate']]).toEqual([401, 'Basic realm="OCPP"']);
    expect((await refusal(edge.port, '/ocpp/blocked')).status).toBe(403);
    expect((await refusal(edge.port, '/ocpp/nobody')).status).toBe(404);
    expect((await refusal(edge.port, '/somewhere/CP1')).status).toBe(404);
    expect(JSON.stringify(wrong.headers)).not.toContain('password');
    for (const { reason } of Object.values(answers)) expect(lines.join()).toContain(reason);
    expect(edge.sessions).toBe(0);
  });
  type ConnectReplyOf = NonNullable<ReturnType<FakeWorker['onConnect']>>;

  it('says 503 and when to come back, where the bus is away and where no worker answers in time', async () => {
    hub.disconnectAll('edge');
    const away = await refusal(edge.port, '/ocpp/CP1');
    expect(away.status).toBe(503);
    expect(inAWhile(away.headers['retry-after'])).toBe(true);
    expect(edge.unready()).toBe('the bus is away');
    hub.reconnectAll('edge');
    worker.stop();
    vi.useFakeTimers({ toFake: ['Date'] });
    const asked = refusal(edge.port, '/ocpp/CP1');
    await pause(50);
    expect(edge.unready()).toBeUndefined();
    vi.setSystemTime(Date.now() + 9_500);
    expect(edge.unready()).toBe('no worker answers');
    vi.setSystemTime(Date.now() + 1_000);
    const nobody = await asked;
    expect(nobody.status).toBe(503);
    expect(inAWhile(nobody.headers['retry-after'])).toBe(true);
    // Nobody waits any more: it may be tried again.
    expect(edge.unready()).toBeUndefined();
  });

  it('47: a session that a worker opened after its charger was sent away is released', async () => {
    const asked: ConnectItem[] = [];
    worker.onConnect = (item) => {
      asked.push(item);
      return undefined;
    };
    vi.useFakeTimers({ toFake: ['Date'] });
    const given = refusal(edge.port, '/ocpp/CP1');
    await until(() => asked.length > 0, 'it was asked');
    vi.setSystemTime(Date.now() + 10_500);
    expect((await given).status).toBe(503);
    worker.reply('e1', worker.accepted(asked[0] as ConnectItem, { stationId: 5, epoch: 9 }));
    await until(() => worker.disconnects.length > 0, 'the session is released');
    expect(worker.disconnects).toMatchObject([{ stationId: 5, epoch: 9 }]);
  });

  it('takes no more sessions than it may, those under way included', async () => {
    const small = await start({ edgeId: 'small', maxSessions: 2 });
    const held: ConnectItem[] = [];
    worker.onConnect = (item) => {
      if (item.identity === 'slow') held.push(item);
      return item.identity === 'slow' ? undefined : {};
    };
    const first = await charger(small.port, 'A');
    const slow = dial(small.port, '/ocpp/slow');
    await until(() => held.length > 0, 'it was asked');
    const third = await refusal(small.port, '/ocpp/C');
    expect([third.status, inAWhile(third.headers['retry-after'])]).toEqual([503, true]);
    worker.reply('small', worker.accepted(held[0] as ConnectItem));
    expect(await slow).toBeInstanceOf(Charger);
    expect(small.sessions).toBe(2);
    first.ws.terminate();
    await until(() => small.sessions === 1, 'the place is free');
    await charger(small.port, 'C');
  });

  it('releases what an aborted upgrade was given', async () => {
    const held: ConnectItem[] = [];
    worker.onConnect = (item) => {
      held.push(item);
      return undefined;
    };
    const { socket } = await wire(edge.port);
    socket.write(upgradeText('/ocpp/CP1'));
    await until(() => held.length > 0, 'it was asked');
    socket.destroy();
    await pause(30);
    worker.reply('e1', worker.accepted(held[0] as ConnectItem, { stationId: 3, epoch: 8 }));
    await until(() => worker.disconnects.length > 0, 'the session is released');
    expect(worker.disconnects).toMatchObject([{ stationId: 3, epoch: 8, code: 1006 }]);
    expect(edge.sessions).toBe(0);
  });

  it('refuses where the session was closed before its upgrade was done, as the edge drains', async () => {
    const push = lines.push.bind(lines);
    lines.push = (...more) => {
      // Said when the session is made; its socket is upgraded later in the turn.
      if (more.join().includes('session opened')) void edge.close();
      return push(...more);
    };
    const refused = await refusal(edge.port, '/ocpp/CP1');
    expect([refused.status, inAWhile(refused.headers['retry-after'])]).toEqual([503, true]);
    await until(() => worker.disconnects.length > 0, 'the session is released');
    expect(worker.disconnects).toMatchObject([{ stationId: 1, code: 1012 }]);
    expect(lines.join()).not.toContain('session failed');
  });

  it('7: takes a storm: the sockets of hundreds at once stay open, and who lost one is served when it dials again', async () => {
    const big = await start({ edgeId: 'big', maxSessions: 4_000 });
    const wave = (name: string, count: number) =>
      Promise.all(Array.from({ length: count }, (_, n) => charger(big.port, `${name}-${n}`)));
    // A process takes its first thousand in another way.
    for (let n = 0; n < 11; n++) await wave(`warm${n}`, 100);
    const storm = await wave('storm', 400);
    await pause(50);
    const lost = storm.filter(({ closed }) => closed !== undefined);
    expect(lost.length).toBeLessThan(8);
    const again = await Promise.all(lost.map((_, n) => charger(big.port, `again-${n}`)));
    const kept = storm.filter((one) => !lost.includes(one));
    const answers = await Promise.all([...kept, ...again].map((one, n) => one.call(`h${n}`, 'Heartbeat')));
    expect(answers.map(([type]) => type)).toEqual(storm.map(() => 3));
    expect(big.sessions).toBe(1_100 + 400);
  });

  it('answers what is no WebSocket', async () => {
    const response = await fetch(`http://127.0.0.1:${edge.port}/ocpp/CP1`);
    expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
  });

  it.each([
    ['/ocpp/CP%201', 'CP 1'],
    ['//ocpp//CP1//', 'CP1'],
    ['/OCPP/x/CP1/CP1/', 'CP1'],
    ['/ocpp/a+b', 'a+b'],
    ['/ocpp/a%2Fb.c', 'a/b.c'],
    ['/ocpp/CP1?token=x', 'CP1'],
  ])('9, 10: %s is %s', async (path, identity) => {
    const made = (await dial(edge.port, path)) as Charger;
    expect(worker.connects.map((item) => item.identity)).toEqual([identity]);
    // The identity serves as a subject too: a command arrives.
    const control = hub.connect('control');
    await turns();
    const { id } = command(control, 'Reset', {}, 5_000, identity);
    expect(await made.frame(([type]) => type === 2)).toEqual([2, id, 'Reset', {}]);
    await control.close();
  });

  it('44: an identity that no subject can hold is refused, and the edge lives on', async () => {
    expect((await refusal(edge.port, `/ocpp/${'%E2%82%AC'.repeat(255)}`)).status).toBe(404);
    await charger(edge.port);
  });

  it('15: a key in hex digits and the bytes it spells are one proof; another user name is none', async () => {
    const key = Buffer.from('00112233445566778899aabbccddeeff01020304', 'hex');
    const basic = (user: string, password: string | Buffer) => ({
      authorization: `Basic ${Buffer.concat([Buffer.from(`${user}:`), Buffer.from(password)]).toString('base64')}`,
    });
    for (const headers of [basic('CP1', key), basic('CP1', key.toString('hex')), basic('other', key), {}])
      (await charger(edge.port, 'CP1', { headers })).ws.terminate();
    const proof = Buffer.from(passwordProof('pepper', key)).toString('hex');
    const sent = worker.connects.map((item) => (item.proof === null ? null : Buffer.from(item.proof).toString('hex')));
    expect(sent).toEqual([proof, proof, null, null]);
    expect(JSON.stringify(worker.connects)).not.toContain(key.toString('hex'));
    expect(lines.join()).not.toContain(key.toString('base64'));
  });
});

describe('the subprotocol', () => {
  it.each([
    [['ocpp1.6', 'ocpp2.0.1'], 'ocpp2.0.1', 'ocpp2.0.1'],
    [['ocpp2.1', 'ocpp1.6'], 'ocpp2.1', 'ocpp2.1'],
    [['other', 'OCPP1.6'], 'OCPP1.6', 'ocpp1.6'],
  ])('11: of %j the server prefers, in the charger’s own spelling, %s', async (protocols, agreed, version) => {
    const { ws } = await charger(edge.port, 'CP1', { protocols });
    expect(ws.protocol).toBe(agreed);
    expect(worker.connects[0]?.version).toBe(version);
  });

  it('11: where none is offered the station’s own default holds', async () => {
    worker.onConnect = () => ({ version: 'ocpp1.6' });
    const { ws } = await charger(edge.port, 'CP1', { protocols: [] });
    expect(ws.protocol).toBe('');
    expect(worker.connects[0]?.version).toBe('');
  });

  it('11: where none is offered and none is set the handshake completes, to be closed at once', async () => {
    worker.onConnect = () => ({ status: 'unsupported', reason: 'no default version' });
    const made = await charger(edge.port, 'CP1', { protocols: [] });
    expect((await made.end())[0]).toBe(1002);
    expect(edge.sessions).toBe(0);
  });

  it('11: where none is common nobody is asked', async () => {
    const { socket, text } = await wire(edge.port);
    socket.write(upgradeText('/ocpp/CP1', 'ocpp0.9, mqtt'));
    await until(() => text().includes('no OCPP subprotocol in common'), 'the close frame');
    expect(status(text())).toBe('101');
    expect(text().toLowerCase()).not.toContain('sec-websocket-protocol');
    expect(worker.connects).toEqual([]);
    socket.destroy();
  });
});
