/** Commands that wait for their station: every state and end, and what a killed process leaves behind. */
import type { CommandReply } from '@sigec/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dispatchJob, expireJob, followJob } from './background/commands.js';
import type { Services } from './context.js';
import { type Harness, type Json, result, type Sent, startHarness } from './testing/harness.js';

let h: Harness;
let services: Services;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 300, commandTimeoutMs: 2000 });
  services = h.services;
});
afterAll(() => h.close());

const open = new AbortController().signal;
const dispatch = () => dispatchJob.run(services, open);
const yes = () => result({ status: 'Accepted' });

let count = 0;
async function device(version = 'ocpp1.6') {
  const identity = `QUEUE-${++count}`;
  const id = await h.station(identity, version);
  return { identity, id };
}
/** As the worker does when the boot was accepted. */
async function online(id: string) {
  await h.db.query("update station set online = true, registration = 'accepted' where id = $1::int8", [Number(id)]);
  await h.db.query('update command_lane set wakes = wakes + 1, due_at = now() where station_id = $1::int8', [
    Number(id),
  ]);
}
const offline = (id: string) => h.db.query('update station set online = false where id = $1::int8', [Number(id)]);
const send = (id: string, action: string, body: Json = {}, query = '?queue=600') =>
  h.call('POST', `/api/v1/devices/${id}/commands/${action}${query}`, { as: 'operator', body });
const command = async (id: unknown) => (await h.call('GET', `/api/v1/commands/${id}`, { as: 'operator' })).json;
const ended = async (id: unknown) => {
  const rows = await h.db.query<{ payload: Json }>(
    "select payload from outbox where kind = 'command.ended' and payload ->> 'command_id' = $1::text",
    [String(id)],
  );
  return rows.map(({ payload }) => payload.state);
};
/** Everything is due now. */
const hurry = () =>
  h.db.query(`with c as (update command set due_at = least(due_at, now()) where state = 'queued')
    update command_lane set due_at = now(), lease_until = null where due_at is not null`);

describe('22: a command for a charger that is away', () => {
  it('is kept, shown, and goes out when the charger is back, in order', async () => {
    const { identity, id } = await device();
    const first = await send(id, 'ClearCache');
    expect([first.status, first.json.state]).toEqual([202, 'queued']);
    expect(first.headers.get('location')).toBe(`/api/v1/commands/${first.json.id}`);
    const second = await send(id, 'Reset', { type: 'Soft' });
    await dispatch();
    expect(await command(first.json.id)).toMatchObject({ state: 'queued', attempts: 0, device_id: id, identity });
    const edge = h.edge(identity, yes);
    await online(id);
    await dispatch();
    expect(edge.sent.map(({ action }) => action)).toEqual(['ClearCache', 'Reset']);
    for (const { json } of [first, second]) {
      expect(await command(json.id)).toMatchObject({
        state: 'succeeded',
        attempts: 1,
        response: { status: 'Accepted' },
      });
      expect(await ended(json.id)).toEqual(['succeeded']);
    }
    const listed = await h.call('GET', `/api/v1/devices/${id}/commands`, { as: 'operator' });
    expect((listed.json.items as Json[]).map((item) => item.id)).toEqual([second.json.id, first.json.id]);
    const filtered = await h.call('GET', `/api/v1/commands?state=succeeded&action=Reset&device_id=${id}&limit=1`, {
      as: 'operator',
    });
    expect((filtered.json.items as Json[]).map((item) => item.id)).toEqual([second.json.id]);
    edge.stop();
  });

  it('is answered at once where the charger is there, and waits where it surely did not arrive', async () => {
    const { identity, id } = await device();
    await online(id);
    const edge = h.edge(identity, yes);
    expect((await send(id, 'ClearCache')).status).toBe(200);
    edge.stop();
    const waiting = await send(id, 'ClearCache');
    expect([waiting.status, waiting.json.state]).toEqual([202, 'queued']);
    await dispatch();
    expect(await command(waiting.json.id)).toMatchObject({ state: 'queued', attempts: 0, reason: 'charger-offline' });
    const back = h.edge(identity, yes);
    await online(id);
    await dispatch();
    expect(await command(waiting.json.id)).toMatchObject({ state: 'succeeded', attempts: 1 });
    back.stop();
  });

  it('is not kept where nobody asked for it, nor where it could never go out', async () => {
    const { id } = await device();
    expect((await send(id, 'ClearCache', {}, '')).json.code).toBe('charger-offline');
    expect((await send(id, 'Reset', { type: 'Never' })).json.code).toBe('validation');
    expect((await send(id, 'Resets')).json.code).toBe('unknown-action');
    expect((await send(id, 'ClearCache', {}, '?queue=0')).status).toBe(400);
    const password = await send(id, 'ChangeConfiguration', { key: 'AuthorizationKey', value: 'a secret password' });
    expect(password.status).toBe(422);
  });

  it('is refused where too many wait', async () => {
    const { id } = await device();
    await h.db.query(
      `insert into command (tenant_id, station_id, action, payload, state, timeout_ms, due_at, expires_at)
       select 1, $1::int8, 'ClearCache', '{}', 'queued', 1000, now(), now() + interval '1 h' from generate_series(1, 100)`,
      [Number(id)],
    );
    expect((await send(id, 'ClearCache')).json.code).toBe('charger-busy');
    await h.db.query('delete from command where station_id = $1::int8', [Number(id)]);
  });

  it('ends: expired, cancelled', async () => {
    const { identity, id } = await device();
    const late = await send(id, 'ClearCache');
    const cancelled = await send(id, 'ClearCache');
    await h.db.query('update command set expires_at = now() where id = $1::int8', [Number(late.json.id)]);
    await expireJob.run(services, open);
    expect(await command(late.json.id)).toMatchObject({ state: 'expired', reason: 'expired' });
    const gone = await h.call('DELETE', `/api/v1/commands/${cancelled.json.id}`, { as: 'operator' });
    expect([gone.status, gone.json.state]).toEqual([200, 'cancelled']);
    const again = await h.call('DELETE', `/api/v1/commands/${cancelled.json.id}`, { as: 'operator' });
    expect([again.status, again.json.code]).toEqual([409, 'command-not-waiting']);
    const edge = h.edge(identity, yes);
    await online(id);
    await dispatch();
    expect(edge.sent).toEqual([]);
    expect([await ended(late.json.id), await ended(cancelled.json.id)]).toEqual([['expired'], ['cancelled']]);
    edge.stop();
  });

  it.each<[string, (sent: Sent) => CommandReply | undefined, string, string]>([
    ['a no', () => result({ status: 'Rejected' }), 'refused', 'Rejected'],
    [
      'a CALLERROR',
      () => ({ status: 'error', code: 'NotSupported', description: '', details: '{}' }),
      'refused',
      'charger-error',
    ],
    ['a timeout', () => ({ status: 'timeout' }), 'failed', 'unknown-outcome'],
    ['a lost connection', () => ({ status: 'lost' }), 'failed', 'unknown-outcome'],
  ])('ends with %s, and is not sent again', async (_name, reply, state, reason) => {
    const { identity, id } = await device();
    const { json } = await send(id, 'ClearCache');
    const edge = h.edge(identity, reply);
    await online(id);
    await dispatch();
    await hurry();
    await dispatch();
    expect(await command(json.id)).toMatchObject({ state, reason, attempts: 1 });
    expect(edge.sent).toHaveLength(1);
    edge.stop();
  });

  it('runs until the request that it made has ended', async () => {
    const { identity, id } = await device('ocpp2.0.1');
    const { json } = await send(id, 'GetBaseReport', { reportBase: 'FullInventory', requestId: 4 });
    const edge = h.edge(identity, yes);
    await online(id);
    await dispatch();
    const running = await command(json.id);
    expect(running).toMatchObject({ state: 'running', request_id: edge.sent[0]?.payload.requestId });
    expect(running.request_id).not.toBe(4);
    await followJob.run(services, open);
    expect((await command(json.id)).state).toBe('running');
    const done = "update station_request set status = 'complete', ended_at = now() where station_id = $1::int8";
    await h.db.query(done, [Number(id)]);
    await followJob.run(services, open);
    expect(await command(json.id)).toMatchObject({ state: 'succeeded', reason: null });
    edge.stop();
  });
});

describe('a process that is killed', () => {
  it('before it sent loses nothing: the lease runs out, and another sends', async () => {
    const { identity, id } = await device();
    const { json } = await send(id, 'ClearCache');
    await online(id);
    const edge = h.edge(identity, yes);
    const taken =
      "update command_lane set lease_until = now() + interval '1 h', due_at = now() + interval '1 h' where station_id = $1::int8";
    await h.db.query(taken, [Number(id)]);
    await dispatch();
    expect(edge.sent).toEqual([]);
    await h.db.query('update command_lane set lease_until = now(), due_at = now() where station_id = $1::int8', [
      Number(id),
    ]);
    await dispatch();
    expect(edge.sent).toHaveLength(1);
    expect(await command(json.id)).toMatchObject({ state: 'succeeded', attempts: 1 });
    edge.stop();
  });

  it('while it sent: nobody knows, so it is not sent again, and the next one goes out', async () => {
    const { identity, id } = await device();
    const first = await send(id, 'ClearCache');
    const next = await send(id, 'ClearCache');
    await h.db.query("update command set state = 'sending', attempts = 1 where id = $1::int8", [Number(first.json.id)]);
    await online(id);
    const edge = h.edge(identity, yes);
    await dispatch();
    expect(await command(first.json.id)).toMatchObject({ state: 'failed', reason: 'unknown-outcome', attempts: 1 });
    expect(await command(next.json.id)).toMatchObject({ state: 'succeeded' });
    expect(edge.sent).toHaveLength(1);
    edge.stop();
  });

  it('while the charger did what it was told: its word of it counts', async () => {
    const { id } = await device('ocpp2.0.1');
    const { json } = await send(id, 'GetBaseReport', { reportBase: 'FullInventory' });
    const [request] = await h.db.query<{ id: number }>(
      `insert into station_request (tenant_id, station_id, action, request_id, status, payload)
       values (1, $1::int8, 'GetBaseReport', 4711, 'running', '{}') returning id`,
      [Number(id)],
    );
    const sending = "update command set state = 'sending', attempts = 1, request = $2::int8 where id = $1::int8";
    await h.db.query(sending, [Number(json.id), request?.id ?? 0]);
    await dispatch();
    expect((await command(json.id)).state).toBe('running');
    await h.db.query(
      "update station_request set status = 'failed', detail = 'No', ended_at = now() where request_id = 4711",
    );
    await followJob.run(services, open);
    expect(await command(json.id)).toMatchObject({ state: 'failed', reason: 'No' });
  });

  it('says nothing any more where another took over', async () => {
    const { identity, id } = await device();
    const { json } = await send(id, 'ClearCache');
    await online(id);
    let taken = false;
    const edge = h.edge(identity, () => {
      // While the answer is on its way somebody else ends the attempt.
      void h.db.query(
        "update command set state = 'failed', reason = 'unknown-outcome', ended_at = now() where id = $1::int8",
        [Number(json.id)],
      );
      taken = true;
      return undefined;
    });
    await dispatch();
    expect(taken).toBe(true);
    expect(await command(json.id)).toMatchObject({ state: 'failed', reason: 'unknown-outcome' });
    expect(await ended(json.id)).toEqual([]);
    edge.stop();
  });
});

it('goes to one charger one at a time, and to others beside it', async () => {
  const slow = await device();
  const fast = await device();
  for (const { id } of [slow, slow, fast, fast]) await send(id, 'ClearCache');
  let atOnce = 0;
  let most = 0;
  const edges = [slow, fast].map(({ identity }) =>
    h.edge(identity, () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      queueMicrotask(() => (atOnce -= 1));
      return yes();
    }),
  );
  await online(slow.id);
  await online(fast.id);
  await dispatch();
  expect(edges.map(({ sent }) => sent.length)).toEqual([2, 2]);
  for (const edge of edges) edge.stop();
  await offline(slow.id);
});

describe('wait', () => {
  it('answers with the whole of what comes later, or with where to ask', async () => {
    const { identity, id } = await device('ocpp2.0.1');
    let complete = true;
    const edge = h.edge(identity, ({ payload }) => {
      if (complete)
        setTimeout(() => {
          void h.db.query(
            `with r as (update station_request set status = 'complete', ended_at = now(), parts = 1
               where station_id = $1::int8 and request_id = $2::int4 returning id)
             insert into station_request_part select id, 0, '[{"a":1}]', now() from r`,
            [Number(id), Number(payload.requestId)],
          );
        }, 50);
      return yes();
    });
    const whole = await send(id, 'GetBaseReport', { reportBase: 'FullInventory' }, '?wait=20');
    expect(whole.json).toMatchObject({ status: 'answered', request: { status: 'complete', items: [{ a: 1 }] } });
    const polled = await h.call('GET', `/api/v1/devices/${id}/requests/${whole.json.request_id}`, { as: 'operator' });
    expect(whole.json.request).toEqual(polled.json);
    complete = false;
    const open = await send(id, 'GetBaseReport', { reportBase: 'FullInventory' }, '?wait=1');
    expect(open.status).toBe(200);
    expect(open.json.request).toBeUndefined();
    expect(open.json.request_id).toEqual(expect.any(Number));
    edge.stop();
  });
});

it('22: a bus that is away ends nothing: what had not left waits on', async () => {
  const other = await startHarness({ offlineGraceMs: 300 });
  const id = await other.station('BUS', 'ocpp1.6');
  const asked = await other.call('POST', `/api/v1/devices/${id}/commands/ClearCache?queue=600`, { as: 'operator' });
  await other.db.query("update station set online = true, registration = 'accepted'");
  await other.bus.close();
  await dispatchJob.run(other.services, open);
  const seen = await other.call('GET', `/api/v1/commands/${asked.json.id}`, { as: 'operator' });
  expect(seen.json).toMatchObject({ state: 'queued', attempts: 0, reason: 'bus-unavailable' });
  await other.close();
});
