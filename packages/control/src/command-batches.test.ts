/** Commands to many stations: their turns, their progress, their failures, and every way to hold and end them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countJob, dispatchJob, followJob } from './background/commands.js';
import { type Harness, type Json, result, type Sent, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 300, commandTimeoutMs: 2000 });
});
afterAll(() => h.close());

const open = new AbortController().signal;
const dispatch = () => dispatchJob.run(h.services, open);
const follow = () => followJob.run(h.services, open);
/** As if the pause between two counts were over. */
const countUp = async () => {
  await h.db.query("update command_batch set checked_at = now() - interval '1 h' where ended_at is null");
  await countJob.run(h.services, open);
};
/** All turns have come. */
const hurry = () =>
  h.db.query(`with c as (update command set due_at = least(due_at, now()) where state = 'queued')
    update command_lane set due_at = now(), lease_until = null where due_at is not null`);

const post = (path: string, body?: Json, as: 'operator' | 'stranger' = 'operator') =>
  h.call('POST', `/api/v1${path}`, { as, ...(body === undefined ? {} : { body }) });
const batchOf = async (id: unknown) => (await h.call('GET', `/api/v1/command-batches/${id}`, { as: 'operator' })).json;
const commandsOf = async (id: unknown, query = '') =>
  (await h.call('GET', `/api/v1/command-batches/${id}/commands${query}`, { as: 'operator' })).json.items as Json[];
const told = async (kind: string, id: unknown) =>
  (
    await h.db.query<{ payload: Json }>(
      "select payload from outbox where kind = $1::text and payload ->> 'batch_id' = $2::text order by id",
      [kind, String(id)],
    )
  ).map(({ payload }) => payload);

let fleet = 0;
interface Fleet {
  readonly site: string;
  readonly ids: string[];
  readonly sent: { identity: string; sent: Sent }[];
  stop(): void;
}
/** Stations of one site that are there and answer as told. */
async function stations(count: number, answer: (sent: Sent, n: number) => Json, version = 'ocpp2.0.1'): Promise<Fleet> {
  const site = `SITE-${++fleet}`;
  const ids: string[] = [];
  const sent: { identity: string; sent: Sent }[] = [];
  const edges: { stop(): void }[] = [];
  for (let n = 0; n < count; n++) {
    const identity = `${site}-${n}`;
    ids.push(await h.station(identity, version));
    edges.push(
      h.edge(identity, (one) => {
        sent.push({ identity, sent: one });
        return result(answer(one, n));
      }),
    );
  }
  await h.db.query(
    `with made as (insert into site (tenant_id, name) values (1, $1::text) returning id)
     update station set site_id = made.id, online = true, registration = 'accepted' from made
     where station.id = any($2::text::int8[])`,
    [site, `{${ids.join(',')}}`],
  );
  return { site, ids, sent, stop: () => edges.forEach((edge) => void edge.stop()) };
}
const yes = (): Json => ({ status: 'Accepted' });
/** What every station of a fleet says of what it was asked for. */
const report = (ids: readonly string[], status: string, detail: string) =>
  h.db.query(
    `update station_request set status = $2::text, detail = $3::text, ended_at = now()
     where station_id = any($1::text::int8[]) and ended_at is null`,
    [`{${ids.join(',')}}`, status, detail],
  );

beforeEach(() => h.db.query('delete from outbox'));

describe('a batch', () => {
  it('commands each station that its filter finds, once, and tells how far it is', async () => {
    const { site, ids, sent, stop } = await stations(5, yes);
    const made = await post('/command-batches', { action: 'ClearCache', filter: { site, online: true } });
    expect(made.status).toBe(202);
    expect(made.headers.get('location')).toBe(`/api/v1/command-batches/${made.json.id}`);
    expect(made.json).toMatchObject({
      state: 'running',
      total: 5,
      percent: 0,
      counts: { queued: 5 },
      filter: { site },
    });
    await dispatch();
    await dispatch();
    expect(sent.map(({ identity }) => identity).sort()).toEqual([0, 1, 2, 3, 4].map((n) => `${site}-${n}`));
    expect(await batchOf(made.json.id)).toMatchObject({ percent: 100, counts: { succeeded: 5 } });
    await countUp();
    expect(await batchOf(made.json.id)).toMatchObject({ state: 'ended', ended_at: expect.any(String) });
    expect(await told('batch.ended', made.json.id)).toMatchObject([{ state: 'ended', counts: { succeeded: 5 } }]);
    expect(await told('command.ended', made.json.id)).toHaveLength(5);
    expect((await commandsOf(made.json.id, '?state=succeeded&limit=2')).length).toBe(2);
    expect((await commandsOf(made.json.id)).map((one) => one.device_id).sort()).toEqual([...ids].sort());
    const listed = await h.call('GET', '/api/v1/command-batches?limit=1', { as: 'operator' });
    expect(listed.json.items).toMatchObject([{ id: made.json.id, counts: { succeeded: 5 } }]);
    stop();
  });

  it('is refused where it could never be done', async () => {
    const { site, stop } = await stations(1, yes);
    const wrong: [Json, number][] = [
      [{ action: 'Nothing', filter: {} }, 404],
      [{ verb: 'nothing', filter: {} }, 404],
      [{ action: 'Reset', payload: { type: 'Never' }, filter: {} }, 422],
      [{ verb: 'unlock', payload: {}, filter: {} }, 422],
      [{ action: 'ClearCache', verb: 'clear-cache', filter: {} }, 422],
      [{ action: 'ClearCache' }, 422],
      [{ action: 'ClearCache', filter: { site: 'nowhere' } }, 422],
      [{ action: 'ClearCache', filter: { sight: 'x' } }, 422],
      [{ action: 'ClearCache', filter: {}, rate: { per_second: 0 } }, 422],
      [{ verb: 'write-configuration', payload: { items: [{ key: 'AuthorizationKey', value: 'x' }] }, filter: {} }, 422],
    ];
    for (const [body, status] of wrong)
      expect((await post('/command-batches', body)).status, JSON.stringify(body)).toBe(status);
    expect((await post('/command-batches', { action: 'ClearCache', filter: { site } }, 'stranger')).status).toBe(422);
    stop();
  });

  it('says a verb in the words of each version', async () => {
    const old = await stations(1, yes, 'ocpp1.6');
    const young = await stations(1, yes, 'ocpp2.1');
    const filter = { device_ids: [...old.ids, ...young.ids] };
    const { json } = await post('/command-batches', {
      verb: 'display-message',
      payload: { id: 1, text: 'Oi' },
      filter,
    });
    await dispatch();
    expect(young.sent[0]?.sent.action).toBe('SetDisplayMessage');
    const byState = new Map((await commandsOf(json.id)).map((one) => [one.state, one]));
    expect(byState.get('succeeded')).toMatchObject({ verb: 'display-message', action: 'SetDisplayMessage' });
    expect(byState.get('failed')).toMatchObject({ reason: 'not-supported-by-version', attempts: 1 });
    old.stop();
    young.stop();
  });

  it('spreads the turns of its stations by the rate', async () => {
    const { site, sent, stop } = await stations(4, yes);
    const { json } = await post('/command-batches', {
      action: 'ClearCache',
      filter: { site },
      rate: { per_minute: 6 },
    });
    expect(json.rate_per_minute).toBeCloseTo(6);
    const due = (await commandsOf(json.id)).map((one) => Date.parse(String(one.due_at))).sort((a, b) => a - b);
    expect(due.map((at) => at - (due[0] ?? 0))).toEqual([0, 10_000, 20_000, 30_000]);
    await dispatch();
    expect(sent).toHaveLength(1);
    await hurry();
    await dispatch();
    expect(sent).toHaveLength(4);
    stop();
  });

  it('runs until what was asked for has ended, and tries again with fresh requests what failed', async () => {
    const { site, ids, sent, stop } = await stations(3, yes);
    const body = { verb: 'update-firmware', payload: { location: 'https://f/x' }, max_attempts: 2, retry_delay_s: 0 };
    const { json } = await post('/command-batches', { ...body, filter: { site } });
    await dispatch();
    expect(await batchOf(json.id)).toMatchObject({ percent: 0, counts: { running: 3 } });
    await report(ids.slice(0, 1), 'complete', 'Installed');
    await report(ids.slice(1), 'failed', 'DownloadFailed');
    await follow();
    expect(await batchOf(json.id)).toMatchObject({ counts: { succeeded: 1, queued: 2 } });
    await dispatch();
    expect(sent).toHaveLength(5);
    const numbers = sent.map(({ sent: { payload } }) => payload.requestId);
    expect(new Set(numbers).size).toBe(5);
    await report(ids.slice(1, 2), 'complete', 'Installed');
    await report(ids.slice(2), 'failed', 'InstallationFailed');
    await follow();
    expect(await batchOf(json.id)).toMatchObject({ counts: { succeeded: 2, failed: 1 }, percent: 100 });
    const [failed] = await commandsOf(json.id, '?state=failed');
    expect(failed).toMatchObject({ reason: 'InstallationFailed', attempts: 2, action: 'UpdateFirmware' });
    await countUp();
    expect((await batchOf(json.id)).state).toBe('ended');

    const retried = await post(`/command-batches/${json.id}/retry-failed`);
    expect([retried.status, retried.json.state]).toEqual([200, 'running']);
    expect(retried.json.counts).toMatchObject({ queued: 1, succeeded: 2 });
    await dispatch();
    await report(ids, 'complete', 'Installed');
    await follow();
    await countUp();
    expect(await batchOf(json.id)).toMatchObject({ state: 'ended', counts: { succeeded: 3, failed: 0 } });
    expect((await post(`/command-batches/${json.id}/retry-failed`)).json.code).toBe('batch-state');
    stop();
  });

  it('is held, goes on, and ends when it is told to', async () => {
    const { site, sent, stop } = await stations(3, yes);
    const { json } = await post('/command-batches', {
      action: 'ClearCache',
      filter: { site },
      rate: { per_minute: 1 },
    });
    await dispatch();
    expect(sent).toHaveLength(1);
    const at = `/command-batches/${json.id}`;
    expect((await post(`${at}/pause`)).json).toMatchObject({ state: 'paused', reason: 'asked' });
    expect((await post(`${at}/pause`)).json.code).toBe('batch-state');
    await hurry();
    await dispatch();
    expect(sent).toHaveLength(1);
    expect((await post(`${at}/resume`)).json).toMatchObject({ state: 'running', reason: null });
    await hurry();
    await dispatch();
    expect(sent).toHaveLength(3);

    const next = await post('/command-batches', { action: 'ClearCache', filter: { site }, rate: { per_minute: 1 } });
    await dispatch();
    const ended = await post(`/command-batches/${next.json.id}/cancel`);
    expect(ended.json).toMatchObject({ state: 'cancelled', counts: { succeeded: 1, cancelled: 2 } });
    await countUp();
    expect(await batchOf(next.json.id)).toMatchObject({ state: 'cancelled', ended_at: expect.any(String) });
    expect(await told('batch.ended', next.json.id)).toMatchObject([{ state: 'cancelled' }]);
    expect(await told('command.ended', next.json.id)).toHaveLength(3);
    expect((await post(`/command-batches/${next.json.id}/retry-failed`)).json.code).toBe('batch-state');
    stop();
  });

  it('does not try again what was under way when it was cancelled', async () => {
    const { site, ids, stop } = await stations(1, yes);
    const body = { verb: 'update-firmware', payload: { location: 'https://f/x' }, max_attempts: 5, filter: { site } };
    const { json } = await post('/command-batches', body);
    await dispatch();
    await post(`/command-batches/${json.id}/cancel`);
    await report(ids, 'failed', 'DownloadFailed');
    await follow();
    expect(await batchOf(json.id)).toMatchObject({ counts: { failed: 1 } });
    stop();
  });

  it('holds itself where too many fail, and counts anew when it goes on', async () => {
    const { site, sent, stop } = await stations(5, () => ({ status: 'Rejected' }));
    const { json } = await post('/command-batches', {
      ...{ action: 'ClearCache', filter: { site }, rate: { per_minute: 60 }, stop_after_failures: 2 },
    });
    const step = async () => {
      await h.db.query(
        `with c as (update command set due_at = now() where id = (
           select min(id) from command where state = 'queued' and batch_id = $1::int8) returning station_id)
         update command_lane l set due_at = now() from c where l.station_id = c.station_id`,
        [Number(json.id)],
      );
      await dispatch();
    };
    await step();
    expect((await batchOf(json.id)).state).toBe('running');
    await step();
    expect(await batchOf(json.id)).toMatchObject({ state: 'paused', reason: 'failures' });
    const before = sent.length;
    await step();
    expect(sent.length).toBe(before);
    await post(`/command-batches/${json.id}/resume`);
    await step();
    expect((await batchOf(json.id)).state).toBe('running');
    await step();
    expect((await batchOf(json.id)).state).toBe('paused');
    stop();
  });

  it('sends again what may have arrived only where it says so', async () => {
    for (const retry_unknown of [false, true]) {
      const site = `UNKNOWN-${retry_unknown}`;
      const id = await h.station(site, 'ocpp2.0.1');
      await h.db.query(
        `with made as (insert into site (tenant_id, name) values (1, $1::text) returning id)
         update station set site_id = made.id, online = true, registration = 'accepted' from made
         where station.id = $2::int8`,
        [...[site, Number(id)]],
      );
      const edge = h.edge(site, () => ({ status: 'timeout' }));
      const body = { action: 'ClearCache', filter: { site }, max_attempts: 3, retry_delay_s: 0, retry_unknown };
      const { json } = await post('/command-batches', body);
      for (let n = 0; n < 4; n++) await dispatch();
      expect(edge.sent).toHaveLength(retry_unknown ? 3 : 1);
      expect(await commandsOf(json.id)).toMatchObject([{ state: 'failed', reason: 'unknown-outcome' }]);
      edge.stop();
    }
  });
});
