/** The driver's own API: tokens, codes on stations, sessions, receipts, what is held of them, and to be forgotten. */
import { PERSONAL } from '@sigec/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { erasures } from './background/erasures.js';
import { HELD } from './driver/held.js';
import { type Harness, type Json, PASSWORD, result, startHarness } from './testing/harness.js';
import { mailOf } from './testing/mailbox.js';

const API = '/api/v1';
const CPF = '529.982.247-25';
let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 50, commandTimeoutMs: 2000, publicUrl: 'https://carrega.example' });
});
afterAll(() => h.close());

type Who = 'admin' | 'operator' | 'user' | 'stranger';
const ask = (as: Who | undefined, method: string, path: string, body?: unknown) =>
  h.call(method, `${API}${path}`, { as, body });

let count = 0;
/** A driver of their own, and how they ask. */
async function driver() {
  const email = `driver-${++count}@example.test`;
  const made = await ask('admin', 'POST', '/users', { name: 'Ana', email, role: 'user', password: PASSWORD });
  const login = async () => (await h.call('POST', `${API}/auth/login`, { body: { email, password: PASSWORD } })).json;
  const pair = await login();
  const call = (method: string, path: string, body?: unknown) =>
    h.call(method, `${API}${path}`, { body, headers: { authorization: `Bearer ${pair.token}` } });
  return { id: String(made.json.id), email, call, login, pair };
}

/** A station with one connector. */
async function charger(identity: string, version = 'ocpp2.0.1'): Promise<string> {
  const id = await h.station(identity, version);
  await h.db.query(
    `insert into connector (station_id, evse_id, connector_id, type, max_power_w, ocpp_status, status, status_at)
     values ($1::int8, 1, 1, 'CCS', 50000, 'Available', 'Available', now())`,
    [Number(id)],
  );
  return id;
}

/** Of a register, mWh. */
const reading = (mWh: number, role: 0 | 1) => JSON.stringify({ at: Date.now() + role, mWh, role });

async function begin(
  stationId: string,
  userId: string,
  token = 'X',
  remoteStartId: number | null = null,
): Promise<string> {
  const [made] = await h.db.query<{ id: number }>(
    `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, id_token, user_id,
       remote_start_id, status, started_at, currency, register, tariff, energy_mwh, cost_minor)
     values (1, $1::int8, 1, 1, 'ocpp2.0.1', $2::text, $3::text, $4::uuid, $5::int4, 'charging', now(), 'BRL',
       json_build_object('first', $6::json, 'second', $7::json, 'last', $7::json, 'highest', $7::json),
       '{"currency":"BRL","perKwhMinor":75}', 2000000, 150) returning id`,
    [Number(stationId), `drivers-${++count}`, token, userId, remoteStartId, reading(0, 0), reading(2_000_000, 1)],
  );
  return String(made?.id);
}
const end = (id: string) =>
  h.db.query("update transaction set ended_at = now(), status = 'completed' where id = $1::int8", [Number(id)]);

describe('tokens', () => {
  it('of a driver: a card and the virtual one, named, blocked when lost, given up', async () => {
    const { call } = await driver();
    const virtual = (await call('POST', '/me/id-tokens', {})).json;
    expect(virtual).toMatchObject({
      kind: 'virtual',
      status: 'active',
      value: expect.stringMatching(/^U[A-Z2-7]{19}$/),
    });
    expect((await call('POST', '/me/id-tokens', {})).json).toEqual(virtual);
    const card = (await call('POST', '/me/id-tokens', { value: '04A1B2C3', name: 'Chaveiro' })).json;
    expect(card).toMatchObject({ kind: 'card', name: 'Chaveiro', blocked_by_operator: false });
    expect((await call('POST', '/me/id-tokens', { value: '04a1b2c3' })).json.code).toBe('id-token-taken');
    for (const value of ['abc', 'A'.repeat(21), 'with blank', '<b>x</b>'])
      expect((await call('POST', '/me/id-tokens', { value })).status, value).toBe(422);
    expect((await call('GET', '/me/id-tokens')).json.items).toEqual([virtual, card]);

    const path = `/me/id-tokens/${card.id}`;
    expect((await call('PATCH', path, { status: 'blocked', name: null })).json).toMatchObject({
      ...{ status: 'blocked', name: null, blocked_by_operator: false },
    });
    expect((await call('PATCH', path, { status: 'active' })).json).toMatchObject({ status: 'active' });
    await ask('operator', 'PATCH', `/id-tokens/${card.id}`, { status: 'blocked' });
    expect((await call('PATCH', path, { status: 'active' })).json.code).toBe('token-held');
    expect((await call('DELETE', path)).json.code).toBe('token-held');
    await ask('operator', 'PATCH', `/id-tokens/${card.id}`, { status: 'active' });
    expect((await (await driver()).call('DELETE', path)).status).toBe(404);
    expect((await call('DELETE', path)).status).toBe(204);
  });

  it('are given to drivers by operators, of their own tenant', async () => {
    const { id, call } = await driver();
    const made = await ask('operator', 'POST', '/id-tokens', { value: 'FLEET7', group_id: 'FROTA', user_id: id });
    expect(made).toMatchObject({ status: 201, json: { user_id: id } });
    expect(((await call('GET', '/me/id-tokens')).json.items as Json[]).map(({ value }) => value)).toEqual(['FLEET7']);
    expect((await ask('operator', 'GET', `/id-tokens?user_id=${id}&group_id=FROTA`)).json.items).toEqual([made.json]);
    expect((await ask('operator', 'GET', '/id-tokens?value=fleet7')).json.items).toEqual([made.json]);
    expect((await ask('operator', 'GET', '/id-tokens?value=FLEET')).json.items).toEqual([]);
    const path = `/id-tokens/${made.json.id}`;
    const strange = await ask('operator', 'PATCH', path, { user_id: h.userIds.stranger });
    expect(strange).toMatchObject({ status: 422, json: { errors: [{ field: 'user_id' }] } });
    expect((await ask('operator', 'PATCH', path, { user_id: null })).json.user_id).toBeNull();
    expect((await call('GET', '/me/id-tokens')).json.items).toEqual([]);
  });
});

describe('a code on a station', () => {
  it('says to anybody what is there, and starts there', async () => {
    const { id: userId, call } = await driver();
    const id = await charger('CODE-1');
    expect((await ask('operator', 'GET', `/devices/${id}/connect-codes`)).json.items).toEqual([]);
    const made = (await ask('operator', 'POST', `/devices/${id}/connect-codes`)).json.items as Json[];
    const code = String(made[0]?.code);
    expect(made).toEqual([
      {
        ...{ code, evse_id: 1, connector_id: 1 },
        qr_text: `https://carrega.example/connect/${code}`,
        created_at: expect.any(String),
      },
    ]);
    const seen = await ask(undefined, 'GET', `/connect/${code.toLowerCase()}`);
    expect(seen.json).toEqual({
      ...{ code, operator: 'SIGEC', device_id: id, name: null, site: null, address: null, evse_id: 1, connector_id: 1 },
      ...{ type: 'CCS', max_power_w: 50_000, online: false, status: 'Unavailable' },
      tariff: {
        ...{ id: null, version: null, name: null, currency: 'BRL', per_kwh_minor: 75 },
        description: { pt_br: 'Energia: R$ 0,75 por kWh.', en: 'Energy: R$0.75 per kWh.' },
      },
    });
    // All that it costs, not the energy alone; and where it is, which its site knows.
    const site = (await ask('operator', 'POST', '/sites', { name: 'Code site', address: 'Av. Brasil, 9' })).json;
    await ask('operator', 'PATCH', `/devices/${id}`, { site_id: site.id });
    const terms = { currency: 'BRL', per_kwh_minor: 90, session_fee_minor: 300, idle: { per_minute_minor: 50 } };
    const priced = (await ask('operator', 'POST', '/tariffs', { name: 'Rua', ...terms })).json;
    await ask('operator', 'PUT', '/tariff-assignments', { tariff_id: priced.id, device_id: id });
    expect((await ask(undefined, 'GET', `/connect/${code}`)).json).toMatchObject({
      ...{ site: 'Code site', address: 'Av. Brasil, 9' },
      tariff: { ...terms, description: { pt_br: expect.stringContaining('Taxa por sessão: R$ 3,00') } },
    });
    await ask('operator', 'PATCH', `/devices/${id}`, { location: { address: 'Vaga 3' } });
    expect((await ask(undefined, 'GET', `/connect/${code}`)).json.address).toBe('Vaga 3');
    await h.db.query('update station set online = true where id = $1::int8', [Number(id)]);
    expect((await ask(undefined, 'GET', `/connect/${code}`)).json).toMatchObject({ online: true, status: 'Available' });

    const edge = h.edge('CODE-1', ({ payload }) => {
      const { idToken } = payload.idToken as { idToken: string };
      setTimeout(() => void begin(id, userId, idToken, Number(payload.remoteStartId)), 50);
      return result({ status: 'Accepted' });
    });
    const begun = await call('POST', '/transactions/start', { code });
    expect(begun).toMatchObject({ status: 201, json: { device_id: id, evse_id: 1, user_id: userId } });
    expect(edge.sent[0]?.payload).toMatchObject({ evseId: 1 });
    edge.stop();

    // A stranger's tenant has no such code, and two ways to say where are one too many.
    expect((await ask('stranger', 'POST', '/transactions/start', { code })).json).toMatchObject({
      ...{ status: 404, errors: [{ field: 'code' }] },
    });
    for (const [body, field] of [
      [{ code, device_id: id }, 'code'],
      [{ evse_id: 1 }, 'device_id'],
      [{ device_id: id }, 'evse_id'],
    ] as const)
      expect((await call('POST', '/transactions/start', body)).json, field).toMatchObject({
        ...{ status: 422, errors: [{ field }] },
      });
    await ask('operator', 'POST', `/devices/${id}/connect-codes/rotate`, { evse_id: 1 });
    expect((await ask(undefined, 'GET', `/connect/${code}`)).status).toBe(404);
    expect((await call('POST', '/transactions/start', { code })).status).toBe(404);
  });
});

describe('a station that is not shown to drivers', () => {
  it('is not there for them by its number, and there for who stands before it', async () => {
    const { call } = await driver();
    const id = await charger('HIDDEN-1');
    const [made] = (await ask('operator', 'POST', `/devices/${id}/connect-codes`)).json.items as Json[];
    const edge = h.edge('HIDDEN-1', () => result({ status: 'Rejected' }));
    const numbered = () => call('POST', '/transactions/start', { device_id: id, evse_id: 1 });
    expect(await numbered()).toMatchObject({ status: 404, json: { errors: [{ field: 'device_id' }] } });
    expect(edge.sent).toEqual([]);
    expect((await call('POST', '/transactions/start', { code: made?.code })).json.code).toBe('start-rejected');
    await ask('operator', 'PATCH', `/devices/${id}`, { published: true });
    expect((await numbered()).json.code).toBe('start-rejected');
    edge.stop();
  });
});

describe('sessions of a driver', () => {
  it('are shown as they run, with cost and power, and nobody else’s', async () => {
    const { id: userId, call } = await driver();
    const stationId = await charger('LIVE-1');
    const old = await begin(stationId, userId);
    await end(old);
    const running = await begin(stationId, userId);
    const other = await begin(stationId, h.userIds.user);
    await h.db.query(
      `insert into meter_value (transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, samples)
       values ($1::int8, $2::int8, 1, 1, now(), now(), '[{"measurand":"Power.Active.Import","value":7.4,"unit":"kW"}]')`,
      [Number(running), Number(stationId)],
    );
    const items = async (query: string) => (await call('GET', `/me/transactions${query}`)).json.items as Json[];
    expect(await items('')).toMatchObject([
      { id: running, power_w: 7400, power_at: expect.any(String), cost: { amount_minor: 150 }, energy_wh: 2000 },
      { id: old, power_w: null, power_at: null },
    ]);
    expect((await items('?active=true')).map(({ id }) => id)).toEqual([running]);
    expect((await items('?active=false')).map(({ id }) => id)).toEqual([old]);
    expect((await call('POST', `/transactions/${other}/stop`)).status).toBe(404);
    // Also an operator's own are their own.
    expect((await ask('operator', 'GET', '/me/transactions')).json.items).toEqual([]);
  });
});

describe('who stopped a session', () => {
  it('is told to its driver where it was a card of theirs, and not whose card it was else', async () => {
    const { id: userId, call } = await driver();
    await call('POST', '/me/id-tokens', { value: 'SECOND1' });
    const id = await begin(await charger('STOPPED-1'), userId);
    const stopToken = async (ask: () => Promise<{ json: Json }>) => ((await ask()).json.detail as Json).stop_token;
    const byDriver = () => call('GET', `/transactions/${id}`);
    await h.db.query('insert into transaction_detail (transaction_id, stop_token) values ($1::int8, $2::text)', [
      Number(id),
      'second1',
    ]);
    expect(await stopToken(byDriver)).toBe('second1');
    await h.db.query("update transaction_detail set stop_token = 'NEIGHBOUR' where transaction_id = $1::int8", [
      Number(id),
    ]);
    expect(await stopToken(byDriver)).toBeNull();
    expect(await stopToken(() => ask('operator', 'GET', `/transactions/${id}`))).toBe('NEIGHBOUR');
  });
});

describe('a receipt', () => {
  it('is made when it is asked for, with who bought, and is the same for ever', async () => {
    const { id: userId, call } = await driver();
    expect((await call('PATCH', '/me', { tax_id: '529.982.247-26' })).json).toMatchObject({
      ...{ status: 422, errors: [{ field: 'tax_id' }] },
    });
    expect((await call('PATCH', '/me', { tax_id: CPF })).json).toMatchObject({ tax_id: '52998224725', name: 'Ana' });
    const stationId = await charger('RECEIPT-1');
    await h.db.query("update station set serial_number = 'SN-9', address = 'Rua A, 1' where id = $1::int8", [
      Number(stationId),
    ]);
    const id = await begin(stationId, userId);
    const path = `/transactions/${id}/receipt`;
    expect((await call('GET', path)).json).toMatchObject({ status: 409, code: 'still-charging' });
    await end(id);
    const made = (await call('GET', path)).json;
    expect(made).toMatchObject({
      number: expect.any(Number),
      operator: { name: 'SIGEC' },
      customer: { name: 'Ana', tax_id: '52998224725', tax_id_kind: 'cpf' },
      ...{ transaction_id: id, device_id: stationId, device_identity: 'RECEIPT-1', evse_id: 1, energy_wh: 2000 },
      station: { serial_number: 'SN-9', address: 'Rua A, 1' },
      lines: [{ kind: 'energy', energy_wh: 2000, price_minor: 75, amount: { amount_minor: 150, currency: 'BRL' } }],
      total: { amount_minor: 150, currency: 'BRL' },
    });
    // Whatever changes after: it is what was given.
    await call('PATCH', '/me', { name: 'Outra', tax_id: null });
    await h.db.query('update transaction set cost_minor = 1 where id = $1::int8', [Number(id)]);
    expect((await call('GET', path)).json).toEqual(made);
    expect((await ask('operator', 'GET', path)).json).toEqual(made);
    expect((await ask('user', 'GET', path)).status).toBe(404);
    // A station that has no address stands where its site does.
    const site = (await ask('operator', 'POST', '/sites', { name: 'Receipt site', address: 'Rua B, 2' })).json;
    await ask('operator', 'PATCH', `/devices/${stationId}`, { site_id: site.id, location: { address: null } });
    const next = await begin(stationId, userId);
    await end(next);
    expect((await call('GET', `/transactions/${next}/receipt`)).json).toMatchObject({
      station: { site: 'Receipt site', address: 'Rua B, 2' },
      ...{ number: Number(made.number) + 1, customer: { name: 'Outra', tax_id: null, tax_id_kind: null } },
    });
  });
});

describe('what is held of a person', () => {
  it('is given to them with words for each part', async () => {
    const { email, call } = await driver();
    await call('POST', '/me/id-tokens', { value: 'EXPORT1' });
    const { json } = await call('GET', '/me/data-export');
    const parts = json.parts as Record<string, { description: Json; items: Json[] }>;
    expect(json.description).toMatchObject({ pt: expect.any(String), en: expect.any(String) });
    expect(parts.app_user?.items).toMatchObject([{ email }]);
    expect(parts.id_token?.items).toMatchObject([{ value: 'EXPORT1' }]);
    const shown = Object.entries(PERSONAL).filter(([, { read }]) => read !== undefined);
    expect(Object.keys(HELD).sort()).toEqual(shown.map(([table]) => table).sort());
    expect(Object.keys(parts).sort()).toEqual(Object.keys(HELD).sort());
  });

  it('is gone when they ask and show that it is them, and sessions end', async () => {
    const { id, email, call, login, pair } = await driver();
    const card = (await call('POST', '/me/id-tokens', { value: `GONE${count}` })).json;
    const stationId = await charger('ERASE-1');
    await ask('operator', 'PATCH', `/devices/${stationId}`, { published: true });
    const running = await begin(stationId, id, String(card.value));
    expect((await call('POST', '/me/erasure', { password: PASSWORD })).json.code).toBe('still-charging');
    await end(running);
    const receipt = (await call('GET', `/transactions/${running}/receipt`)).json;
    for (const [body, field] of [
      [{ password: 'wrong' }, 'password'],
      [{ token: 'wrong' }, 'token'],
      [{}, 'password'],
    ] as const)
      expect((await call('POST', '/me/erasure', body)).json, field).toMatchObject({ status: 422, errors: [{ field }] });
    expect((await call('POST', '/me/erasure', { password: PASSWORD })).status).toBe(204);

    expect((await login()).code).toBe('invalid-credentials');
    const refreshed = await h.call('POST', `${API}/auth/refresh`, { body: { refresh_token: pair.refresh_token } });
    expect(refreshed.status).toBe(401);
    // What is left of a login for some minutes makes nothing anew.
    expect((await call('POST', '/me/id-tokens', {})).status).toBe(403);
    expect((await call('POST', '/transactions/start', { device_id: stationId, evse_id: 1 })).status).toBe(403);
    expect((await call('PATCH', '/me', { name: 'Again' })).json).toMatchObject({ name: 'erased', tax_id: null });
    const seen = (await ask('operator', 'GET', `/transactions/${running}`)).json;
    expect(seen).toMatchObject({ id_token: 'erased', user_id: id, cost: { amount_minor: 150 } });
    expect((await ask('operator', 'GET', `/transactions/${running}/receipt`)).json).toEqual(receipt);
    const person = (await ask('admin', 'GET', `/users/${id}`)).json;
    expect(person).toMatchObject({ name: 'erased', status: 'inactive', password: false });
    expect(JSON.stringify(person)).not.toContain(email);
    const trail = (await ask('admin', 'GET', `/audit-entries?user_id=${id}`)).json.items as Json[];
    expect(trail[0]).toMatchObject({ action: 'user.erased', actor_id: id, detail: {} });
    // The address is free.
    const again = await ask('admin', 'POST', '/users', { name: 'Nova', email, role: 'user', password: PASSWORD });
    expect(again.status).toBe(201);
  });

  it('is gone by a code from the mail too, and by an operator for a driver who asks', async () => {
    const { email, call } = await driver();
    expect((await call('POST', '/me/erasure/ask')).status).toBe(202);
    const [mail] = (await mailOf(h, email)).filter(({ kind }) => kind === 'erasure');
    const other = await driver();
    expect((await other.call('POST', '/me/erasure', { token: mail?.token })).status).toBe(422);
    expect((await call('POST', '/me/erasure', { token: mail?.token })).status).toBe(204);

    expect((await ask('operator', 'POST', `/users/${other.id}/erasure`)).status).toBe(204);
    expect((await ask('operator', 'POST', `/users/${other.id}/erasure`)).status).toBe(404);
    expect((await ask('admin', 'POST', `/users/${h.userIds.operator}/erasure`)).status).toBe(404);
    await h.db.query('update erasure set due_at = now()');
    const never = new AbortController().signal;
    while (await erasures.run(h.services, never));
    expect(await h.db.query('select 1 from erasure where done_at is null')).toEqual([]);
  });
});
