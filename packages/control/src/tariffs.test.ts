/** Tariffs by REST: made, changed, assigned, tried out; and what a session shows of its bill. */
import { EMPTY_REGISTER, foldReading, type RegisterReading } from '@sigec/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, type Json, result, startHarness } from './testing/harness.js';

const API = '/api/v1';
let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 1, commandTimeoutMs: 2000 });
});
afterAll(() => h.close());

const ask = (method: string, path: string, body?: unknown, as: 'operator' | 'user' | 'stranger' = 'operator') =>
  h.call(method, `${API}${path}`, { as, body });
const WHOLE = {
  ...{ name: 'Rua', currency: 'BRL', per_kwh_minor: 65.313, session_fee_minor: 200, per_minute_minor: 10 },
  idle: { per_minute_minor: 50, grace_minutes: 10, cap_minor: 3000 },
  bands: [{ name: 'ponta', days: [1, 2, 3, 4, 5], from: '18:00', to: '21:00', per_kwh_minor: 120 }],
  time_zone: 'America/Sao_Paulo',
  taxes: [{ name: 'ICMS', basis_points: 1800, base: 'paid' }],
  ...{ taxes_included: true, minimum_minor: 500, maximum_minor: 100_000 },
};
const make = async (more: Json = {}) => String((await ask('POST', '/tariffs', { ...WHOLE, ...more })).json.id);

describe('tariffs', () => {
  it('are made, shown with their words, and changed as a new version', async () => {
    const made = await ask('POST', '/tariffs', WHOLE);
    expect(made).toMatchObject({ status: 201, json: { ...WHOLE, version: 1, status: 'active' } });
    const id = String(made.json.id);
    expect(made.headers.get('location')).toBe(`${API}/tariffs/${id}`);
    const { pt_br, en } = made.json.description as Record<'pt_br' | 'en', string>;
    expect(pt_br).toContain('ponta (seg a sex, 18:00 às 21:00): R$ 1,20 por kWh');
    expect(en).toContain('Session fee: R$2.00');
    const patched = await ask('PATCH', `/tariffs/${id}`, { per_kwh_minor: 80, idle: null, bands: null });
    expect(patched).toMatchObject({ status: 200, json: { version: 2, per_kwh_minor: 80, session_fee_minor: 200 } });
    expect(patched.json).not.toHaveProperty('idle');
    const { items } = (await ask('GET', `/tariffs/${id}/versions`)).json as { items: Json[] };
    const terms = items.map((row) => [row.version, (row.terms as Json).per_kwh_minor, row.made_by]);
    expect(terms).toEqual([
      [2, 80, h.userIds.operator],
      [1, 65.313, h.userIds.operator],
    ]);
    expect((await ask('GET', `/tariffs/${id}`)).json).toEqual(patched.json);
    expect((await ask('PATCH', `/tariffs/${id}`, {})).json).toEqual(patched.json);
    expect((await ask('PATCH', `/tariffs/${id}`, { name: 'x' }, 'stranger')).status).toBe(404);
  });

  it('are not changed by who read an older version: of two at once, one', async () => {
    const id = await make();
    const tagOf = async () => (await ask('GET', `/tariffs/${id}`)).headers.get('etag');
    expect(await tagOf()).toBe('"1"');
    const change = (name: string, tag: string) =>
      h.call('PATCH', `${API}/tariffs/${id}`, { as: 'operator', body: { name }, headers: { 'if-match': tag } });
    const both = await Promise.all([change('one', '"1"'), change('other', '"1"')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(both.find(({ status }) => status === 412)?.json.code).toBe('precondition-failed');
    expect(both.find(({ status }) => status === 200)?.headers.get('etag')).toBe('"2"');
    expect(await tagOf()).toBe('"2"');
    expect((await change('third', '"1", "2"')).status).toBe(200);
  });

  it.each<[Json, string]>([
    [{ currency: 'brl' }, 'currency'],
    [{ currency: 'XYZ' }, 'currency'],
    [{ per_kwh_minor: 0.0001 }, 'per_kwh_minor'],
    [{ session_fee_minor: 1.5 }, 'session_fee_minor'],
    [{ idle: { per_minute_minor: -1 } }, 'idle.per_minute_minor'],
    [{ idle: { per_minute_minor: 0.0005 } }, 'idle.per_minute_minor'],
    [{ minimum_minor: 2, maximum_minor: 1 }, 'maximum_minor'],
    [{ time_zone: 'Mars/Base' }, 'time_zone'],
    [{ bands: [{ from: '18:00', to: '21:00' }] }, 'bands.0'],
    [{ bands: [{ from: '18:00', to: '24:00', per_kwh_minor: 1 }] }, 'bands.0.to'],
    [{ taxes: [{ name: 'A', basis_points: 10_001 }] }, 'taxes.0.basis_points'],
    [{ taxes: [{ name: ' ', basis_points: 1 }] }, 'taxes.0.name'],
    [{ taxes: [{ name: 'A', basis_points: 1, base: 'paid' }], taxes_included: false }, 'taxes.0.base'],
    [{ taxes: [5001, 5000].map((n) => ({ name: `${n}`, basis_points: n, base: 'paid' })) }, 'taxes'],
    [{ name: ' ' }, 'name'],
  ])('say what is wrong with %j', async (wrong, field) => {
    const answer = await ask('POST', '/tariffs', { ...WHOLE, ...wrong });
    expect(answer).toMatchObject({ status: 422, json: { code: 'validation', errors: [{ field }] } });
  });

  it('hold where they are assigned, the nearest first; drivers see which', async () => {
    const device = await h.station('TARIFF-1', 'ocpp2.1');
    const [all, here, evse] = [await make({ name: 'all' }), await make({ name: 'here' }), await make({ name: 'evse' })];
    const effective = async (evseId: number) => {
      const path = `/devices/${device}/effective-tariff?evse_id=${evseId}`;
      return (await ask('GET', path, undefined, 'user')).json;
    };
    // A driver is not told of what is not published, nor of what was taken out of sight again.
    expect(await effective(1)).toMatchObject({ status: 404, code: 'not-found' });
    await ask('PATCH', `/devices/${device}`, { published: true, location: { site: 'Rua' } });
    expect(await effective(1)).toMatchObject({ id: null, currency: 'BRL', per_kwh_minor: 75 });
    await ask('PUT', '/tariff-assignments', { tariff_id: all });
    await ask('PUT', '/tariff-assignments', { tariff_id: here, device_id: device });
    const last = await ask('PUT', '/tariff-assignments', { tariff_id: evse, device_id: device, evse_id: 2 });
    expect(last).toMatchObject({ status: 200, json: { tariff_id: evse, device_id: device, evse_id: 2 } });
    expect([(await effective(1)).name, (await effective(2)).name]).toEqual(['here', 'evse']);
    const site = String((await ask('GET', `/devices/${device}`)).json.site_id);
    await ask('PATCH', `/sites/${site}`, { published: false });
    expect(await effective(1)).toMatchObject({ status: 404 });
    expect((await ask('GET', `/devices/${device}/effective-tariff`)).json.name).toBe('here');
    await ask('PATCH', `/sites/${site}`, { published: true });
    const list = (await ask('GET', `/tariff-assignments?device_id=${device}`)).json.items as Json[];
    expect(list.map((row) => [row.tariff_id, row.evse_id])).toEqual([
      [here, null],
      [evse, 2],
    ]);
    expect((await ask('DELETE', `/tariffs/${here}`)).json.code).toBe('tariff-in-use');
    expect((await ask('DELETE', `/tariff-assignments?device_id=${device}`)).status).toBe(204);
    expect((await effective(1)).name).toBe('all');
    const gone = await ask('DELETE', `/tariffs/${here}`);
    expect(gone).toMatchObject({ status: 200, json: { status: 'archived' } });
    expect((await ask('PATCH', `/tariffs/${here}`, { name: 'x' })).json.code).toBe('tariff-state');
    const names = async (query: string) =>
      ((await ask('GET', `/tariffs${query}`)).json.items as Json[]).map((t) => t.id);
    expect([(await names('')).includes(here), (await names('?archived=true')).includes(here)]).toEqual([false, true]);
    expect((await ask('PUT', '/tariff-assignments', { tariff_id: here })).status).toBe(404);
    expect((await ask('PUT', '/tariff-assignments', { tariff_id: all, evse_id: 1 })).status).toBe(422);
    await ask('DELETE', '/tariff-assignments');
  });

  it('are told to chargers of 2.1 in their words', async () => {
    const device = await h.station('TARIFF-2', 'ocpp2.1');
    const id = await make();
    await ask('PUT', '/tariff-assignments', { tariff_id: id, device_id: device });
    const { sent } = h.edge('TARIFF-2', () => result({ status: 'Accepted' }));
    expect((await ask('POST', `/devices/${device}/commands/SetDefaultTariff`, {})).status).toBe(200);
    expect(sent[0]?.payload).toMatchObject({
      evseId: 0,
      tariff: {
        tariffId: `t${id}-v1`,
        currency: 'BRL',
        energy: { prices: [{ priceKwh: 1.2 }, { priceKwh: 0.65313 }] },
      },
    });
  });
});

describe('a preview', () => {
  const session = {
    ...{ start_time: '2026-01-05T20:00:00Z', end_time: '2026-01-05T22:30:00Z' },
    energy: [{ time: '2026-01-05T22:00:00Z', energy_wh: 20_000 }],
  };

  it('is the bill of a session that nobody charged', async () => {
    const id = await make({ per_kwh_minor: 60 });
    const { status, json } = await ask('POST', `/tariffs/${id}/preview`, session);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      total: { amount_minor: 200 + 1200 + 600 + 1200 + 1000, currency: 'BRL' },
      taxes: [{ name: 'ICMS', base: 'paid', amount: { amount_minor: 756, currency: 'BRL' } }],
      ...{ energy_wh: 20_000, charging_seconds: 7200, idle_seconds: 1800 },
    });
    const lines = (json.lines as Json[]).map((line) => [line.kind, line.name, line.energy_wh ?? line.seconds]);
    expect(lines).toEqual([
      ['session_fee', null, null],
      ['energy', 'ponta', 10_000],
      ['energy', null, 10_000],
      ['charging_time', 'ponta', 3600],
      ['charging_time', null, 3600],
      ['idle_time', 'ponta', 1200],
    ]);
    await ask('PATCH', `/tariffs/${id}`, { per_kwh_minor: 0, bands: null });
    const total = async (more: Json) =>
      ((await ask('POST', `/tariffs/${id}/preview`, { ...session, ...more })).json.total as Json).amount_minor;
    expect([await total({}), await total({ version: 1 })]).toEqual([200 + 1200 + 1000, 4200]);
    expect((await ask('POST', `/tariffs/${id}/preview`, { ...session, version: 9 })).status).toBe(422);
  });

  it('is by the clock of where it would be', async () => {
    const id = await make({ per_kwh_minor: 60 });
    // 17:00 to 19:30 in São Paulo is 16:00 to 18:30 there.
    const site = await ask('POST', '/sites', { name: 'Manaus', time_zone: 'America/Manaus' });
    const here = await h.station('TARIFF-MAO');
    const preview = (more: Json) => ask('POST', `/tariffs/${id}/preview`, { ...session, ...more });
    const ponta = async (more: Json) => {
      const lines = (await preview(more)).json.lines as Json[];
      return lines.filter(({ kind, name }) => kind === 'energy' && name === 'ponta').map((line) => line.energy_wh);
    };
    expect(await ponta({ device_id: here })).toEqual([10_000]);
    await ask('PATCH', `/devices/${here}`, { site_id: site.json.id });
    expect([await ponta({}), await ponta({ device_id: here })]).toEqual([[10_000], []]);
    expect(await preview({ device_id: '999999' })).toMatchObject({
      ...{ status: 404, json: { errors: [{ field: 'device_id' }] } },
    });
  });

  it('names what is wrong', async () => {
    const id = await make();
    for (const [wrong, field] of [
      [{ end_time: '2026-01-05T20:00:00Z' }, 'end_time'],
      [{ end_time: '2027-01-05T20:00:00Z' }, 'end_time'],
      [{ energy: [{ time: '2026-01-06T20:00:00Z', energy_wh: 1 }] }, 'energy.0.time'],
      [{ energy: [] }, 'energy'],
      // As a leap of the register it would be billed as nothing.
      [{ energy: [{ time: session.start_time, energy_wh: 20_000 }] }, 'energy'],
    ] as const) {
      const answer = await ask('POST', `/tariffs/${id}/preview`, { ...session, ...wrong });
      expect(answer.status).toBe(422);
      expect((answer.json.errors as Json[]).map((error) => error.field)).toContain(field);
    }
  });
});

it('a session shows what its cost is made of, by the tariff that it began under', async () => {
  const device = await h.station('TARIFF-3');
  const readings: RegisterReading[] = [
    { at: Date.UTC(2026, 0, 1, 10), mWh: 0, role: 0 },
    { at: Date.UTC(2026, 0, 1, 11), mWh: 10_000_000, role: 2 },
  ];
  const tariff = { currency: 'BRL', perKwhMinor: 75, sessionFeeMinor: 200, id: 5, version: 3, name: 'Velha' };
  const [made] = await h.db.query<{ id: number }>(
    `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
       user_id, started_at, ended_at, currency, cost_minor, energy_mwh, register, tariff)
     values (1, $1::int8, 1, 1, 'ocpp1.6', 'bill', 'completed', $2::text::uuid, '2026-01-01T10:00:00Z',
       '2026-01-01T11:00:00Z', 'BRL', 950, 10000000, $3::text::json, $4::text::json) returning id`,
    [
      ...[Number(device), h.userIds.user],
      ...[JSON.stringify(readings.reduce(foldReading, EMPTY_REGISTER)), JSON.stringify(tariff)],
    ],
  );
  const { json } = await ask('GET', `/transactions/${made?.id}`, undefined, 'user');
  expect(json).toMatchObject({
    cost: { amount_minor: 950, currency: 'BRL' },
    tariff: { currency: 'BRL', per_kwh_minor: 75, id: '5', version: 3, name: 'Velha' },
    tariff_description: { pt_br: 'Energia: R$ 0,75 por kWh. Taxa por sessão: R$ 2,00.' },
    bill: { total: { amount_minor: 950, currency: 'BRL' }, energy_wh: 10_000 },
  });
  const lines = (json.bill as { lines: Json[] }).lines.map((line) => [line.kind, (line.amount as Json).amount_minor]);
  expect(lines).toEqual([
    ['session_fee', 200],
    ['energy', 750],
  ]);
});
