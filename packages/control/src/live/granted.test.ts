/** Live updates of a driver whom grants let in, over a real socket and as Server-Sent Events. */
import { createMetrics } from '@sigec/runtime';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ControlServer, startControl } from '../server.js';
import { type Harness, type Json, PASSWORD, startHarness } from '../testing/harness.js';
import { type LiveClient, liveClient, readEvents, tell, until } from '../testing/live-client.js';
import { LIVE_CLOSE } from './codes.js';

const API = '/api/v1';
let h: Harness;
let node: ControlServer;
let [site, here, there]: string[] = [];
beforeAll(async () => {
  h = await startHarness();
  node = await startControl({ ...h.deps, metrics: createMetrics('granted'), host: '127.0.0.1', port: 0 });
  [here, there] = [await h.station('GRANTED-1'), await h.station('GRANTED-2')];
  site = String((await h.call('POST', `${API}/sites`, { as: 'operator', body: { name: 'Granted' } })).json.id);
  await h.call('PATCH', `${API}/devices/${here}`, { as: 'operator', body: { site_id: site } });
});
afterAll(async () => {
  await node.close();
  await h.close();
});
const open: LiveClient[] = [];
afterEach(() => {
  for (const { ws } of open.splice(0)) ws.terminate();
});

let count = 0;
/** A driver with a grant at the site, and their token. */
async function granted(set: string) {
  const email = `live-granted-${++count}@example.test`;
  const person = { name: 'Lia', email, role: 'user', password: PASSWORD };
  const id = String((await h.call('POST', `${API}/users`, { as: 'admin', body: person })).json.id);
  const body = { user_id: id, site_id: site, set };
  const grant = String((await h.call('POST', `${API}/grants`, { as: 'admin', body })).json.id);
  const login = await h.call('POST', `${API}/auth/login`, { body: { email, password: PASSWORD } });
  return { id, grant, token: String(login.json.token) };
}
async function client(token: string): Promise<LiveClient> {
  const made = await liveClient(`http://127.0.0.1:${node.port}/ws/updates`, token);
  open.push(made);
  return made;
}
const alarm = (device_id: string | undefined) => tell(h, 1, 'alarm.raised', { device_id });
/** As the relay tells what the audit trail noted. */
const accountChanged = (user_id: string) => tell(h, 1, 'account.changed', { action: 'grant.changed', user_id });

it('tell what staff are told, of the stations that grants lead to', async () => {
  const { id, token } = await granted('viewer');
  const one = await client(token);
  await one.subscribe({ id: 'a', topics: ['stations', 'transactions', 'alarms', 'commands'] });
  await alarm(there);
  const first = await alarm(here);
  await tell(h, 1, 'security.reported', { device_id: here });
  await tell(h, 1, 'transaction.charging', { device_id: there, user_id: h.userIds.user });
  const second = await tell(h, 1, 'transaction.charging', { device_id: here, user_id: h.userIds.user });
  const own = await tell(h, 1, 'transaction.charging', { device_id: there, user_id: id });
  await tell(h, 2, 'alarm.raised', { device_id: here });
  const last = await tell(h, 1, 'command.ended', { device_id: here });
  await until(() => one.ids().includes(last), 'the last');
  expect(one.ids()).toEqual([first, second, own, last]);
});

it('refuse topics, and stations, that no grant of theirs holds', async () => {
  const [viewer, manager] = [await granted('viewer'), await granted('manager')];
  const answer = async (token: string, message: Json) => {
    const one = await client(token);
    one.send({ type: 'subscribe', id: 'a', ...message });
    await until(() => one.of('error').length + one.of('subscribed').length > 0, 'an answer');
    const [error] = one.of('error') as { problem?: Json }[];
    return error?.problem?.code ?? 'subscribed';
  };
  const messages = (device: string | undefined) => ({ topics: ['messages'], device_ids: [device] });
  expect(await answer(viewer.token, { topics: ['network'] })).toBe('forbidden');
  expect(await answer(viewer.token, messages(here))).toBe('forbidden');
  expect(await answer(manager.token, messages(there))).toBe('not-found');
  expect(await answer(manager.token, messages(here))).toBe('subscribed');
});

it('show how everybody’s charging stands there, and one’s own elsewhere', async () => {
  const { id, token } = await granted('viewer');
  const charging = async (station: string | undefined, userId: string) => {
    const [row] = await h.db.query<{ id: number }>(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, user_id, status,
         started_at, currency, register, tariff)
       values (1, $1::int8, 1, 1, 'ocpp1.6', $2::text, $3::uuid, 'charging', now(), 'BRL', '{}',
         '{"currency":"BRL","perKwhMinor":75}') returning id`,
      [Number(station), String(++count), userId],
    );
    return String(row?.id);
  };
  const theirs = await charging(here, h.userIds.user);
  const own = await charging(there, id);
  await charging(there, h.userIds.user);
  const [one, other] = [await client(token), await client(token)];
  await one.subscribe({ id: 'a', topics: ['progress'], device_ids: [here] });
  await other.subscribe({ id: 'a', topics: ['progress'] });
  await until(() => one.of('progress').length > 0 && other.of('progress').length > 0, 'how they stand');
  const seen = (of: LiveClient) => of.of('progress').map((row) => row.transaction_id);
  expect([seen(one), seen(other)]).toEqual([[theirs], [own]]);
});

it('end when grants change, and come again with what is left', async () => {
  const { id, grant, token } = await granted('viewer');
  const one = await client(token);
  await one.subscribe({ id: 'a', topics: ['alarms'] });
  // What has not changed goes on.
  await accountChanged(id);
  const first = await alarm(here);
  await until(() => one.ids().includes(first), 'an alarm');
  await h.call('DELETE', `${API}/grants/${grant}`, { as: 'admin' });
  await accountChanged(id);
  expect((await one.closed).code).toBe(LIVE_CLOSE.grantsChanged);
  const again = await client(token);
  again.send({ type: 'subscribe', id: 'a', topics: ['alarms'] });
  await until(() => again.of('error').length > 0, 'a refusal');
});

it('end with the first grant too, and come again with what it opens', async () => {
  const { id, grant, token } = await granted('viewer');
  await h.call('DELETE', `${API}/grants/${grant}`, { as: 'admin' });
  const one = await client(token);
  await one.subscribe({ id: 'a', topics: ['stations'] });
  const body = { user_id: id, site_id: site, set: 'viewer' };
  await h.call('POST', `${API}/grants`, { as: 'admin', body });
  await accountChanged(id);
  expect((await one.closed).code).toBe(LIVE_CLOSE.grantsChanged);
  const again = await client(token);
  await again.subscribe({ id: 'a', topics: ['alarms'] });
  const told = await alarm(here);
  await until(() => again.ids().includes(told), 'an alarm');
});

it('end where a later subscription finds others than the first', async () => {
  const { grant, token } = await granted('viewer');
  const one = await client(token);
  await one.subscribe({ id: 'a', topics: ['alarms'] });
  await h.call('PATCH', `${API}/grants/${grant}`, { as: 'admin', body: { set: 'attendant' } });
  one.send({ type: 'subscribe', id: 'b', topics: ['stations'] });
  expect((await one.closed).code).toBe(LIVE_CLOSE.grantsChanged);
});

it('are the same as Server-Sent Events', async () => {
  const { token } = await granted('viewer');
  const get = (query: string) =>
    fetch(`http://127.0.0.1:${node.port}${API}/events/stream?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
  const missed = await alarm(here);
  await alarm(there);
  const response = await get('topics=alarms,stations&after=1-0&seconds=0');
  expect(response.status).toBe(200);
  const told = readEvents(await response.text()).flatMap(({ event, data }) => (event === 'alarm.raised' ? [data] : []));
  const of = told.map((data) => (data?.event as Json | undefined)?.data as Json | undefined);
  expect(told.map((data) => (data?.event as Json | undefined)?.id)).toContain(missed);
  expect(new Set(of.map((data) => data?.device_id))).toEqual(new Set([here]));
  expect((await get('topics=network')).status).toBe(403);
});
