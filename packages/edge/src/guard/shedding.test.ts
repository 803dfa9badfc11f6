/** What a session does under pressure: nothing overtakes a CALL on its way, and transactions go up as ever. */
import { createMemoryBus } from '@sigec/bus';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { turns, until } from '../testing/fixtures.js';
import { type TestEdge, testEdge } from '../testing/sessions.js';
import { FakeWorker } from '../testing/worker.js';

let edge: TestEdge;
let worker: FakeWorker;

beforeEach(() => {
  const hub = createMemoryBus();
  worker = new FakeWorker(hub.connect('worker'));
  edge = testEdge(hub);
  for (let n = 0; n < 8; n++) edge.context.pressure.sample(60_000);
  expect(edge.context.pressure.level).toBe(4);
});
afterEach(() => edge.close());

it('heartbeats and status are answered by the edge, a transaction by the worker', async () => {
  const { session, socket } = edge.open();
  session.message('[2,"h","Heartbeat",{}]');
  session.message('[2,"s","StatusNotification",{"connectorId":1}]');
  session.message('[2,"t","StopTransaction",{"transactionId":1}]');
  await until(() => socket.sent.length === 3, 'three answers');
  expect(socket.frames).toMatchObject([
    [3, 'h', { currentTime: expect.stringMatching(/Z$/) as string }],
    [4, 's', 'InternalError', 'server is busy', {}],
    [3, 't', {}],
  ]);
  expect(worker.calls.map(({ action }) => action)).toEqual(['StopTransaction']);
  const shown = await edge.metrics.render();
  for (const what of ['heartbeat', 'status'])
    expect(shown).toMatch(new RegExp(`sigec_edge_shed_total\\{what="${what}"[^\\n]* 1$`, 'm'));
});

it('with a CALL on its way, or before its boot, a charger is answered by the workers alone', async () => {
  const { session, socket } = edge.open();
  session.message('[2,"t","StartTransaction",{}]');
  session.message('[2,"h","Heartbeat",{}]');
  await until(() => socket.sent.length === 2, 'two answers');
  expect(socket.frames.map(([, id]) => id)).toEqual(['t', 'h']);
  const fresh = edge.open({ identity: 'CP2', booted: false });
  fresh.session.message('[2,"h2","Heartbeat",{}]');
  await until(() => fresh.socket.sent.length === 1, 'an answer');
  expect(worker.calls.map(({ id }) => id)).toEqual(['t', 'h', 'h2']);
});

it('lines for the message log are dropped, and counted', async () => {
  const { session, socket } = edge.open();
  session.message('[2,5,"Heartbeat",{}]');
  await turns();
  expect(socket.frames).toMatchObject([[4, '5', 'FormationViolation', expect.any(String) as string, {}]]);
  expect(worker.records).toEqual([]);
  expect(await edge.metrics.render()).toMatch(/sigec_edge_shed_total\{what="record"[^\n]* 2$/m);
});

it('every CALL that was begun is ended: answered, or gone with its session', async () => {
  worker.onCall = (item) => (item.id === 'never' ? undefined : FakeWorker.answer(item));
  const { session, socket } = edge.open();
  const { calls } = edge.context.pressure;
  session.message('[2,"a","StopTransaction",{}]');
  await until(() => socket.sent.length === 1, 'an answer');
  expect(calls.open).toBe(0);
  session.message('[2,"never","StopTransaction",{}]');
  expect(calls.open).toBe(1);
  session.close(1012, 'gone');
  expect(calls.open).toBe(0);
});
