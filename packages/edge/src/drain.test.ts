/** The drain of many sessions: at its rate, busy ones last, never past its deadline. */
import { createMemoryBus } from '@sigec/bus';
import { afterEach, expect, it } from 'vitest';
import { Drain } from './drain.js';
import type { Session } from './session.js';
import { testEdge } from './testing/sessions.js';

const edges: ReturnType<typeof testEdge>[] = [];
afterEach(async () => {
  await Promise.all(edges.splice(0).map((edge) => edge.close()));
});

function fleet(count: number) {
  const edge = testEdge(createMemoryBus());
  edges.push(edge);
  const sessions = new Set<Session>();
  const { sessionClosed } = edge.context;
  edge.context.sessionClosed = (session, code) => {
    sessions.delete(session);
    sessionClosed(session, code);
  };
  const open = Array.from({ length: count }, (_, n) => edge.open({ identity: `CP${n}`, stationId: n + 1 }));
  for (const { session } of open) sessions.add(session);
  return { sessions, open };
}

it('closes so many a second, not all at once', async () => {
  const { sessions, open } = fleet(100);
  const hows: string[] = [];
  const begun = performance.now();
  const ending = new Drain(sessions, { perSecond: 200, deadlineMs: 10_000, closed: (how) => hows.push(how) }).run();
  expect(sessions.size).toBeGreaterThan(80);
  await ending;
  // A slow machine takes longer, none is faster than the rate.
  expect(performance.now() - begun).toBeGreaterThan(350);
  expect(hows).toEqual(open.map(() => 'idle'));
  expect(open.map(({ socket }) => socket.ended[0])).toEqual(open.map(() => [1012, 'the server restarts']));
});

it('leaves a busy session for last, and cuts at the deadline, which goes before the rate', async () => {
  const { sessions, open } = fleet(60);
  const [busy, answered] = open;
  busy?.session.message('[2,"x","StopTransaction",{}]');
  answered?.session.message('[2,"y","StopTransaction",{}]');
  const hows: string[] = [];
  const drain = new Drain(sessions, { perSecond: 1, deadlineMs: 600, closed: (how) => hows.push(how) });
  const ending = drain.run();
  if (answered !== undefined) drain.idle(answered.session);
  expect(answered?.session.state).not.toBe('closed');
  await ending;
  expect(hows.filter((how) => how === 'idle')).toHaveLength(58);
  expect(hows.slice(-2)).toEqual(['busy', 'busy']);
  expect(sessions.size).toBe(0);
});
