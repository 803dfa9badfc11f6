/** The device model by REST, what answers of chargers make known, and the provisioning of stations. */
import { bareVariable, keyOf16, type LearntVariable, learnVariables } from '@sigec/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEVICE_MODEL_JOBS } from './background/device-model.js';
import { type Harness, type Json, result, type Sent, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 1, provisioning: { on: false, perSecond: 100 } });
});
afterAll(() => h.close());

const API = '/api/v1';
const get = async (path: string) => (await h.call('GET', `${API}${path}`, { as: 'operator' })).json;
const items = async (path: string) => (await get(path)).items as Json[];
const send = (id: string, action: string, body: Json) =>
  h.call('POST', `${API}/devices/${id}/commands/${action}`, { as: 'operator', body });
const events = (id: string) =>
  h.db.query<{ kind: string; payload: Json }>(
    `select kind, payload from outbox where payload ->> 'device_id' = $1::text and kind <> 'station.created' order by id`,
    [id],
  );

const name = (component: string, variable: string, instance: string | null = null) => ({
  ...{ component, variable, componentInstance: null, evseId: null, connectorId: null, variableInstance: instance },
});
const heartbeat = { component: { name: 'OCPPCommCtrlr' }, variable: { name: 'HeartbeatInterval' } };

let made = 0;
/** A station that is there, and how it answers. */
async function station(version: string, answer: (sent: Sent) => Json) {
  const identity = `DM-${++made}`;
  const id = await h.station(identity, version);
  await h.db.query(
    `update station set online = true, booted_at = now(), vendor = 'V', model = 'M' where id = $1::int8`,
    [Number(id)],
  );
  const edge = h.edge(identity, (sent) => result(answer(sent)));
  return { id, edge };
}

describe('what answers make known', () => {
  it('1.6: keys with their values, without secrets; those it does not have are forgotten', async () => {
    const keys: Json[] = [
      { key: 'HeartbeatInterval', readonly: false, value: '300' },
      { key: 'NumberOfConnectors', readonly: true, value: '2' },
      { key: 'AuthorizationKey', readonly: false, value: 'hunter2' },
    ];
    let left = keys;
    const answers: Record<string, () => Json> = {
      GetConfiguration: () => ({ configurationKey: left }),
      ChangeConfiguration: () => ({ status: 'Accepted' }),
    };
    const { id } = await station('ocpp1.6', ({ action }) => answers[action]?.() ?? {});
    await send(id, 'GetConfiguration', {});
    expect(await items(`/devices/${id}/variables`)).toMatchObject([
      { component: '', variable: 'HeartbeatInterval', value: '300', mutability: 'ReadWrite' },
      { component: '', variable: 'NumberOfConnectors', value: '2', mutability: 'ReadOnly' },
      { component: '', variable: 'AuthorizationKey', value: null },
    ]);
    await send(id, 'ChangeConfiguration', { key: 'heartbeatINTERVAL', value: '60' });
    await send(id, 'ChangeConfiguration', { key: 'AuthorizationKey', value: 'hunter2hunter2hu' });
    expect(await items(`/devices/${id}/variables?variable=HEARTBEATinterval`)).toMatchObject([
      { variable: 'HeartbeatInterval', value: '60', mutability: 'ReadWrite', learnt_from: 'ChangeConfiguration' },
    ]);
    left = keys.slice(0, 1);
    await send(id, 'GetConfiguration', {});
    expect((await items(`/devices/${id}/variables`)).map((row) => row.variable)).toEqual(['HeartbeatInterval']);
    expect(JSON.stringify([await events(id), h.log()])).not.toContain('hunter2');
    expect((await events(id)).map((event) => event.kind)).toContain('variables.learnt');
  });

  it('2.x: what was accepted, of its attribute, and what it can do', async () => {
    const read = { ...heartbeat, attributeStatus: 'Accepted', attributeValue: '300' };
    const wrote = { ...heartbeat, attributeStatus: 'Accepted' };
    const unread = { ...heartbeat, attributeType: 'Target', attributeStatus: 'Accepted' };
    const unknown = { component: { name: 'X' }, variable: { name: 'Y' }, attributeStatus: 'UnknownComponent' };
    const answers: Record<string, Json> = {
      GetVariables: { getVariableResult: [read, unknown] },
      SetVariables: { setVariableResult: [wrote, unread, unknown] },
    };
    const { id } = await station('ocpp2.0.1', ({ action }) => answers[action] ?? {});
    const xy = { component: { name: 'X' }, variable: { name: 'Y' } };
    await send(id, 'GetVariables', { getVariableData: [heartbeat, xy] });
    // What nobody ever read may be write-only.
    const data = [
      { ...heartbeat, attributeValue: '9' },
      { ...heartbeat, attributeType: 'Target', attributeValue: '8' },
      { ...xy, attributeValue: '1' },
    ];
    await send(id, 'SetVariables', { setVariableData: data });
    const rows = await items(`/devices/${id}/variables`);
    expect(rows).toMatchObject([
      { component: 'OCPPCommCtrlr', variable: 'HeartbeatInterval', attribute: 'Actual', value: '9' },
    ]);
  });

  it('2.x: monitors that were set and cleared, base and level; 2.1: streams', async () => {
    const set = { ...heartbeat, type: 'Delta', severity: 5 };
    const params = { interval: 9, values: 3 };
    const answers: Record<string, Json> = {
      SetVariableMonitoring: {
        setMonitoringResult: [
          { ...set, status: 'Accepted', id: 71 },
          { ...set, status: 'Rejected' },
        ],
      },
      ClearVariableMonitoring: { clearMonitoringResult: [{ id: 71, status: 'Accepted' }] },
      SetMonitoringBase: { status: 'Accepted' },
      SetMonitoringLevel: { status: 'Accepted' },
      GetPeriodicEventStream: { constantStreamData: [{ id: 4, variableMonitoringId: 71, params }] },
      AdjustPeriodicEventStream: { status: 'Accepted' },
    };
    const { id } = await station('ocpp2.1', ({ action }) => answers[action] ?? {});
    await send(id, 'SetVariableMonitoring', {
      setMonitoringData: [
        { ...set, value: 2 },
        { ...set, value: 3 },
      ],
    });
    await send(id, 'SetMonitoringLevel', { severity: 4 });
    await send(id, 'SetMonitoringBase', { monitoringBase: 'All' });
    const monitor = { monitor_id: 71, type: 'Delta', value: 2, severity: 5, notification_type: 'CustomMonitor' };
    expect(await get(`/devices/${id}/monitors`)).toMatchObject({ items: [monitor], base: 'All', level: 4 });
    await send(id, 'GetPeriodicEventStream', {});
    await send(id, 'AdjustPeriodicEventStream', { id: 4, params: { interval: 1 } });
    expect(await items(`/devices/${id}/event-streams`)).toMatchObject([
      { stream_id: 4, monitor_id: 71, variable: 'HeartbeatInterval', interval_s: 1, values_each: 3, closed_at: null },
    ]);
    await send(id, 'ClearVariableMonitoring', { id: [71] });
    expect(await items(`/devices/${id}/monitors`)).toEqual([]);
    expect((await events(id)).map((event) => event.kind)).toEqual([
      ...['monitors.set', 'monitoring.changed', 'monitoring.changed', 'stream.adjusted', 'monitors.cleared'],
    ]);
  });
});

describe('variables by REST', () => {
  it('33: are paged and filtered, and a wrong question names its field', async () => {
    const { id } = await station('ocpp2.0.1', () => ({}));
    const rows = Array.from({ length: 130 }, (_, n): LearntVariable => {
      const bare = bareVariable(Number(id), name(`C${n % 3}`, `V${n}`), String(n), 'NotifyReport');
      return { ...bare, mutability: n % 2 === 0 ? 'ReadOnly' : 'ReadWrite' };
    });
    await learnVariables(h.db, rows);
    const seen: unknown[] = [];
    let cursor: unknown = null;
    do {
      const page: Json = await get(
        `/devices/${id}/variables?limit=60${cursor === null ? '' : `&cursor=${String(cursor)}`}`,
      );
      seen.push(...(page.items as Json[]).map((row) => row.variable));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(rows.map((row) => row.variable));
    expect(await items(`/devices/${id}/variables?component=c1&mutability=ReadOnly&limit=200`)).toHaveLength(21);
    expect(await items(`/devices/${id}/variables?q=v129`)).toMatchObject([{ variable: 'V129', value: '129' }]);
    const wrong = await h.call('GET', `${API}/devices/${id}/variables?mutability=Some`, { as: 'operator' });
    expect(wrong.status).toBe(400);
  });
});

describe('provisioning', () => {
  const [job] = DEVICE_MODEL_JOBS;
  const run = () => job?.run(h.services, new AbortController().signal);
  const put = (path: string, body: Json) => h.call('PUT', `${API}${path}`, { as: 'operator', body });
  const ask = (id: string) => h.call('POST', `${API}/devices/${id}/provisioning`, { as: 'operator' });

  it('1.6: reads, writes what differs, the nearest wish first, and tells what was refused', async () => {
    const words: Record<string, string> = { A: 'Accepted', B: 'RebootRequired', C: 'Rejected' };
    const { id, edge } = await station('ocpp1.6', ({ action, payload }) =>
      action === 'GetConfiguration'
        ? { configurationKey: ['A', 'B', 'C', 'D'].map((key) => ({ key, readonly: false, value: '0' })) }
        : { status: words[String(payload.key)] ?? 'NotSupported' },
    );
    const key = (variable: string, value: string) => ({ variable, value });
    await put('/settings', { items: [key('A', 'tenant'), key('B', '2'), key('D', '0')] });
    await put('/settings', { vendor: 'v', items: [key('A', 'vendor')] });
    await put('/settings', { vendor: 'V', model: 'other', items: [key('A', 'other')] });
    // What has a component is of 2.x, and not of this one.
    await put(`/devices/${id}/settings`, { items: [key('C', '3'), { component: 'X', ...key('Y', '1') }] });
    expect(await items(`/devices/${id}/settings`)).toMatchObject([
      { variable: 'A', value: 'vendor', source: 'vendor', actual: null },
      ...[
        { variable: 'B', source: 'tenant' },
        { variable: 'C', source: 'device' },
        { variable: 'D', value: '0' },
      ],
    ]);
    expect((await ask(id)).json).toMatchObject({ state: 'queued' });
    // Offline ones and others' claims wait; this one is read, then written to.
    await run();
    expect((await get(`/devices/${id}/provisioning`)).state).toBe('applying');
    await run();
    expect(await get(`/devices/${id}/provisioning`)).toMatchObject({
      state: 'done',
      applied: [
        { variable: 'A', value: 'vendor', status: 'Accepted' },
        { variable: 'B', value: '2', status: 'RebootRequired' },
      ],
      refused: [{ variable: 'C', value: '3', status: 'Rejected' }],
      reboot_required: true,
    });
    expect(edge.sent.map(({ action, payload }) => [action, payload.key])).toEqual([
      ['GetConfiguration', undefined],
      ...['A', 'B', 'C'].map((one) => ['ChangeConfiguration', one]),
    ]);
    expect((await events(id)).at(-1)).toMatchObject({
      kind: 'provisioning.refused',
      payload: { applied: 2, refused: 1, reboot_required: true },
    });
  });

  it('2.x: waits for the report, and writes no more at once than the station takes', async () => {
    const wanted = Array.from({ length: 5 }, (_, n) => ({ component: 'Ctrlr', variable: `V${n}`, value: '1' }));
    const { id, edge } = await station('ocpp2.0.1', ({ action, payload }) => {
      if (action === 'GetBaseReport') return { status: 'Accepted' };
      const data = payload.setVariableData as Json[];
      return {
        setVariableResult: data.map(({ attributeValue: _, ...one }) => ({ ...one, attributeStatus: 'Accepted' })),
      };
    });
    await put(`/devices/${id}/settings`, { items: wanted });
    await ask(id);
    await run();
    const before = await get(`/devices/${id}/provisioning`);
    expect(before).toMatchObject({ state: 'reporting', request_id: expect.any(Number) });
    const items = name('DeviceDataCtrlr', 'ItemsPerMessage', 'SetVariables');
    await learnVariables(h.db, [bareVariable(Number(id), items, '2', 'NotifyReport')]);
    await h.db.query(`update station_request set status = 'complete', ended_at = now() where station_id = $1::int8`, [
      Number(id),
    ]);
    await h.db.query('update station_provisioning set next_at = now() where station_id = $1::int8', [Number(id)]);
    await run();
    await run();
    const after = await get(`/devices/${id}/provisioning`);
    expect(after).toMatchObject({ state: 'done', refused: [] });
    expect(after.applied).toHaveLength(5);
    const chunks = edge.sent.slice(1).map(({ payload }) => (payload.setVariableData as Json[]).length);
    expect(chunks).toEqual([2, 2, 1]);
    expect((await events(id)).at(-1)?.kind).toBe('provisioning.done');
  });

  it('comes again to a charger that is away, and gives one up that never answers', async () => {
    const { id, edge } = await station('ocpp1.6', () => ({}));
    edge.stop();
    await ask(id);
    for (let attempt = 1; attempt <= 8; attempt++) {
      await run();
      const { state, attempts, detail } = await get(`/devices/${id}/provisioning`);
      expect([state, attempts, detail]).toEqual([attempt < 8 ? 'queued' : 'failed', attempt, 'charger-offline']);
      await h.db.query('update station_provisioning set next_at = now() where station_id = $1::int8', [Number(id)]);
    }
    expect((await events(id)).at(-1)?.kind).toBe('provisioning.failed');
  });

  it('of itself is done only where it is switched on', async () => {
    const { id, edge } = await station('ocpp1.6', () => ({ configurationKey: [] }));
    await h.db.query(`insert into station_provisioning (station_id, tenant_id, state) values ($1::int8, 1, 'queued')`, [
      Number(id),
    ]);
    await run();
    expect([edge.sent.length, (await get(`/devices/${id}/provisioning`)).state]).toEqual([0, 'queued']);
    const on = { ...h.services, config: { ...h.services.config, provisioning: { on: true, perSecond: 100 } } };
    await job?.run(on, new AbortController().signal);
    expect(edge.sent.map((sent) => sent.action)).toEqual(['GetConfiguration']);
  });

  it('refuses to want a secret, and names the field', async () => {
    const { id } = await station('ocpp1.6', () => ({}));
    const wanted = { items: [{ variable: 'AuthorizationKey', value: 'hunter2' }] };
    for (const path of ['/settings', `/devices/${id}/settings`]) {
      const answer = await put(path, wanted);
      expect([answer.status, (answer.json.errors as Json[])[0]?.field]).toEqual([422, 'items.0.variable']);
    }
    expect((await put('/settings', { model: 'M', items: [] })).status).toBe(422);
    expect(keyOf16('A').component).toBe('');
  });
});
