/** Tokens with limits, local lists kept in step, reservations, vendors' messages: by REST, over an edge that answers as told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listChecks, localLists, reservationExpiry } from './background/authorisation.js';
import type { Services } from './context.js';
import { type Harness, type Json, result, type Sent, startHarness } from './testing/harness.js';

const API = '/api/v1';
let h: Harness;
let services: Services;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 50, commandTimeoutMs: 2000 });
  services = h.services;
});
afterAll(() => h.close());

let count = 0;
async function device(version: string): Promise<{ identity: string; id: string }> {
  const identity = `AUTH-${++count}`;
  const id = await h.station(identity, version);
  await h.db.query(
    "update station set online = true, registration = 'accepted', connected_at = now() where id = $1::int8",
    [Number(id)],
  );
  return { identity, id };
}
const ask = (method: string, path: string, body?: unknown) => h.call(method, `${API}${path}`, { as: 'operator', body });
const token = async (value: string, more: Json = {}) =>
  Number((await ask('POST', '/id-tokens', { value, ...more })).json.id);
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const never = new AbortController().signal;
const events = (kind: string) =>
  h.db.query<{ payload: Json }>('select payload from outbox where kind = $1 order by id', [kind]);

describe('id tokens', () => {
  it('have limits, which are checked and shown', async () => {
    const limits = {
      device_ids: ['7'],
      sites: ['North'],
      connector_types: ['CCS'],
      hours: [{ days: [1, 5], from: '08:00', to: '18:00' }],
      time_zone: 'America/Bahia',
    };
    const body = { value: 'LIMITED', max_concurrent: 1, limits, local_list: false };
    const made = await ask('POST', '/id-tokens', body);
    expect(made).toMatchObject({ status: 201, json: body });
    const id = String(made.json.id);
    const patched = await ask('PATCH', `/id-tokens/${id}`, { limits: null, max_concurrent: null, local_list: true });
    expect(patched.json).toMatchObject({ limits: null, max_concurrent: null, local_list: true });
    for (const wrong of [
      { max_concurrent: 0 },
      { limits: { hours: [{ from: '8', to: '9' }] } },
      { limits: { time_zone: 'Mars/Base' } },
      { limits: { sites: [] } },
    ])
      expect((await ask('PATCH', `/id-tokens/${id}`, wrong)).status, JSON.stringify(wrong)).toBe(422);
  });
});

/** A charger of either family that keeps a list, and says what a test wants. */
function listKeeper(is16: boolean) {
  const state = {
    version: 0,
    items: 3,
    list: new Map<string, Json>(),
    say: undefined as string | undefined,
    sent: [] as Sent[],
  };
  const answer = ({ action, payload }: Sent) => {
    if (action === 'GetConfiguration')
      return result({
        configurationKey: [
          { key: 'SendLocalListMaxLength', readonly: true, value: String(state.items) },
          { key: 'LocalAuthListEnabled', readonly: false, value: 'false' },
        ],
      });
    if (action === 'GetVariables') {
      const [items] = payload.getVariableData as Json[];
      return result({
        getVariableResult: [{ ...items, attributeStatus: 'Accepted', attributeValue: String(state.items) }],
      });
    }
    if (action === 'GetLocalListVersion')
      return result(is16 ? { listVersion: state.version } : { versionNumber: state.version });
    if (action !== 'SendLocalList') return result({ status: 'Accepted' });
    state.sent.push({ action, payload } as Sent);
    if (state.say !== undefined) return result({ status: state.say });
    const version = Number(is16 ? payload.listVersion : payload.versionNumber);
    if (payload.updateType === 'Differential' && version <= state.version) return result({ status: 'VersionMismatch' });
    if (payload.updateType === 'Full') state.list.clear();
    for (const entry of (payload.localAuthorizationList ?? []) as Json[]) {
      const name = String(is16 ? entry.idTag : (entry.idToken as Json).idToken);
      const info = (is16 ? entry.idTagInfo : entry.idTokenInfo) as Json | undefined;
      if (info === undefined) state.list.delete(name);
      else state.list.set(name, info);
    }
    state.version = version;
    return result({ status: 'Accepted' });
  };
  return { state, answer };
}

describe.each(['ocpp1.6', 'ocpp2.0.1'])('a local list of %s', (version) => {
  const is16 = version === 'ocpp1.6';

  it('is sent whole in parts, then what changed, then whole again where the charger lost count', async () => {
    await h.db.query('delete from id_token');
    const { identity, id } = await device(version);
    const keeper = listKeeper(is16);
    const edge = h.edge(identity, keeper.answer);
    const path = `/devices/${id}/local-list`;
    expect((await ask('GET', path)).json).toMatchObject({ enabled: false, state: 'unknown', version: 0 });
    for (let n = 0; n < 7; n++) await token(`CARD${n}`, { group_id: 'FLEET' });
    await token('NIGHT', { limits: { hours: [{ from: '22:00', to: '06:00' }] } });
    await token('AWAY', { limits: { sites: ['Elsewhere'] } });
    await token('X'.repeat(30));
    expect((await ask('PUT', path, { enabled: true })).json).toMatchObject({ enabled: true, tokens_version: null });

    await localLists.run(services, never);
    const fits = is16 ? 7 : 8;
    expect(keeper.state.list.size).toBe(fits);
    expect(keeper.state.sent.map(({ payload }) => payload.updateType)).toEqual([
      'Full',
      'Differential',
      'Differential',
    ]);
    expect(keeper.state.sent.every(({ payload }) => (payload.localAuthorizationList as Json[]).length <= 3)).toBe(true);
    expect(keeper.state.list.get('CARD0')).toEqual(
      is16
        ? { status: 'Accepted', parentIdTag: 'FLEET' }
        : { status: 'Accepted', groupIdToken: { idToken: 'FLEET', type: 'Central' } },
    );
    const whole = (await ask('GET', path)).json;
    expect(whole).toMatchObject({ state: 'in_step', version: 3, entries: fits, complete: true, items_per_message: 3 });
    expect(whole.tokens_version).toBe(whole.tokens);
    if (is16) expect(edge.sent.map((sent) => sent.action)).toContain('ChangeConfiguration');

    // In step: nothing is sent.
    keeper.state.sent.length = 0;
    await localLists.run(services, never);
    expect(keeper.state.sent).toEqual([]);

    const [card0] = await h.db.query<{ id: number }>("select id from id_token where value = 'CARD0'");
    await ask('PATCH', `/id-tokens/${card0?.id}`, { status: 'blocked' });
    await h.db.query("delete from id_token where value = 'CARD1'");
    await h.db.query("update id_token set local_list = false where value = 'CARD2'");
    expect((await ask('GET', path)).json).toMatchObject({ state: 'behind' });
    await localLists.run(services, never);
    expect(keeper.state.sent).toHaveLength(1);
    expect(keeper.state.sent[0]?.payload.updateType).toBe('Differential');
    expect(keeper.state.list.get('CARD0')).toMatchObject({ status: 'Blocked' });
    expect(keeper.state.list.has('CARD1')).toBe(false);
    expect(keeper.state.list.has('CARD2')).toBe(false);
    expect((await ask('GET', path)).json).toMatchObject({ state: 'in_step', version: 4 });

    // It holds another list than we believe: refused by its number, then sent whole above it.
    keeper.state.version = 90;
    keeper.state.list.clear();
    keeper.state.sent.length = 0;
    await ask('PATCH', `/id-tokens/${card0?.id}`, { status: 'active' });
    await localLists.run(services, never);
    expect(keeper.state.sent.map(({ payload }) => payload.updateType).slice(0, 2)).toEqual(['Differential', 'Full']);
    expect(keeper.state.list.size).toBe(fits - 2);
    expect(keeper.state.version).toBeGreaterThan(90);

    // It came back without its list: its number is asked for, and it is sent all of it.
    await h.db.query("update station_local_list set synced_at = now() - interval '1 hour', checked_at = null");
    keeper.state.version = 0;
    keeper.state.list.clear();
    await listChecks.run(services, never);
    expect((await ask('GET', path)).json).toMatchObject({ state: 'unknown', tokens_version: null });
    await localLists.run(services, never);
    expect(keeper.state.list.size).toBe(fits - 2);

    // A list made by hand is replaced by ours.
    const byHand = is16 ? { listVersion: 500 } : { versionNumber: 500 };
    await ask('POST', `/devices/${id}/commands/SendLocalList`, { ...byHand, updateType: 'Full' });
    expect(keeper.state.list.size).toBe(0);
    expect((await ask('POST', `${path}/sync`)).json).toMatchObject({ state: 'in_step', version: expect.any(Number) });
    expect(keeper.state.list.size).toBe(fits - 2);
    edge.stop();
  });

  it('that the charger refuses is tried again later, and not for ever at once', async () => {
    const { identity, id } = await device(version);
    const keeper = listKeeper(is16);
    keeper.state.say = is16 ? 'NotSupported' : 'Failed';
    const edge = h.edge(identity, keeper.answer);
    await ask('PUT', `/devices/${id}/local-list`, { enabled: true });
    for (let n = 0; n < 3; n++) await localLists.run(services, never);
    expect(keeper.state.sent).toHaveLength(1);
    expect((await ask('GET', `/devices/${id}/local-list`)).json).toMatchObject({
      state: is16 ? 'unsupported' : 'failed',
      last_result: keeper.state.say,
    });
    edge.stop();
    const away = await ask('POST', `/devices/${id}/local-list/sync?full=true`);
    expect(away).toMatchObject({ status: 409, json: { code: 'charger-offline' } });
  });

  it('holds what finds room, and nothing that came after', async () => {
    await h.db.query('delete from id_token');
    const { identity, id } = await device(version);
    const keeper = listKeeper(is16);
    const edge = h.edge(identity, keeper.answer);
    for (let n = 0; n < 4; n++) await token(`ROOM${n}`);
    await ask('PUT', `/devices/${id}/local-list`, { enabled: true });
    await h.db.query(
      'update station_local_list set items_per_message = 10, max_entries = 3 where station_id = $1::int8',
      [Number(id)],
    );
    await localLists.run(services, never);
    await token('ROOM9');
    await localLists.run(services, never);
    expect([...keeper.state.list.keys()]).toEqual(['ROOM0', 'ROOM1', 'ROOM2']);
    expect((await ask('GET', `/devices/${id}/local-list`)).json).toMatchObject({ complete: false, state: 'in_step' });
    edge.stop();
  });
});

describe.each(['ocpp1.6', 'ocpp2.0.1'])('a reservation of %s', (version) => {
  const is16 = version === 'ocpp1.6';

  it('is made, seen and given up', async () => {
    const { identity, id } = await device(version);
    await token(`HOLD${is16}`, { group_id: 'FLEET', type: 'ISO14443' });
    const edge = h.edge(identity, () => result({ status: 'Accepted' }));
    const expires_at = inHours(1);
    const made = await ask('POST', `/devices/${id}/reservations`, { evse_id: 1, id_token: `HOLD${is16}`, expires_at });
    expect(made).toMatchObject({
      status: 201,
      json: { device_id: id, evse_id: 1, status: 'active', group_id: 'FLEET', expires_at, detail: 'Accepted' },
    });
    const number = Number(made.json.reservation_id);
    expect(edge.sent[0]).toMatchObject({
      action: 'ReserveNow',
      payload: is16
        ? { reservationId: number, connectorId: 1, idTag: 'HOLDtrue', parentIdTag: 'FLEET' }
        : { id: number, evseId: 1, idToken: { idToken: 'HOLDfalse', type: 'ISO14443' } },
    });
    const path = `/devices/${id}/reservations/${number}`;
    expect((await ask('GET', path)).json).toEqual(made.json);
    expect((await ask('GET', `/devices/${id}/reservations?open=true`)).json).toMatchObject({ items: [made.json] });
    expect((await ask('DELETE', path)).json).toMatchObject({ status: 'cancelled', ended_at: expect.any(String) });
    const sent = edge.sent.length;
    expect((await ask('DELETE', path)).json).toMatchObject({ status: 'cancelled' });
    expect(edge.sent).toHaveLength(sent);
    expect((await ask('GET', `/devices/${id}/reservations?open=true`)).json).toMatchObject({ items: [] });
    const told = (await events('reservation.cancelled')).map(({ payload }) => payload);
    expect(told).toContainEqual({ device_id: id, reservation_id: number, transaction_id: null });
    edge.stop();
  });

  it('that the charger refuses, or never heard of, does not hold', async () => {
    const { identity, id } = await device(version);
    const reserve = { id_token: 'ANYBODY', expires_at: inHours(1) };
    const edge = h.edge(identity, () => result({ status: 'Occupied' }));
    const refused = await ask('POST', `/devices/${id}/reservations`, reserve);
    expect(refused).toMatchObject({
      status: 409,
      json: { code: 'reservation-rejected', response: { status: 'Occupied' } },
    });
    edge.stop();
    expect((await ask('POST', `/devices/${id}/reservations`, reserve)).json.code).toBe('charger-offline');
    const { items } = (await ask('GET', `/devices/${id}/reservations`)).json as { items: Json[] };
    expect(items.map((one) => one.status)).toEqual(['failed', 'rejected']);
    const past = await ask('POST', `/devices/${id}/reservations`, { ...reserve, expires_at: inHours(-1) });
    expect(past).toMatchObject({ status: 422, json: { errors: [{ field: 'expires_at' }] } });
    if (is16) {
      const long = await ask('POST', `/devices/${id}/reservations`, { ...reserve, id_token: 'L'.repeat(21) });
      expect(long).toMatchObject({ status: 422, json: { errors: [{ field: 'id_token' }] } });
    }
  });

  it('by the raw command is noted too, and its number is used once', async () => {
    const { identity, id } = await device(version);
    const edge = h.edge(identity, () => result({ status: 'Accepted' }));
    const payload = is16
      ? { connectorId: 0, expiryDate: inHours(1), idTag: 'RAW', reservationId: 77 }
      : { id: 77, expiryDateTime: inHours(1), idToken: { idToken: 'RAW', type: 'Central' } };
    const send = () => ask('POST', `/devices/${id}/commands/ReserveNow`, payload);
    expect(await send()).toMatchObject({ status: 200, json: { reservation_id: 77 } });
    expect(await send()).toMatchObject({ status: 422, json: { code: 'validation' } });
    expect((await ask('GET', `/devices/${id}/reservations/77`)).json).toMatchObject({ evse_id: null, id_token: 'RAW' });
    edge.stop();
  });

  it('ends with its time', async () => {
    const { identity, id } = await device(version);
    const edge = h.edge(identity, () => result({ status: 'Accepted' }));
    const made = await ask('POST', `/devices/${id}/reservations`, { id_token: 'LATE', expires_at: inHours(1) });
    const expire = 'update reservation set expires_at = $1::timestamptz where station_id = $2::int8';
    await h.db.query(expire, [inHours(-1), Number(id)]);
    await reservationExpiry.run(services, never);
    const path = `/devices/${id}/reservations/${made.json.reservation_id}`;
    expect((await ask('GET', path)).json).toMatchObject({ status: 'expired' });
    const told = (await events('reservation.expired')).map(({ payload }) => payload.device_id);
    expect(told.filter((device) => device === id)).toHaveLength(1);
    edge.stop();
  });
});

describe('what else belongs to a command', () => {
  it('a cleared cache is noted', async () => {
    const { identity, id } = await device('ocpp1.6');
    const edge = h.edge(identity, () => result({ status: 'Accepted' }));
    await ask('POST', `/devices/${id}/commands/ClearCache`, {});
    expect((await ask('GET', `/devices/${id}/local-list`)).json.cache_cleared_at).toEqual(expect.any(String));
    expect(await events('station.cache_cleared')).toContainEqual({ payload: { device_id: id } });
    edge.stop();
  });

  it('a vendor’s message to the charger is kept with its answer', async () => {
    const { identity, id } = await device('ocpp2.1');
    const edge = h.edge(identity, () => result({ status: 'UnknownVendorId' }));
    await ask('POST', `/devices/${id}/commands/DataTransfer`, { vendorId: 'V', messageId: 'M', data: { a: [1] } });
    const { items } = (await ask('GET', `/devices/${id}/data-transfers`)).json as { items: Json[] };
    expect(items).toMatchObject([
      { direction: 'out', vendor_id: 'V', message_id: 'M', data: { a: [1] }, data_bytes: 9, status: 'UnknownVendorId' },
    ]);
    edge.stop();
  });

  it('what a charger says of a transaction stands at it', async () => {
    const { identity, id } = await device('ocpp2.0.1');
    const [made] = await h.db.query<{ id: number }>(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
         started_at, currency, register, tariff)
       values (1, $1::int8, 1, 1, 'ocpp2.0.1', 'T-9', 'started', now(), 'BRL', '{}', '{"currency":"BRL","perKwhMinor":75}')
       returning id`,
      [Number(id)],
    );
    expect((await ask('GET', `/transactions/${made?.id}`)).json.detail).toBeNull();
    const edge = h.edge(identity, () => result({ ongoingIndicator: false, messagesInQueue: true }));
    const answer = await ask('POST', `/devices/${id}/commands/GetTransactionStatus`, { transactionId: 'T-9' });
    expect(answer.json).toMatchObject({ transaction_id: String(made?.id) });
    expect((await ask('GET', `/transactions/${made?.id}`)).json.detail).toMatchObject({
      ongoing: false,
      messages_queued: true,
      offline: false,
      limit: null,
    });
    edge.stop();
  });
});
