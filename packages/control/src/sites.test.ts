import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Harness, type Json, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.close());

const API = '/api/v1';
const operator = { as: 'operator' } as const;
const call = (method: string, path: string, body?: unknown) =>
  h.call(method, `${API}${path}`, { ...operator, ...(body === undefined ? {} : { body }) });
const items = ({ json }: Answer) => json.items as Json[];
const fields = ({ json }: Answer) => (json.errors as { field: string }[]).map(({ field }) => field);
const WEEK = { weekly: [{ days: [1, 2], from: '08:00', to: '22:00' }], exceptions: [{ date: '2026-12-25' }] };

async function device(identity: string, body: object = {}): Promise<string> {
  return String((await call('POST', '/devices', { identity, ...body })).json.id);
}

describe('sites', () => {
  it('are added, shown with whether they are open, changed and deleted', async () => {
    const made = await call('POST', '/sites', {
      ...{ name: 'Pátio', address: 'Rua A', lat: -23.5, lng: -46.6, time_zone: 'America/Manaus', opening_hours: WEEK },
    });
    expect(made.status).toBe(201);
    const path = `/sites/${made.json.id}`;
    expect(made.headers.get('location')).toBe(`${API}${path}`);
    expect(made.json).toMatchObject({
      ...{ name: 'Pátio', time_zone: 'America/Manaus', published: true, devices: 0 },
      opening_hours: { always_open: false, weekly: WEEK.weekly, exceptions: [{ date: '2026-12-25', periods: [] }] },
      opening: { open: expect.any(Boolean), changes_at: expect.any(String) },
    });
    expect((await call('GET', path)).json).toEqual(made.json);
    const open = await call('PATCH', path, { opening_hours: { always_open: true } });
    expect(open.json).toMatchObject({ address: 'Rua A', opening: { open: true, changes_at: null } });
    expect((await call('PATCH', path, { opening_hours: null })).json).toMatchObject({
      opening_hours: null,
      opening: null,
    });
    expect((await call('POST', '/sites', { name: 'Pátio' })).json.code).toBe('name-taken');
    const other = await call('POST', '/sites', { name: 'Outro' });
    expect((await call('PATCH', `/sites/${other.json.id}`, { name: 'Pátio' })).json.code).toBe('name-taken');
    const id = await device('S-1', { site_id: made.json.id });
    expect((await call('DELETE', path)).json.code).toBe('site-in-use');
    await call('PATCH', `/devices/${id}`, { site_id: other.json.id });
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
  });

  it('say which field is wrong', async () => {
    const wrong = async (body: object) => fields(await call('POST', '/sites', { name: 'Wrong', ...body }));
    expect(await wrong({ name: ' x' })).toEqual(['name']);
    expect(await wrong({ lat: 1 })).toEqual(['lat']);
    for (const time_zone of ['Mars/Olympus', '+03:00', ''])
      expect(await wrong({ time_zone }), time_zone).toEqual(['time_zone']);
    const hours = (opening_hours: object) => wrong({ opening_hours });
    expect(await hours({ weekly: [{ from: '24:00', to: '08:00' }] })).toEqual(['opening_hours.weekly.0.from']);
    expect(await hours({ weekly: [{ days: [8], from: '07:00', to: '08:00' }] })).toEqual([
      'opening_hours.weekly.0.days.0',
    ]);
    expect(await hours({ always_open: true, ...WEEK })).toEqual(['opening_hours.weekly']);
    expect(await hours({ exceptions: [{ date: '2026-02-30' }] })).toEqual(['opening_hours.exceptions.0.date']);
    const twice = [{ date: '2026-01-01' }, { date: '2026-01-01' }];
    expect(await hours({ exceptions: twice })).toEqual(['opening_hours.exceptions.1.date']);
  });

  it('are listed in pages, and found by name and address', async () => {
    for (const name of ['L-1', 'L-2', 'L-3']) await call('POST', '/sites', { name, address: 'Praça Lá' });
    const first = await call('GET', '/sites?q=praca&limit=2');
    const second = await call('GET', `/sites?q=praca&limit=2&cursor=${first.json.next_cursor}`);
    expect([...items(first), ...items(second)].map(({ name }) => name)).toEqual(['L-1', 'L-2', 'L-3']);
    expect(second.json.next_cursor).toBeNull();
  });

  it('belong to devices by name or by id, which are of one tenant', async () => {
    const id = await device('S-2', { location: { site: 'Named' } });
    const [site] = items(await call('GET', '/sites?q=named'));
    const shown = await call('GET', `/devices/${id}`);
    expect(shown.json).toMatchObject({ site_id: site?.id, location: { site: 'Named' } });
    const strange = await h.call('POST', `${API}/sites`, { as: 'stranger', body: { name: 'Theirs' } });
    const refused = await call('PATCH', `/devices/${id}`, { site_id: strange.json.id });
    expect([refused.status, fields(refused)]).toEqual([422, ['site_id']]);
    expect(fields(await call('POST', '/devices', { identity: 'S-3', site_id: strange.json.id }))).toEqual(['site_id']);
    const both = await call('PATCH', `/devices/${id}`, { site_id: site?.id, location: { site: 'Named' } });
    expect(fields(both)).toEqual(['site_id']);
    const cleared = await call('PATCH', `/devices/${id}`, { location: null, site_id: site?.id });
    expect(cleared.json).toMatchObject({ site_id: site?.id, location: { lat: null, site: 'Named' } });
    expect((await call('PATCH', `/devices/${id}`, { location: null })).json).toMatchObject({
      site_id: null,
      location: null,
    });
  });
});

describe('groups of devices', () => {
  it('are made, filled and emptied', async () => {
    const ids = [await device('G-1'), await device('G-2')];
    const made = await call('POST', '/groups', { name: 'Frota', description: 'Sul' });
    const path = `/groups/${made.json.id}`;
    expect([made.status, made.json.devices]).toEqual([201, 0]);
    expect((await call('POST', '/groups', { name: 'Frota' })).json.code).toBe('name-taken');
    const unknown = await call('POST', `${path}/devices`, { device_ids: [ids[0], '999999', ids[1]] });
    expect([unknown.status, fields(unknown)]).toEqual([422, ['device_ids.1']]);
    const added = await call('POST', `${path}/devices`, { device_ids: [...ids, ids[0]] });
    expect(added.json).toMatchObject({ added: 2, group: { devices: 2 } });
    const first = await call('GET', `${path}/devices?limit=1`);
    const second = await call('GET', `${path}/devices?limit=1&cursor=${first.json.next_cursor}`);
    expect([...items(first), ...items(second)].map(({ id }) => id)).toEqual(ids);
    expect(items(await call('GET', `/devices?group_id=${made.json.id}&q=g-2`)).map(({ id }) => id)).toEqual([ids[1]]);
    expect((await call('DELETE', `${path}/devices/${ids[0]}`)).json.devices).toBe(1);
    expect((await call('DELETE', `${path}/devices/${ids[0]}`)).status).toBe(200);
    expect((await call('PATCH', path, { name: 'Frota 2' })).json).toMatchObject({
      name: 'Frota 2',
      description: 'Sul',
    });
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('GET', `/devices/${ids[1]}`)).status).toBe(200);
  });
});

describe('what drivers are shown', () => {
  const around = async (as: 'user' | 'operator') =>
    items(await h.call('GET', `${API}/devices/nearby?lat=-3.1&lon=-60&radius=5000`, { as }));
  const named = (list: Json[]) => list.map(({ identity }) => identity);

  it('is what is published, at sites that are, with the hours of the site', async () => {
    const site = await call('POST', '/sites', {
      ...{ name: 'Porto', address: 'Cais', lat: -3.101, lng: -60, opening_hours: { always_open: true } },
    });
    const hidden = await device('P-hidden', { location: { lat: -3.1, lng: -60 } });
    const sited = await device('P-sited', { site_id: site.json.id, published: true });
    await device('P-own', { location: { lat: -3.1, lng: -60.01 }, published: true });
    const blocked = await device('P-blocked', { location: { lat: -3.1, lng: -60 }, published: true });
    await call('PATCH', `/devices/${blocked}`, { blocked: true });
    expect(named(await around('operator'))).toEqual(['P-hidden', 'P-blocked', 'P-sited', 'P-own']);
    const shown = await around('user');
    expect(named(shown)).toEqual(['P-sited', 'P-own']);
    expect(shown[0]).toEqual({
      ...{
        id: sited,
        identity: 'P-sited',
        name: null,
        vendor: null,
        model: null,
        status: 'Unavailable',
        online: false,
      },
      location: { lat: -3.101, lng: -60, address: 'Cais', site: 'Porto' },
      ...{ site_id: site.json.id, connectors: [], distance_m: expect.closeTo(111.2, 0) },
      opening: { open: true, changes_at: null },
    });
    expect(shown[1]).toMatchObject({ opening: null, site_id: null });
    // Of a charger of 1.6 the whole is no plug.
    await h.db.query(
      `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
       select $1::int8, n, n, 'Available', 'Available', now() from generate_series(0, 1) n`,
      [Number(sited)],
    );
    const plugs = async (as: 'user' | 'operator') =>
      (await around(as))
        .filter(({ id }) => id === sited)
        .flatMap(({ connectors }) => (connectors as Json[]).map(({ evse_id }) => evse_id));
    expect([await plugs('user'), await plugs('operator')]).toEqual([[1], [0, 1]]);
    // A key sees what its scopes say, whoever made it.
    const scopes = ['devices:nearby'];
    const { json: key } = await call('POST', '/api-keys', { name: 'map', scopes });
    const headers = { authorization: `Bearer ${key.key}` };
    const seen = await h.call('GET', `${API}/devices/nearby?lat=-3.1&lon=-60&radius=5000`, { headers });
    expect(seen.json.items).toEqual(await around('user'));
    // Staff see the device itself too.
    expect((await around('operator'))[2]).toMatchObject({ security_profile: 1, opening: { open: true } });
    await call('PATCH', `/sites/${site.json.id}`, { published: false });
    expect(named(await around('user'))).toEqual(['P-own']);
    await call('PATCH', `/devices/${hidden}`, { published: true });
    expect(named(await around('user'))).toEqual(['P-hidden', 'P-own']);
  });
});

describe('a device that leaves the fleet', () => {
  const paid = (id: string, ended: boolean) =>
    h.db.query(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
         started_at, ended_at, currency, register, tariff)
       values (1, $1::int8, 1, 1, 'ocpp1.6', 'x', 'stopped', now(), case when $2::int4 = 1 then now() end, 'BRL', '{}', '{}')`,
      [Number(id), ended ? 1 : 0],
    );

  it('is deleted, or kept in the archive where money was taken', async () => {
    const blank = await device('D-blank');
    expect((await call('DELETE', `/devices/${blank}`)).json).toEqual({
      id: blank,
      identity: 'D-blank',
      outcome: 'deleted',
    });
    expect((await call('GET', `/devices/${blank}`)).status).toBe(404);
    const kept = await device('D-kept', { published: true });
    await paid(kept, true);
    expect((await call('DELETE', `/devices/${kept}`)).json.outcome).toBe('archived');
    const shown = (await call('GET', `/devices/${kept}`)).json;
    expect(shown).toMatchObject({ archived_at: expect.any(String), blocked: true, published: false });
    expect(items(await call('GET', '/devices?q=d-'))).toEqual([]);
    expect(items(await call('GET', '/devices?q=d-&archived=true'))[0]).toMatchObject({ id: kept });
    expect((await call('POST', '/devices', { identity: 'D-kept' })).json.code).toBe('identity-taken');
    for (const body of [{ blocked: false }, { published: true }])
      expect((await call('PATCH', `/devices/${kept}`, body)).json.code).toBe('device-archived');
    const back = await call('PATCH', `/devices/${kept}`, { archived: false, blocked: false });
    expect(back.json).toMatchObject({ archived_at: null, blocked: false });
  });

  it('stays while a transaction runs, unless somebody insists', async () => {
    const id = await device('D-busy');
    await paid(id, false);
    expect((await call('DELETE', `/devices/${id}`)).json.code).toBe('device-in-use');
    expect((await call('DELETE', `/devices/${id}?running=true`)).json.outcome).toBe('archived');
  });
});

describe('connectors', () => {
  it('are what operators say', async () => {
    const id = await device('K-1');
    await h.db.query(
      `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
       values ($1::int8, 2, 1, 'Available', 'Available', now())`,
      [Number(id)],
    );
    const path = `/devices/${id}/connectors/2/1`;
    const changed = await call('PATCH', path, { type: 'CCS2', max_power_w: 150_000 });
    expect(changed.json).toMatchObject({ id, connectors: [{ evse_id: 2, type: 'CCS2', max_power_w: 150_000 }] });
    expect((await call('PATCH', path, { max_power_w: null })).json).toMatchObject({
      connectors: [{ type: 'CCS2', max_power_w: null }],
    });
    expect(fields(await call('PATCH', path, { max_power_w: -1 }))).toEqual(['max_power_w']);
    expect((await call('PATCH', `/devices/${id}/connectors/3/1`, { type: 'CCS2' })).status).toBe(404);
    expect((await call('PATCH', `/devices/${id}/connectors/0/1`, { type: 'CCS2' })).status).toBe(400);
  });
});
