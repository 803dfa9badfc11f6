/** What comes after the upgrade, on a real port: frames, the end of a connection, the drain. */
import { type ConnectItem, EDGE_LEASES, UPLINK } from '@sigec/contract';
import { writeResult } from '@sigec/ocpp';
import { describe, expect, it, vi } from 'vitest';
import { type Charger, charger, dial, upgradeText, wire } from './testing/charger.js';
import { SETTINGS, turns, until } from './testing/fixtures.js';
import { command } from './testing/sessions.js';
import { type Edges, inAWhile, status, useEdges } from './testing/use-edges.js';

let { hub, worker, edge, cache } = {} as Edges;
useEdges((edges) => {
  ({ hub, worker, edge, cache } = edges);
});

describe('frames', () => {
  it('are answered; two at once in their order', async () => {
    const one = await charger(edge.port);
    one.send(2, 'a', 'Heartbeat', {});
    one.send(2, 'b', 'Heartbeat', {});
    await one.frame(([, id]) => id === 'b');
    expect(one.got).toEqual([
      [3, 'a', {}],
      [3, 'b', {}],
    ]);
    // One after the other: the second went up when the first was answered.
    expect(worker.batches.filter(({ items }) => items.some((item) => item.kind === UPLINK.call))).toHaveLength(2);
  });

  it('are the same as text, binary, or in fragments', async () => {
    const one = await charger(edge.port);
    const frame = JSON.stringify([2, 'bin', 'Heartbeat', { note: 'ção' }]);
    one.ws.send(Buffer.from(frame), { binary: true });
    await one.frame(([, id]) => id === 'bin');
    const bytes = Buffer.from(frame.replace('bin', 'cut'));
    for (let n = 0; n < bytes.length; n += 7)
      one.ws.send(bytes.subarray(n, n + 7), { fin: n + 7 >= bytes.length, binary: false });
    await one.frame(([, id]) => id === 'cut');
    expect(worker.calls.map((item) => item.payload)).toEqual(['{"note":"ção"}', '{"note":"ção"}']);
  });

  it('13: of up to the limit are taken, one over it closes with 1009, and nobody else suffers', async () => {
    const [one, other] = [await charger(edge.port, 'A'), await charger(edge.port, 'B')];
    const [head, tail] = ['[2,"big","DataTransfer",{"data":"', '"}]'];
    const largest = head + 'x'.repeat(SETTINGS.maxFrameBytes - head.length - tail.length) + tail;
    one.ws.send(largest);
    await one.frame(([, id]) => id === 'big');
    one.ws.send(`${largest} `);
    expect((await one.end())[0]).toBe(1009);
    const third = await charger(edge.port, 'C');
    third.ws.send('y'.repeat(3_000_000));
    await third.end();
    expect(await other.call('h', 'Heartbeat')).toEqual([3, 'h', {}]);
  });

  it('42: a heartbeat is answered while a command is open, and the command after it', async () => {
    const one = await charger(edge.port);
    const control = hub.connect('control');
    await turns();
    const { id, reply } = command(control, 'GetDiagnostics', { location: 'ftp://x' });
    await one.frame(([type]) => type === 2);
    expect(await one.call('h', 'Heartbeat')).toEqual([3, 'h', {}]);
    one.send(3, id, { fileName: 'f' });
    expect(await reply).toEqual({ status: 'result', payload: '{"fileName":"f"}' });
    await control.close();
  });
});

describe('the end of a connection', () => {
  it.each([
    ['with a close handshake', (one: Charger) => one.ws.close(1000), 1000],
    ['cut off', (one: Charger) => one.ws.terminate(), 1006],
  ])('%s is told to the workers', async (_name, end, code) => {
    const one = await charger(edge.port);
    end(one);
    await until(() => worker.disconnects.length > 0, 'the disconnect');
    expect(worker.disconnects).toMatchObject([{ epoch: 1, code }]);
    expect(edge.sessions).toBe(0);
  });

  it('2: half-closed by the charger it is one too', async () => {
    const { socket, text } = await wire(edge.port);
    socket.write(upgradeText('/ocpp/CP1'));
    await until(() => status(text()) === '101', 'the upgrade');
    socket.end();
    await until(() => worker.disconnects.length > 0, 'the disconnect');
    expect(worker.disconnects).toMatchObject([{ code: 1006 }]);
    socket.destroy();
  });

  it('2: the newest connection wins although the old one still stands', async () => {
    const old = await charger(edge.port);
    const fresh = await charger(edge.port);
    expect(await old.end()).toEqual([4500, 'a newer connection took over']);
    expect(await fresh.call('h', 'Heartbeat')).toEqual([3, 'h', {}]);
    expect(worker.disconnects).toMatchObject([{ epoch: 1 }]);
    expect(edge.sessions).toBe(1);
  });

  it('44: while the bus is away harms nobody, and is told when it is back', async () => {
    const [one, other] = [await charger(edge.port, 'A'), await charger(edge.port, 'B')];
    await turns();
    hub.disconnectAll('edge');
    one.send(2, 'x', 'Heartbeat', {});
    one.ws.terminate();
    other.send(2, 'y', 'StatusNotification', {});
    await until(() => edge.sessions === 1, 'the session is gone');
    hub.reconnectAll('edge');
    // Sent again within a moment: what was said while nobody listened.
    expect(await other.frame(([, id]) => id === 'y')).toEqual([3, 'y', {}]);
    await until(() => worker.disconnects.length > 0, 'the disconnect');
    expect(worker.disconnects).toMatchObject([{ epoch: 1, code: 1006 }]);
  });
});

describe('drain', () => {
  it('closes idle sessions with 1012 at once, busy ones after their answer, and takes nobody', async () => {
    let answer = () => undefined as undefined;
    worker.onCall = (item) => {
      if (item.id === 'late') {
        answer = () => {
          const text = writeResult('late', { done: true });
          worker.reply('e1', { kind: 1, seq: item.seq, text, booted: -1 });
          return undefined;
        };
        return undefined;
      }
      return writeResult(item.id, {});
    };
    const [idle, busy] = [await charger(edge.port, 'A'), await charger(edge.port, 'B')];
    const early = await wire(edge.port);
    busy.send(2, 'late', 'StopTransaction', {});
    busy.send(2, 'next', 'Heartbeat', {});
    await until(() => worker.calls.length === 1, 'it went up');
    const closing = edge.close();
    expect(await idle.end()).toEqual([1012, 'the server restarts']);
    expect(edge.unready()).toBe('draining');
    early.socket.write(upgradeText('/ocpp/C'));
    await until(() => status(early.text()) !== undefined, 'an answer');
    expect(status(early.text())).toBe('503');
    expect(inAWhile(/^retry-after: (\d+)\r$/im.exec(early.text())?.[1])).toBe(true);
    await expect(dial(edge.port, '/ocpp/D')).rejects.toThrow('ECONNREFUSED');
    expect(busy.closed).toBeUndefined();
    answer();
    expect(await busy.end()).toEqual([1012, 'the server restarts']);
    expect(busy.got).toEqual([
      [3, 'late', { done: true }],
      [3, 'next', {}],
    ]);
    await closing;
    expect(worker.disconnects.map((item) => item.code)).toEqual([1012, 1012]);
    early.socket.destroy();
  });

  it('sends away who was let in while it began, and releases the session', async () => {
    const held: ConnectItem[] = [];
    worker.onConnect = (item) => {
      held.push(item);
      return undefined;
    };
    const late = dial(edge.port, '/ocpp/CP1');
    await until(() => held.length > 0, 'it was asked');
    const closing = edge.close();
    worker.reply('e1', worker.accepted(held[0] as ConnectItem, { stationId: 4, epoch: 2 }));
    expect(await late).toMatchObject({ status: 503 });
    await closing;
    expect(worker.disconnects).toMatchObject([{ stationId: 4, epoch: 2, code: 1012 }]);
  });

  it('ends although a charger never gets its answer, and gives its lease back', async () => {
    expect((await cache.leases(EDGE_LEASES)).map((lease) => lease.holder)).toEqual(['e1']);
    worker.onCall = () => undefined;
    const one = await charger(edge.port);
    one.send(2, 'never', 'Heartbeat', {});
    await until(() => worker.calls.length === 1, 'it went up');
    await edge.close();
    expect(await one.end()).toEqual([1012, 'the server restarts']);
    expect(await cache.leases(EDGE_LEASES)).toEqual([]);
  });
});

it('8: a failure of ours in one session costs that session, and the charger may come back', async () => {
  const [one, other] = [await charger(edge.port, 'A'), await charger(edge.port, 'B')];
  await turns();
  const parse = vi.spyOn(JSON, 'stringify').mockImplementation(() => {
    throw new Error('out of order');
  });
  // A malformed frame is written to the log, which fails now.
  one.ws.send('[2,5,"Heartbeat",{}]');
  await until(() => one.closed !== undefined, 'the socket closes');
  parse.mockRestore();
  expect(one.closed?.[0]).toBe(4001);
  expect(await other.call('h', 'Heartbeat')).toEqual([3, 'h', {}]);
  await charger(edge.port, 'A');
});
