/** Alarms by REST: what is wrong in plain words, what operators do, and the rules. */
import { keepAlarms, lookFor } from '@sigec/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, type Json, startHarness } from './testing/harness.js';

const API = '/api/v1';
let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.close());

let count = 0;
const ask = (method: string, path: string, body?: unknown) => h.call(method, `${API}${path}`, { as: 'operator', body });
/** A station whose connector 1 told a fault. */
async function faulted(
  code: string | null,
  vendorCode: string | null = null,
): Promise<{ device: string; alarm: string }> {
  const device = await h.station(`ALARM-${++count}`);
  await h.db.query(
    `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, error_code, vendor_error_code, status_at)
     values ($1::int8, 1, 1, 'Faulted', 'Faulted', $2::text, $3::text, now())`,
    [Number(device), code, vendorCode],
  );
  await lookFor(h.db, 'faulted');
  const { json } = await ask('GET', `/alarms?device_id=${device}`);
  return { device, alarm: String((json.items as Json[])[0]?.id) };
}
const mended = async (device: string) => {
  await h.db.query("update connector set status = 'Available' where station_id = $1::int8", [Number(device)]);
  await lookFor(h.db, 'faulted');
};

describe('an alarm', () => {
  it('says in both languages what is wrong, and the codes as they came', async () => {
    const { device, alarm } = await faulted('OtherError', 'CX008');
    const { json } = await ask('GET', `/alarms/${alarm}`);
    expect(json).toMatchObject({
      ...{ id: alarm, device_id: device, identity: 'ALARM-1', kind: 'faulted', severity: 'critical', state: 'open' },
      ...{ title_pt: 'Falha no carregador', title_en: 'Charger faulted', evse_id: 1, connector_id: 1, count: 1 },
      ...{ cause_gone_at: null, snoozed_until: null, resolved_at: null, transaction_id: null },
      error: {
        ...{ code: 'OtherError', vendor_code: 'CX008' },
        ...{ text_pt: 'Botão de emergência pressionado', text_en: 'The emergency stop was pressed' },
      },
      history: [{ action: 'raised', user_id: null, comment: null }],
    });
    // A code that nobody knows is shown as it came; OCPP's own still says something.
    const unknown = await faulted('InternalError', 'E-4711');
    const error = (await ask('GET', `/alarms/${unknown.alarm}`)).json.error as Json;
    expect(error).toMatchObject({ code: 'InternalError', vendor_code: 'E-4711' });
    expect(error.text_pt).toMatch(/interna/i);
    const silent = await faulted(null, 'E-4711');
    expect((await ask('GET', `/alarms/${silent.alarm}`)).json.error).toEqual({
      ...{ code: null, vendor_code: 'E-4711', text_pt: null, text_en: null },
    });
    const nothing = await faulted(null);
    expect((await ask('GET', `/alarms/${nothing.alarm}`)).json.error).toBeNull();
  });

  it('is acknowledged, put off and resolved, and keeps who did it and why', async () => {
    const { device, alarm } = await faulted('GroundFailure');
    const post = (what: string, body: object) => ask('POST', `/alarms/${alarm}/${what}`, body);
    expect(await post('acknowledge', { comment: 'técnico a caminho' })).toMatchObject({
      ...{ status: 200, json: { state: 'acknowledged' } },
    });
    // Twice is once.
    expect((await post('acknowledge', {})).status).toBe(200);
    const snoozed = await post('snooze', { minutes: 30 });
    expect(snoozed).toMatchObject({ status: 200, json: { state: 'snoozed' } });
    expect(Date.parse(String(snoozed.json.snoozed_until))).toBeGreaterThan(Date.now());
    expect((await post('snooze', { until: new Date(Date.now() + 60_000).toISOString() })).status).toBe(200);
    const resolved = await post('resolve', { comment: 'trocado' });
    expect(resolved).toMatchObject({ status: 200, json: { state: 'resolved', snoozed_until: null } });
    for (const [what, body] of [
      ['acknowledge', {}],
      ['snooze', { minutes: 5 }],
      ['resolve', {}],
    ] as const)
      expect(await post(what, body)).toMatchObject({ status: 409, json: { code: 'alarm-state', state: 'resolved' } });
    const by = h.userIds.operator;
    expect(resolved.json.history).toMatchObject([
      { action: 'raised', user_id: null },
      { action: 'acknowledged', user_id: by, comment: 'técnico a caminho' },
      { action: 'snoozed', user_id: by },
      { action: 'snoozed', user_id: by },
      { action: 'resolved', user_id: by, comment: 'trocado' },
    ]);
    const told = await h.db.query<{ kind: string; payload: Json }>(
      `select kind, payload from outbox where payload->>'alarm_id' = $1::text order by id`,
      [alarm],
    );
    expect(told.map(({ kind }) => kind)).toEqual([
      ...['alarm.raised', 'alarm.acknowledged', 'alarm.snoozed', 'alarm.snoozed', 'alarm.resolved'],
    ]);
    expect(told[1]?.payload).toMatchObject({ device_id: device, kind: 'faulted', by, comment: 'técnico a caminho' });
  });

  it('is over by itself', async () => {
    await ask('PUT', '/alarm-rules', { items: [{ kind: 'faulted', parameters: { clear_minutes: 0 } }] });
    const { device, alarm } = await faulted('OverVoltage');
    await mended(device);
    await keepAlarms(h.db, 400);
    const { json } = await ask('GET', `/alarms/${alarm}`);
    expect(json).toMatchObject({
      state: 'resolved',
      history: [{ action: 'raised' }, { action: 'resolved', user_id: null }],
    });
    await ask('PUT', '/alarm-rules', { items: [] });
  });

  it('tells what is wrong with an order', async () => {
    const { alarm } = await faulted('GroundFailure');
    const past = new Date(Date.now() - 1000).toISOString();
    for (const [what, body, field] of [
      ['snooze', {}, 'until'],
      ['snooze', { minutes: 5, until: new Date(Date.now() + 1000).toISOString() }, 'until'],
      ['snooze', { until: past }, 'until'],
      ['snooze', { minutes: 600_000 }, 'minutes'],
      ['snooze', { minutes: 1.5 }, 'minutes'],
      ['acknowledge', { comment: '' }, 'comment'],
      ['resolve', { comment: 'x'.repeat(501) }, 'comment'],
    ] as const) {
      const { status, json } = await ask('POST', `/alarms/${alarm}/${what}`, body);
      expect([status, (json.errors as Json[])[0]?.field], JSON.stringify(body)).toEqual([422, field]);
    }
    expect((await ask('POST', '/alarms/999999/resolve', {})).status).toBe(404);
  });

  it('is found by its state, kind, severity, device and time, page by page', async () => {
    const made = [];
    for (let n = 0; n < 3; n++) made.push(await faulted('GroundFailure'));
    const [first] = made;
    const items = async (query: string) =>
      ((await ask('GET', `/alarms?${query}`)).json.items as Json[]).map(({ id }) => id);
    const page = await ask('GET', '/alarms?kind=faulted&state=open,acknowledged&severity=critical&limit=2');
    expect((page.json.items as Json[]).map(({ id }) => id)).toEqual([made[2]?.alarm, made[1]?.alarm]);
    expect(await items(`limit=200&cursor=${page.json.next_cursor}`)).toContain(first?.alarm);
    expect(await items(`device_id=${first?.device}`)).toEqual([first?.alarm]);
    expect(await items(`device_id=${first?.device}&state=resolved`)).toEqual([]);
    expect(await items(`device_id=${first?.device}&since=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
    for (const wrong of ['state=broken', 'state=', 'kind=x', 'severity=1', 'device_id=x', 'since=yesterday'])
      expect((await ask('GET', `/alarms?${wrong}`)).status, wrong).toBe(400);
  });
});

describe('the rules', () => {
  it('hold without a word, are changed whole, and are the tenant’s own', async () => {
    const rules = async (as: 'operator' | 'stranger' = 'operator') =>
      (await h.call('GET', `${API}/alarm-rules`, { as })).json.items as Json[];
    const offline = (items: Json[]) => items.find(({ kind }) => kind === 'offline');
    expect(offline(await rules())).toMatchObject({ enabled: true, own: false, parameters: { minutes: 15 } });
    const put = { items: [{ kind: 'offline', severity: 'critical', parameters: { minutes: 3 } }] };
    const { status, json } = await ask('PUT', '/alarm-rules', put);
    expect(status).toBe(200);
    expect(offline(json.items as Json[])).toMatchObject({
      ...{ enabled: true, own: true, severity: 'critical', parameters: { minutes: 3, clear_minutes: 5 } },
    });
    expect(offline(await rules('stranger'))).toMatchObject({ own: false, parameters: { minutes: 15 } });
    expect((await ask('PUT', '/alarm-rules', { items: [] })).json.items).toEqual(await rules('stranger'));
  });

  it('name the parameter that is wrong', async () => {
    for (const [rule, field] of [
      [{ kind: 'offline', parameters: { minutes: 0 } }, 'items.0.parameters.minutes'],
      [{ kind: 'offline', parameters: { days: 3 } }, 'items.0.parameters.days'],
      [{ kind: 'security_event', parameters: { ignore_types: [''] } }, 'items.0.parameters.ignore_types'],
      [{ kind: 'nothing' }, 'items.0.kind'],
    ] as const) {
      const { status, json } = await ask('PUT', '/alarm-rules', { items: [rule] });
      expect([status, (json.errors as Json[])[0]?.field], JSON.stringify(rule)).toEqual([422, field]);
    }
    // None is passed over in silence.
    const twice = await ask('PUT', '/alarm-rules', {
      items: [{ kind: 'offline' }, { kind: 'offline', enabled: false }],
    });
    expect([twice.status, (twice.json.errors as Json[])[0]?.field]).toEqual([422, 'items.1.kind']);
  });
});
