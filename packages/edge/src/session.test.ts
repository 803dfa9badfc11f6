import { BusUnavailableError } from '@sigec/bus';
import { downSubject, REPLY, UPLINK, unpackDown } from '@sigec/contract';
import { writeResult } from '@sigec/ocpp';
import { describe, expect, it, vi } from 'vitest';
import { Session } from './session.js';
import { turns, until } from './testing/fixtures.js';
import { command } from './testing/sessions.js';
import { call, callsTo, result, type Sessions, useSessions } from './testing/use-sessions.js';

let { hub, edge, worker, control, another } = {} as Sessions;
useSessions((sessions) => {
  ({ hub, edge, worker, control, another } = sessions);
});

describe('the claim', () => {
  it('makes a session active only when its own has come round', async () => {
    const { session } = edge.open();
    expect(session.state).toBe('claiming');
    await turns();
    expect(session.state).toBe('active');
  });

  it('a command before it is left to the older holder, one after it is taken', async () => {
    const { token } = edge.open().session.admitted;
    // Sent in the same turn as the claim, but before the next one.
    await turns();
    const rival = another('e2');
    const before = command(control, 'Reset');
    const { socket } = rival.open({ epoch: 2, token });
    const after = command(control, 'ClearCache');
    await turns();
    expect(callsTo(socket)).toEqual([after.id]);
    expect(await before.reply).toEqual({ status: 'lost' });
  });

  it('4: a newer one closes the older session with 4500, and its late disconnect carries its own epoch', async () => {
    const old = edge.open();
    await turns();
    const fresh = another('e2').open({ epoch: 2 });
    await turns();
    expect(old.socket.ended).toEqual([[4500, 'a newer connection took over']]);
    expect(old.session.state).toBe('closed');
    expect(fresh.session.state).toBe('active');
    expect(worker.disconnects).toMatchObject([{ stationId: 1, epoch: 1, code: 4500 }]);
  });

  it('an older one is answered, and yields', async () => {
    const fresh = edge.open({ epoch: 7 });
    await turns();
    const heard: number[] = [];
    control.subscribe(downSubject('CP1'), ({ data }) => {
      const down = unpackDown(data);
      if (down.type === 'claim') heard.push(down.epoch);
    });
    const late = another('e2').open({ epoch: 6 });
    await turns(10);
    expect(late.socket.ended).toEqual([[4500, 'a newer connection took over']]);
    expect([fresh.session.state, fresh.socket.ended]).toEqual(['active', []]);
    expect(heard).toEqual([6, 7]);
  });

  it('is made again after the bus was away, and two sessions that missed each other become one', async () => {
    const old = edge.open();
    await turns();
    hub.disconnectAll('e1');
    const fresh = another('e2').open({ epoch: 2 });
    await turns();
    expect([old.session.state, fresh.session.state]).toEqual(['active', 'active']);
    hub.reconnectAll('e1');
    old.session.claim();
    await turns(10);
    expect([old.session.state, fresh.session.state]).toEqual(['closed', 'active']);
  });

  it('is made again every now and then: who could not hear it, and lost no bus of its own, yields', async () => {
    const old = edge.open();
    await turns();
    // As where the servers of the bus lose each other: nobody is told, neither of the loss nor of its end.
    hub.disconnectAll('e1');
    const fresh = another('e2').open({ epoch: 2 });
    await turns();
    hub.reconnectAll('e1');
    await turns(10);
    expect([old.session.state, fresh.session.state]).toEqual(['active', 'active']);
    fresh.session.tick(Date.now() + 10_000);
    await turns(10);
    expect(old.session.state).toBe('active');
    fresh.session.tick(Date.now() + 400_000);
    await turns(10);
    expect([old.session.state, fresh.session.state]).toEqual(['closed', 'active']);
    expect(old.socket.ended).toEqual([[4500, 'a newer connection took over']]);
  });

  it('44: that the bus does not take ends nothing, and is made again', async () => {
    const { bus } = edge;
    const publish = bus.publish;
    bus.publish = () => {
      throw new BusUnavailableError('the bus takes less than is published');
    };
    const { session } = edge.open();
    bus.publish = publish;
    await turns();
    expect(session.state).toBe('claiming');
    session.tick(Date.now());
    await turns();
    expect(session.state).toBe('active');
  });

  it('what comes on the subject and is no envelope harms nobody', async () => {
    const { session } = edge.open();
    control.publish(downSubject('CP1'), new Uint8Array([9, 9]));
    await turns();
    expect(session.state).toBe('active');
    expect(edge.lines.join()).toContain('command could not be read');
  });
});

describe('messages of the charger', () => {
  it('3: go up one at a time and in order, however they come', async () => {
    const held: string[] = [];
    worker.onCall = ({ id }) => {
      held.push(id);
      return undefined;
    };
    const { session, socket } = edge.open();
    for (const id of ['a', 'b', 'c']) session.message(call(id));
    for (const id of ['a', 'b', 'c']) {
      await until(() => held.at(-1) === id, `${id} went up`);
      const seq = worker.calls.find((item) => item.id === id)?.seq as number;
      worker.reply('e1', { kind: REPLY.frame, seq, text: result(id), booted: -1 });
    }
    await turns();
    expect(held).toEqual(['a', 'b', 'c']);
    expect(socket.frames.map(([, id]) => id)).toEqual(['a', 'b', 'c']);
    expect(worker.calls[0]).toMatchObject({
      stationId: 1,
      epoch: 1,
      version: 'ocpp1.6',
      action: 'Heartbeat',
      payload: '{}',
    });
    expect(edge.idle).toHaveLength(1);
  });

  it('18: repeated in flight they go up once; repeated after the answer they are answered alike, without a worker', async () => {
    const { session, socket } = edge.open();
    const status = call('s', 'StatusNotification', '{"connectorId":1}');
    session.message(status);
    session.message(status);
    await turns();
    expect([worker.calls.length, socket.sent]).toEqual([1, [result('s')]]);
    session.message(status);
    await turns();
    expect([worker.calls.length, socket.sent]).toEqual([1, [result('s'), result('s')]]);
    session.message(call('s', 'StatusNotification', '{"connectorId":2}'));
    await turns();
    expect(worker.calls).toHaveLength(2);
    expect(await edge.metrics.render()).toContain('sigec_edge_reused_ids_total{role="edge"} 1');
  });

  it('6: more at once than the queue holds close the socket', async () => {
    worker.onCall = () => undefined;
    const { session, socket } = edge.open();
    for (let n = 0; n < 18; n++) session.message(call(`m${n}`));
    expect(socket.ended).toEqual([[4100, 'too many CALLs at once']]);
    await turns();
    expect(worker.calls).toHaveLength(1);
    expect(edge.context.uplink.waiting).toBe(0);
  });

  it('whose answer never comes: silence for what the charger keeps, InternalError for the rest', async () => {
    worker.onCall = () => undefined;
    const impatient = another('e9', { callTimeoutMs: 30 });
    const kept = ['StartTransaction', 'StopTransaction', 'MeterValues', 'TransactionEvent'];
    const sessions = [...kept, 'Heartbeat', 'Authorize'].map((action, n) => {
      const { session, socket } = impatient.open({ identity: `S${n}`, version: n === 5 ? 'ocpp2.1' : 'ocpp1.6' });
      session.message(call('x', action));
      return { action, session, socket };
    });
    await until(() => sessions.every(({ session }) => !session.busy), 'all given up');
    for (const { action, socket } of sessions)
      expect(socket.frames, action).toEqual(
        kept.includes(action) ? [] : [[4, 'x', 'InternalError', 'not answered in time', {}]],
      );
    // And the charger that repeats it is heard again.
    worker.onCall = ({ id }) => writeResult(id, {});
    sessions[0]?.session.message(call('x', 'StartTransaction'));
    await turns();
    expect(sessions[0]?.socket.frames).toEqual([[3, 'x', {}]]);
  });

  it('of a session that is not the newest close it', async () => {
    worker.onCall = ({ seq }) => ({ kind: REPLY.stale, seq });
    const { session, socket } = edge.open();
    session.message(call('a'));
    await turns();
    expect(socket.ended).toEqual([[4500, 'a newer connection took over']]);
    expect(socket.sent).toEqual([]);
  });

  it('of 2.1 that are not answered leave the way free for the next', async () => {
    worker.onCall = ({ kind, seq, id }) => (kind === UPLINK.send ? { kind: REPLY.done, seq } : writeResult(id, {}));
    const { session, socket } = edge.open({ version: 'ocpp2.1' });
    session.message('[6,"s","NotifyPeriodicEventStream",{}]');
    session.message(call('a'));
    await turns(12);
    expect(worker.calls.map(({ kind, id }) => [kind, id])).toEqual([
      [UPLINK.send, 's'],
      [UPLINK.call, 'a'],
    ]);
    expect(socket.sent).toEqual([result('a')]);
  });

  it('19, 20: that are no frames get the error of their version, keep the socket, and stand in the log as they came', async () => {
    const old = edge.open({ version: 'ocpp1.6', identity: 'A' });
    const fresh = edge.open({ version: 'ocpp2.0.1', identity: 'B' });
    const broken = '[2,"a","Heartbeat",{"x":';
    old.session.message(broken);
    fresh.session.message(broken);
    fresh.session.message('garbage');
    old.session.message('garbage');
    await turns();
    expect(old.socket.frames).toEqual([[4, 'a', 'FormationViolation', 'frame is incomplete', {}]]);
    expect(fresh.socket.frames.map((frame) => frame.slice(0, 3))).toEqual([
      [4, 'a', 'FormatViolation'],
      [4, '-1', 'RpcFrameworkError'],
    ]);
    expect([old.session.state, fresh.session.state]).toEqual(['active', 'active']);
    const raw = worker.records.filter((record) => record.type === 'malformed').map((record) => record.text);
    expect(raw.sort()).toEqual([broken, broken, 'garbage', 'garbage']);
    expect(await edge.metrics.render()).toContain('sigec_edge_malformed_total{reason="truncated",role="edge"} 2');
  });
});

describe('the boot that never came', () => {
  it('24, 25: is asked for once, after the settling time', async () => {
    const settled = another('e9', { settleMs: 10_000 });
    const { session, socket } = settled.open({ booted: false });
    await turns();
    const opened = Date.now();
    session.tick(opened + 9_000);
    expect(socket.sent).toEqual([]);
    session.tick(opened + 10_001);
    session.tick(opened + 10_500);
    expect(socket.frames).toEqual([[2, 'own-1', 'TriggerMessage', { requestedMessage: 'BootNotification' }]]);
    session.message(result('own-1', '{"status":"Accepted"}'));
    session.tick(opened + 60_000);
    expect(socket.sent).toHaveLength(1);
  });

  it('24: is not asked for where the last boot was accepted, or one came in time', async () => {
    const settled = another('e9', { settleMs: 10_000 });
    const known = settled.open({ identity: 'A', booted: true });
    const booting = settled.open({ identity: 'B', booted: false });
    booting.session.message(call('b', 'BootNotification'));
    await turns();
    for (const { session } of [known, booting]) session.tick(Date.now() + 20_000);
    expect(callsTo(known.socket)).toEqual([]);
    expect(callsTo(booting.socket)).toEqual([]);
  });
});

describe('the socket', () => {
  it('1: is pinged, and cut where nothing was heard for two intervals', () => {
    const { session, socket } = edge.open({ pingSeconds: 10 });
    const opened = Date.now();
    let now = opened;
    for (; now < opened + 12_000; now += 250) session.tick(now);
    expect(socket.pings).toBe(1);
    for (; now < opened + 40_000 && session.state !== 'closed'; now += 250) session.tick(now);
    expect(session.state).toBe('closed');
    expect(now - opened).toBeGreaterThan(20_000);
    expect(now - opened).toBeLessThan(32_000);
    expect(socket.ended).toEqual([]);
    expect(socket.closed).toBe(true);
  });

  it('1: lives on any sign of life', () => {
    const { session, socket } = edge.open({ pingSeconds: 10 });
    vi.useFakeTimers({ toFake: ['Date'] });
    for (let n = 0; n < 400; n++) {
      vi.setSystemTime(Date.now() + 250);
      // Something every 15 s: a pong, or a frame.
      if (n % 120 === 60) session.heard();
      if (n % 120 === 0) session.message(call(`h${n}`));
      session.tick(Date.now());
    }
    vi.useRealTimers();
    expect(session.state).not.toBe('closed');
    expect(socket.pings).toBeGreaterThanOrEqual(8);
  });

  it('12: is never pinged where the charger cannot answer', () => {
    const { session, socket } = edge.open({ pingSeconds: 0 });
    session.tick(Date.now() + 3_600_000);
    expect([socket.pings, session.state]).toEqual([0, 'claiming']);
  });

  it('6: that does not read is closed', async () => {
    const { session, socket } = edge.open();
    await turns();
    socket.result = 2;
    session.message(call('a'));
    await turns();
    expect(socket.ended).toEqual([[4101, 'messages are not read']]);
    expect(edge.lines.join()).not.toContain('could not be used');
  });

  it('13: over the size limit is told and closed with 1009', async () => {
    const { session, socket } = edge.open();
    session.tooLarge(300_000);
    await turns();
    expect(socket.ended).toEqual([[1009, 'frame too large']]);
    expect(worker.records.map((record) => record.text)).toEqual(['(frame of 300000 bytes, over the limit)']);
  });

  it('that was closed is told once, forgets its question, and hears nothing more', async () => {
    worker.onCall = () => undefined;
    const { session, socket } = edge.open();
    await turns();
    session.message(call('a'));
    session.close(1012, 'again');
    session.close(4500, 'twice');
    session.closed(1006);
    session.message(call('b'));
    session.tick(Date.now() + 100_000);
    await turns();
    expect(socket.ended).toEqual([[1012, 'again']]);
    expect(worker.disconnects).toMatchObject([{ epoch: 1, code: 1012 }]);
    expect(edge.context.uplink.waiting).toBe(0);
  });

  it('that never opened can be closed too', async () => {
    const { session } = edge.open({ identity: 'other' });
    const unopened = new Session(edge.context, { ...session.admitted, stationId: 9 });
    unopened.close(1012, 'the server restarts');
    await turns();
    expect(unopened.state).toBe('closed');
    expect(worker.disconnects).toMatchObject([{ stationId: 9, code: 1012 }]);
  });
});
