import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nearNames } from './command/near-names.js';
import { type Harness, type Json, result, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 600, commandTimeoutMs: 2000 });
});
afterAll(() => h.close());

let count = 0;
async function device(version: string): Promise<{ identity: string; id: string }> {
  const identity = `CMD ${++count}`;
  return { identity, id: await h.station(identity, version) };
}
const send = (id: string, action: string, body?: unknown, query = '') =>
  h.call('POST', `/api/v1/devices/${id}/commands/${action}${query}`, { as: 'operator', body });

describe('a command', () => {
  it('brings back what the charger answered', async () => {
    const { identity, id } = await device('ocpp1.6');
    const edge = h.edge(identity, () => result({ status: 'Accepted' }));
    const answer = await send(id, 'Reset', { type: 'Soft' }, '?timeout=7');
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      status: 'answered',
      message_id: edge.sent[0]?.id,
      response: { status: 'Accepted' },
      latency_ms: expect.any(Number),
    });
    expect(edge.sent).toHaveLength(1);
    expect(edge.sent[0]).toMatchObject({ action: 'Reset', payload: { type: 'Soft' } });
    expect(edge.sent[0]?.id.length).toBeLessThanOrEqual(36);
    expect(edge.sent[0]?.timeoutMs).toBeLessThanOrEqual(7000);
    expect(edge.sent[0]?.timeoutMs).toBeGreaterThan(6000);
    expect((await send(id, 'ClearCache')).status).toBe(200);
    edge.stop();
  });

  it('passes an answer on that breaks the schema, with a warning', async () => {
    const { identity, id } = await device('ocpp2.0.1');
    const edge = h.edge(identity, () => result({ status: 'Perhaps' }));
    const answer = await send(id, 'ClearCache', {});
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ response: { status: 'Perhaps' }, warnings: [{ field: 'status' }] });
    edge.stop();
  });

  it('is refused before it is sent where the version has no such action or the payload is wrong', async () => {
    const { identity, id } = await device('ocpp1.6');
    const edge = h.edge(identity, () => result({}));
    const unknown = await send(id, 'RemoteStartTransactions', {});
    expect([unknown.status, unknown.json.code]).toEqual([404, 'unknown-action']);
    expect(unknown.json).toMatchObject({
      ocpp_version: 'ocpp1.6',
      near: ['RemoteStartTransaction', 'RemoteStopTransaction'],
    });
    expect(unknown.json.detail).toContain('ocpp1.6');
    for (const action of ['RequestStartTransaction', 'BootNotification', 'reset', '__proto__'])
      expect((await send(id, action, {})).status, action).toBe(404);
    const wrong = await send(id, 'Reset', { type: 'Sometimes' });
    expect(wrong.status).toBe(422);
    expect(wrong.json.errors).toEqual([{ field: 'type', message: expect.any(String) }]);
    const nested = await send(id, 'SetChargingProfile', { connectorId: 1, csChargingProfiles: { stackLevel: 1 } });
    expect((nested.json.errors as Json[])[0]?.field).toMatch(/^csChargingProfiles\./);
    expect((await send(id, 'Reset', [1])).status).toBe(422);
    expect((await send(id, 'Reset', '{"type"')).status).toBe(400);
    expect((await send(id, 'Reset', { type: 'Soft' }, '?timeout=121')).status).toBe(400);
    expect(edge.sent).toEqual([]);
    edge.stop();
  });

  it("tells the charger's own error", async () => {
    const { identity, id } = await device('ocpp2.1');
    const edge = h.edge(identity, () => ({
      status: 'error',
      code: 'NotSupported',
      description: 'no',
      details: '{"a":1}',
    }));
    const answer = await send(id, 'ClearCache', {});
    expect([answer.status, answer.json.code]).toEqual([502, 'charger-error']);
    expect(answer.json).toMatchObject({
      ocpp_error_code: 'NotSupported',
      ocpp_error_description: 'no',
      details: { a: 1 },
    });
    edge.stop();
  });

  it.each([
    ['timeout', 504, 'charger-timeout'],
    ['lost', 502, 'charger-connection-lost'],
    ['busy', 429, 'charger-busy'],
  ] as const)('ends as the edge says: %s', async (status, http, code) => {
    const { identity, id } = await device('ocpp1.6');
    const edge = h.edge(identity, () => ({ status }));
    const answer = await send(id, 'ClearCache', {});
    expect([answer.status, answer.json.code]).toEqual([http, code]);
    expect(edge.sent).toHaveLength(1);
    edge.stop();
  });

  it('ends where the edge itself never answers, and is not sent twice', async () => {
    const { identity, id } = await device('ocpp1.6');
    const edge = h.edge(identity, () => undefined);
    const answer = await send(id, 'ClearCache', {}, '?timeout=1');
    expect(answer.json.code).toBe('charger-timeout');
    expect(edge.sent).toHaveLength(1);
    edge.stop();
  });

  it('22: says offline after the grace, and at once where the charger has never been seen', async () => {
    const { id } = await device('ocpp1.6');
    const started = performance.now();
    const answer = await send(id, 'ClearCache', {});
    const took = performance.now() - started;
    expect([answer.status, answer.json.code, answer.json.temporary]).toEqual([409, 'charger-offline', true]);
    expect(took).toBeGreaterThan(300);
    const made = await h.call('POST', '/api/v1/devices', { as: 'operator', body: { identity: 'never seen' } });
    expect((await send(String(made.json.id), 'ClearCache', {})).json.code).toBe('charger-offline');
  });

  it('22: finds a charger that comes within the grace, and follows one that moves', async () => {
    const { identity, id } = await device('ocpp1.6');
    const pending = send(id, 'ClearCache', {});
    await new Promise((resolve) => setTimeout(resolve, 250));
    const first = h.edge(identity, () => {
      first.stop();
      return { status: 'moved' };
    });
    let second: ReturnType<Harness['edge']> | undefined;
    const waiting = setInterval(() => {
      if (first.sent.length > 0) second ??= h.edge(identity, () => result({ status: 'Accepted' }));
    }, 20);
    const answer = await pending;
    clearInterval(waiting);
    expect(answer.json).toMatchObject({ status: 'answered', response: { status: 'Accepted' } });
    expect([first.sent.length, second?.sent.length]).toEqual([1, 1]);
    expect(second?.sent[0]?.id).toBe(first.sent[0]?.id);
    second?.stop();
  });

  it('leaves no payload in the log', async () => {
    const { identity, id } = await device('ocpp1.6');
    const edge = h.edge(identity, () => result({ status: 'Accepted' }));
    const value = '0123456789abcdef0123456789abcdef01234567';
    expect((await send(id, 'ChangeConfiguration', { key: 'AuthorizationKey', value })).status).toBe(200);
    expect(h.log()).toContain('ChangeConfiguration');
    expect(h.log()).not.toContain(value);
    edge.stop();
  });
});

describe('availability', () => {
  it.each([
    ['ocpp1.6', { connectorId: 0, type: 'Inoperative' }],
    ['ocpp2.0.1', { operationalStatus: 'Inoperative' }],
  ] as const)('is changed in the words of %s', async (version, payload) => {
    const { identity, id } = await device(version);
    let status = 'Scheduled';
    const edge = h.edge(identity, () => result({ status }));
    const patch = (body: unknown) => h.call('PATCH', `/api/v1/devices/${id}/status`, { as: 'operator', body });
    const answer = await patch({ status: 'Unavailable' });
    expect([answer.status, answer.json.result, answer.json.status]).toEqual([200, 'Scheduled', 'Unavailable']);
    expect(edge.sent[0]).toMatchObject({ action: 'ChangeAvailability', payload });
    status = 'Rejected';
    expect((await patch({ status: 'Available' })).json.code).toBe('command-rejected');
    expect((await patch({ status: 'Faulted' })).status).toBe(422);
    edge.stop();
  });

  it('is asked for EVSE by EVSE where the whole is refused, and says what became of each', async () => {
    const { identity, id } = await device('ocpp1.6');
    await h.db.query(
      `insert into connector (station_id, evse_id, connector_id, ocpp_status, status, status_at)
       select $1::int8, n, 1, 'Available', 'Available', now() from generate_series(0, 3) as n`,
      [Number(id)],
    );
    const [running] = await h.db.query<{ id: number }>(
      `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
         started_at, currency, register, tariff)
       values (1, $1::int8, 2, 1, 'ocpp1.6', '1', 'charging', now(), 'BRL', '{}', '{}') returning id`,
      [Number(id)],
    );
    let words = ['Rejected', 'Accepted', 'Scheduled', 'Rejected'];
    const edge = h.edge(identity, ({ payload }) => {
      const status = words[Number(payload.connectorId)];
      return status === 'error'
        ? { status: 'error', code: 'InternalError', description: '', details: '{}' }
        : result({ status });
    });
    const patch = (body: object) => h.call('PATCH', `/api/v1/devices/${id}/status`, { as: 'operator', body });
    const parts = (...results: string[]) => results.map((word, n) => ({ evse_id: n + 1, result: word }));
    expect((await patch({ status: 'Unavailable' })).json).toMatchObject({
      ...{ result: 'Partial', parts: parts('Accepted', 'Scheduled', 'Rejected'), waits_for: [String(running?.id)] },
    });
    words = ['Rejected', 'Accepted', 'Scheduled', 'Accepted'];
    expect((await patch({ status: 'Unavailable' })).json).toMatchObject({ result: 'Scheduled' });
    words = ['Rejected', 'Accepted', 'error', 'Accepted'];
    expect((await patch({ status: 'Available' })).json).toMatchObject({
      ...{ result: 'Partial', parts: parts('Accepted', 'charger-error', 'Accepted'), waits_for: [] },
    });
    words = ['Rejected', 'Rejected', 'Rejected', 'Rejected'];
    const none = await patch({ status: 'Available' });
    expect([none.status, none.json.code]).toEqual([409, 'command-rejected']);
    expect(none.json.parts).toEqual(parts('Rejected', 'Rejected', 'Rejected'));
    words = ['Accepted', 'Rejected', 'Accepted', 'Rejected'];
    edge.sent.length = 0;
    expect((await patch({ status: 'Available' })).json).toMatchObject({ result: 'Accepted', parts: [] });
    expect((await patch({ status: 'Available', evse_id: 2 })).json).toMatchObject({ result: 'Accepted' });
    expect((await patch({ status: 'Available', evse_id: 1 })).json.code).toBe('command-rejected');
    expect(edge.sent.map(({ payload }) => payload.connectorId)).toEqual([0, 2, 1]);
    edge.stop();
  });
});

describe('a bus that is away', () => {
  it('is told as such', async () => {
    const other = await startHarness();
    const id = await other.station('BUS', 'ocpp1.6');
    await other.bus.close();
    const answer = await other.call('POST', `/api/v1/devices/${id}/commands/ClearCache`, { as: 'admin', body: {} });
    expect([answer.status, answer.json.code]).toEqual([503, 'bus-unavailable']);
    await other.close();
  });
});

describe('near names', () => {
  const names = ['Reset', 'RemoteStartTransaction', 'RemoteStopTransaction', 'ClearCache'];
  it('finds what was meant', () => {
    expect(nearNames('reset', names)).toEqual(['Reset']);
    expect(nearNames('StartTransaction', names)[0]).toBe('RemoteStartTransaction');
    expect(nearNames('ClearCash', names)).toEqual(['ClearCache']);
    expect(nearNames('Xyzzy', names)).toEqual([]);
    expect(nearNames('', names)).toEqual([]);
  });
});
