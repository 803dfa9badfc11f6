import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, type Json, result, type Sent, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 300, commandTimeoutMs: 1500 });
});
afterAll(() => h.close());

interface Begin {
  stationId: string;
  version?: string;
  name: string;
  token?: string | null;
  userId?: string | null;
  remoteStartId?: number | null;
}

/** What the worker would write. */
async function begin(t: Begin): Promise<number> {
  const rows = await h.db.query<{ id: number }>(
    `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, id_token,
       user_id, remote_start_id, status, started_at, currency, register, tariff, meter_start_mwh)
     values (1, $1, 1, 1, $2, $3, $4, $5::text::uuid, $6, 'started', '2026-01-01T10:00:00Z', 'BRL', '{}',
       '{"currency":"BRL","perKwhMinor":75}', 1000500) returning id`,
    [Number(t.stationId), t.version ?? 'ocpp1.6', t.name, t.token ?? null, t.userId ?? null, t.remoteStartId ?? null],
  );
  return rows[0]?.id ?? 0;
}

const end = (id: number) =>
  h.db.query(
    `update transaction set status = 'completed', ended_at = '2026-01-01T11:00:00Z', stop_reason = 'Remote',
       meter_stop_mwh = 11001500, energy_mwh = 10001000, cost_minor = 750 where id = $1`,
    [id],
  );

const start = (as: 'operator' | 'user', body: Json) => h.call('POST', '/api/v1/transactions/start', { as, body });
const stop = (as: 'operator' | 'user' | 'stranger', id: number) =>
  h.call('POST', `/api/v1/transactions/${id}/stop`, { as });
const later = (work: () => Promise<unknown>) => setTimeout(() => void work(), 150);

describe('start', () => {
  it('1.6: waits for the StartTransaction of this connector and token', async () => {
    const stationId = await h.station('S16');
    await begin({ stationId, name: '1', token: 'TAG' });
    const edge = h.edge('S16', ({ payload }: Sent) => {
      later(() => begin({ stationId, name: '2', token: String(payload.idTag).toLowerCase() }));
      return result({ status: 'Accepted' });
    });
    const answer = await start('operator', { device_id: stationId, evse_id: 1, id_token: 'TAG' });
    expect(answer.status).toBe(201);
    expect(edge.sent[0]).toMatchObject({
      action: 'RemoteStartTransaction',
      payload: { connectorId: 1, idTag: 'TAG' },
    });
    expect(answer.json).toEqual({
      id: expect.stringMatching(/^\d+$/),
      device_id: stationId,
      device_identity: 'S16',
      evse_id: 1,
      connector_id: 1,
      ocpp_transaction_id: '2',
      ocpp_version: 'ocpp1.6',
      id_token: 'tag',
      user_id: null,
      status: 'started',
      start_time: '2026-01-01T10:00:00.000Z',
      end_time: null,
      meter_start_wh: 1000.5,
      meter_stop_wh: null,
      energy_wh: 0,
      cost: { amount_minor: 0, currency: 'BRL' },
      tariff: { currency: 'BRL', per_kwh_minor: 75 },
      stop_reason: null,
      flags: [],
    });
    edge.stop();
  });

  it('2.x: waits for the remoteStartId that was sent, with the own token of whoever asks', async () => {
    const stationId = await h.station('S201', 'ocpp2.0.1');
    await h.db.query('update station set published = true where id = $1::int8', [Number(stationId)]);
    const edge = h.edge('S201', ({ payload }: Sent) => {
      const remoteStartId = Number(payload.remoteStartId);
      const { idToken } = payload.idToken as { idToken: string };
      later(async () => {
        await begin({ stationId, version: 'ocpp2.0.1', name: 'other', token: idToken, remoteStartId: 1 });
        const userId = h.userIds.user;
        await begin({ stationId, version: 'ocpp2.0.1', name: 'mine', token: idToken, userId, remoteStartId });
      });
      return result({ status: 'Accepted' });
    });
    const answer = await start('user', { device_id: stationId, evse_id: 1 });
    expect([answer.status, answer.json.ocpp_transaction_id]).toEqual([201, 'mine']);
    expect(edge.sent[0]).toMatchObject({
      action: 'RequestStartTransaction',
      payload: { evseId: 1, idToken: { idToken: expect.stringMatching(/^U[A-Z2-7]{19}$/), type: 'Central' } },
    });
    edge.stop();
  });

  it('says 202 where the charger accepted and nothing began', async () => {
    const stationId = await h.station('S202');
    const edge = h.edge('S202', () => result({ status: 'Accepted' }));
    const answer = await start('operator', { device_id: stationId, evse_id: 1, id_token: 'TAG' });
    expect([answer.status, answer.json]).toEqual([202, { id: null, status: 'accepted' }]);
    edge.stop();
  });

  it('says who refused: the charger, the token list, or the rules', async () => {
    const stationId = await h.station('S409');
    await h.db.query('update station set published = true where id = $1::int8', [Number(stationId)]);
    const edge = h.edge('S409', () => result({ status: 'Rejected' }));
    const body = { device_id: stationId, evse_id: 1 };
    expect((await start('operator', { ...body, id_token: 'TAG' })).json).toMatchObject({
      status: 409,
      code: 'start-rejected',
      response: { status: 'Rejected' },
    });
    await h.call('POST', '/api/v1/id-tokens', { as: 'operator', body: { value: 'BAD', status: 'blocked' } });
    const blocked = await start('operator', { ...body, id_token: 'bad' });
    expect([blocked.json.code, blocked.json.id_token_status]).toEqual(['start-rejected', 'Blocked']);
    // What the charger would be told once it has begun is said before it begins.
    const limited = async (value: string, limits: Json) => {
      await h.call('POST', '/api/v1/id-tokens', { as: 'operator', body: { value, ...limits } });
      return (await start('operator', { ...body, id_token: value })).json.id_token_status;
    };
    expect(await limited('ELSEWHERE', { limits: { sites: ['Another'] } })).toBe('NotAtThisLocation');
    const other = await h.station('S409-2');
    await begin({ stationId: other, name: 'one', token: 'ONCE' });
    expect(await limited('ONCE', { max_concurrent: 1 })).toBe('ConcurrentTx');
    expect((await start('user', { ...body, id_token: 'TAG' })).status).toBe(403);
    const long = await start('operator', { ...body, id_token: 'x'.repeat(21) });
    expect([long.status, long.json.code]).toEqual([422, 'validation']);
    expect((await start('operator', { device_id: '999999', evse_id: 1 })).status).toBe(404);
    expect((await start('operator', { device_id: stationId, evse_id: 0 })).status).toBe(422);
    expect(edge.sent).toHaveLength(1);
    edge.stop();
    expect((await start('operator', { ...body, id_token: 'TAG' })).json.code).toBe('charger-offline');
  });
});

describe('stop', () => {
  it('1.6: sends the number and waits for the end', async () => {
    const stationId = await h.station('P16');
    const id = await begin({ stationId, name: '4711' });
    const edge = h.edge('P16', () => {
      later(() => end(id));
      return result({ status: 'Accepted' });
    });
    const answer = await stop('operator', id);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      id: String(id),
      status: 'completed',
      total_energy: 10001,
      energy_wh: 10001,
      cost: { amount_minor: 750, currency: 'BRL' },
      end_time: '2026-01-01T11:00:00.000Z',
      stop_reason: 'Remote',
    });
    expect(edge.sent[0]).toMatchObject({ action: 'RemoteStopTransaction', payload: { transactionId: 4711 } });
    expect((await stop('operator', id)).status).toBe(200);
    expect(edge.sent).toHaveLength(1);
    edge.stop();
  });

  it('2.x: 202 where it still runs, 409 where the charger refuses', async () => {
    const stationId = await h.station('P201', 'ocpp2.1');
    const id = await begin({ stationId, version: 'ocpp2.1', name: 'tx-9' });
    let status = 'Accepted';
    const edge = h.edge('P201', () => result({ status }));
    const running = await stop('operator', id);
    expect([running.status, running.json.status, running.json.end_time]).toEqual([202, 'started', null]);
    expect(edge.sent[0]).toMatchObject({ action: 'RequestStopTransaction', payload: { transactionId: 'tx-9' } });
    status = 'Rejected';
    expect((await stop('operator', id)).json.code).toBe('stop-rejected');
    edge.stop();
  });
});

describe('reading', () => {
  it('shows drivers their own, operators the tenant, strangers nothing', async () => {
    const stationId = await h.station('R1');
    const mine = await begin({ stationId, name: 'm', userId: h.userIds.user });
    const other = await begin({ stationId, name: 'o' });
    await end(other);
    const ids = async (as: 'operator' | 'user' | 'stranger', path: string) => {
      const { json } = await h.call('GET', `/api/v1/transactions/${path}`, { as });
      return (json.items as Json[]).map(({ id }) => Number(id));
    };
    const query = `?device_id=${stationId}`;
    expect(await ids('user', `history${query}`)).toEqual([mine]);
    expect(await ids('operator', `history${query}`)).toEqual([other, mine]);
    expect(await ids('operator', `history${query}&user=${h.userIds.user}`)).toEqual([mine]);
    expect(await ids('operator', `active${query}`)).toEqual([mine]);
    expect(await ids('stranger', `history${query}`)).toEqual([]);
    expect(await ids('operator', `history${query}&from=2026-01-01T07:00:00-03:00`)).toEqual([other, mine]);
    expect(await ids('operator', `history${query}&to=2026-01-01T10:00:00Z`)).toEqual([]);
    const one = await h.call('GET', `/api/v1/transactions/history${query}&limit=1`, { as: 'operator' });
    expect(await ids('operator', `history${query}&limit=1&cursor=${one.json.next_cursor}`)).toEqual([mine]);
    const get = (as: 'user' | 'operator', id: number) => h.call('GET', `/api/v1/transactions/${id}`, { as });
    expect((await get('user', mine)).json.user_id).toBe(h.userIds.user);
    expect((await get('user', other)).status).toBe(404);
    expect((await stop('user', other)).status).toBe(404);
    expect((await stop('stranger', mine)).status).toBe(404);
    expect((await get('operator', other)).json.energy_wh).toBe(10001);
    for (const bad of ['history?from=yesterday', 'history?user=me', 'active?device_id=x', 'x'])
      expect((await h.call('GET', `/api/v1/transactions/${bad}`, { as: 'operator' })).status, bad).toBe(400);
  });
});
