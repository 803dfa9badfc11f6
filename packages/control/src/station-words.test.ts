/** What devices say beside their sessions, and what their meters told, as operators and drivers read it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Harness, type Json, startHarness } from './testing/harness.js';

let h: Harness;
let id: string;
beforeAll(async () => {
  h = await startHarness();
  id = await h.station('WORDS');
});
afterAll(() => h.close());

const get = (path: string, as: 'operator' | 'user' | 'stranger' = 'operator') =>
  h.call('GET', `/api/v1/${path}`, { as });
const insert = (text: string) => h.db.query(text, [Number(id)]);
const words = (table: string, columns: string, values: string) =>
  insert(
    `insert into ${table} (tenant_id, station_id, at, ${columns}) values (1, $1::int8, '2026-01-01T00:00:00Z', ${values})`,
  );

it.each([
  [
    'boots',
    ['station_boot', 'ocpp_version, reason, vendor, model, iccid', "'ocpp2.1', 'Watchdog', 'V', 'M', '8955'"],
    { ocpp_version: 'ocpp2.1', reason: 'Watchdog', vendor: 'V', iccid: '8955', box_serial_number: null },
  ],
  [
    'authorization-refusals',
    ['authorization_refusal', 'id_token, verdict', "'CARD', 'Blocked'"],
    { id_token: 'CARD', id_token_type: null, verdict: 'Blocked', certificate_status: null },
  ],
  [
    'vat-checks',
    ['vat_check', 'evse_id, country, accepted', "1, 'BR', true"],
    { evse_id: 1, country: 'BR', accepted: true, reason: null },
  ],
  [
    'unasked-statuses',
    ['unasked_status', 'action, status', "'FirmwareStatusNotification', 'Installing'"],
    { action: 'FirmwareStatusNotification', status: 'Installing', info: null },
  ],
  [
    'der-events',
    ['der_start_stop', 'control_id, started, superseded_ids', "'c', true, '{d}'"],
    { control_id: 'c', started: true, superseded_ids: ['d'] },
  ],
] as const)('%s are listed, newest first, page by page', async (path, [table, columns, values], shown) => {
  await words(table, columns, values);
  await insert(
    `insert into ${table} (tenant_id, station_id, at, ${columns}) select 1, $1::int8, '2026-01-02T00:00:00Z', ${values}`,
  );
  const first = await get(`devices/${id}/${path}?limit=1`);
  expect(first.status).toBe(200);
  const at = (day: number) => ({ at: `2026-01-0${day}T00:00:00.000Z`, id: expect.stringMatching(/^\d+$/) as string });
  expect(first.json.items).toEqual([expect.objectContaining({ ...shown, ...at(2) })]);
  const second = await get(`devices/${id}/${path}?limit=1&cursor=${String(first.json.next_cursor)}`);
  expect(second.json).toMatchObject({ items: [at(1)], next_cursor: null });
  expect((await get(`devices/${id}/${path}?cursor=x`)).json).toMatchObject({ code: 'invalid-cursor' });
});

it('meter values of a session are read in parts by whose it is, and of the main meter by operators', async () => {
  const [made] = await h.db.query<{ id: number }>(
    `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, user_id, status,
       started_at, currency, register, tariff)
     values (1, $1::int8, 1, 1, 'ocpp2.1', 'T', $2::text::uuid, 'charging', now(), 'BRL', '{}', '{}') returning id`,
    [Number(id), h.userIds.user],
  );
  const transaction = made?.id ?? 0;
  await h.db.query(
    `insert into meter_value (transaction_id, station_id, evse_id, connector_id, sampled_at, received_at, samples)
     select case when n < 3 then $2::int8 end, $1::int8, 0, 0, '2026-01-01T00:00:00Z', now(), json_build_array(json_build_object(
       'measurand', 'Energy.Active.Import.Register', 'unit', 'Wh', 'value', n, 'raw', 'c2ln',
       'signed', json_build_object('encoding', 'OCMF')))
     from generate_series(0, 3) as n`,
    [Number(id), transaction],
  );
  const values = async (path: string, as: 'operator' | 'user') => {
    const seen: unknown[] = [];
    for (let cursor: unknown = ''; cursor !== null; ) {
      const { json } = await get(`${path}?limit=2${cursor === '' ? '' : `&cursor=${String(cursor)}`}`, as);
      for (const item of json.items as { samples: Json[] }[]) seen.push(item.samples[0]?.value);
      cursor = json.next_cursor;
    }
    return seen;
  };
  const path = `transactions/${transaction}/meter-values`;
  expect(await values(path, 'user')).toEqual([0, 1, 2]);
  expect(await values(path, 'operator')).toEqual([0, 1, 2]);
  expect((await get(path, 'stranger')).status).toBe(404);
  expect(((await get(path)).json.items as Json[])[0]).toMatchObject({
    at: '2026-01-01T00:00:00.000Z',
    evse_id: 0,
    samples: [
      {
        ...{ measurand: 'Energy.Active.Import.Register', phase: null, unit: 'Wh', value: 0, raw: 'c2ln' },
        signed: { method: null, encoding: 'OCMF', public_key: null },
      },
    ],
  });
  expect(await values(`devices/${id}/meter-values`, 'operator')).toEqual([3]);
  expect((await get(`devices/${id}/meter-values?evse_id=7`)).json.items).toEqual([]);
  expect((await get(`devices/${id}/meter-values?from=yesterday`)).json).toMatchObject({
    errors: [{ field: 'from' }],
  });
  // A cursor of one list leads nowhere in another.
  const { json } = await get(`${path}?limit=1`);
  const elsewhere = await get(`devices/${id}/meter-values?cursor=${String(json.next_cursor)}`);
  expect(elsewhere.json).toMatchObject({ code: 'invalid-cursor' });
});
