/** Displays, grid control, battery swaps, tariffs and cost, as operators use them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENERGY_JOBS } from './background/energy.js';
import { type Harness, type Json, result, type Sent, startHarness } from './testing/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await startHarness({ offlineGraceMs: 1, commandTimeoutMs: 2000 });
});
afterAll(() => h.close());

const DEVICES = '/api/v1/devices';
let count = 0;

/** A device of a version, whose charger answers each action as told. */
async function held(answers: Readonly<Record<string, Json | ((sent: Sent) => Json)>>, version = 'ocpp2.1') {
  const identity = `ENERGY-${++count}`;
  const id = await h.station(identity, version);
  const { sent } = h.edge(identity, (one) => {
    const said = answers[one.action] ?? {};
    return result(typeof said === 'function' ? said(one) : said);
  });
  const get = async (path: string) => (await h.call('GET', `${DEVICES}/${id}/${path}`, { as: 'operator' })).json;
  const items = async (path: string) => (await get(path)).items as Json[];
  const command = (action: string, body: unknown) =>
    h.call('POST', `${DEVICES}/${id}/commands/${action}`, { as: 'operator', body });
  return { id, sent, get, items, command };
}

async function running(id: string, ocppTransactionId: string, costMinor: number): Promise<number> {
  const [made] = await h.db.query<{ id: number }>(
    `insert into transaction (tenant_id, station_id, evse_id, connector_id, version, ocpp_transaction_id, status,
       started_at, currency, register, tariff, cost_minor)
     values (1, $1::int8, 1, 1, 'ocpp2.1', $2, 'charging', now(), 'BRL', '{}',
       '{"currency":"BRL","perKwhMinor":75}', $3::int8) returning id`,
    [Number(id), ocppTransactionId, costMinor],
  );
  return made?.id ?? 0;
}
const events = async (id: string) =>
  (
    await h.db.query<{ kind: string }>(
      `select kind from outbox where payload ->> 'device_id' = $1 and kind <> 'station.created' order by id`,
      [id],
    )
  ).map(({ kind }) => kind);

describe('messages on displays', () => {
  it.each(['ocpp2.0.1', 'ocpp2.1'])('%s: set, shown, cleared', async (version) => {
    const yes = { status: 'Accepted' };
    const { id, sent, items } = await held({ SetDisplayMessage: yes, ClearDisplayMessage: yes }, version);
    const transaction = await running(id, `T-${id}`, 0);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const body = { message: 'Olá', language: 'pt-BR', priority: 'InFront', until, transaction_id: String(transaction) };
    const made = await h.call('POST', `${DEVICES}/${id}/display-messages`, { as: 'operator', body });
    expect(made.status).toBe(201);
    const message = Number(made.json.id);
    expect(made.headers.get('location')).toBe(`${DEVICES}/${id}/display-messages/${message}`);
    expect(sent[0]?.payload).toEqual({
      message: {
        id: message,
        priority: 'InFront',
        message: { format: 'UTF8', language: 'pt-BR', content: 'Olá' },
        endDateTime: until,
        transactionId: `T-${id}`,
      },
    });
    expect(await items('display-messages')).toMatchObject([
      {
        id: String(message),
        priority: 'InFront',
        source: 'set',
        contents: [{ content: 'Olá', language: 'pt-BR' }],
        until,
      },
    ]);
    // With its transaction it goes by itself.
    await h.db.query('update transaction set ended_at = now() where id = $1::int8', [transaction]);
    expect(await items('display-messages')).toEqual([]);
    const gone = await h.call('DELETE', `${DEVICES}/${id}/display-messages/${message}`, { as: 'operator' });
    expect([gone.status, gone.json.id]).toEqual([200, String(message)]);
    expect(await events(id)).toEqual(expect.arrayContaining(['display.set', 'display.cleared']));
  });

  it('one that the charger does not take is not there', async () => {
    const { id, items } = await held({
      SetDisplayMessage: { status: 'NotSupportedPriority' },
      ClearDisplayMessage: { status: 'Unknown' },
    });
    const refused = await h.call('POST', `${DEVICES}/${id}/display-messages`, {
      as: 'operator',
      body: { message: 'x' },
    });
    expect([refused.status, refused.json.code]).toEqual([409, 'command-rejected']);
    expect(refused.json.response).toEqual({ status: 'NotSupportedPriority' });
    expect(await items('display-messages')).toEqual([]);
    const gone = await h.call('DELETE', `${DEVICES}/${id}/display-messages/1`, { as: 'operator' });
    expect(gone.status).toBe(404);
  });

  it('1.6 has none, and says so', async () => {
    const { id, sent } = await held({}, 'ocpp1.6');
    for (const [method, path, body] of [
      ['POST', 'display-messages', { message: 'x' }],
      ['DELETE', 'display-messages/1', undefined],
      ['PUT', 'cost-display', { enabled: true, every_s: 60 }],
    ] as const) {
      const answer = await h.call(method, `${DEVICES}/${id}/${path}`, { as: 'operator', body });
      expect([answer.status, answer.json.code], path).toEqual([409, 'not-supported-by-version']);
    }
    expect(sent).toEqual([]);
  });

  it('what the specification forbids does not leave', async () => {
    const { sent, command } = await held({});
    const message = { priority: 'InFront', message: { format: 'UTF8', content: 'x', language: 'pt' } };
    const wrong: [object, string][] = [
      [{ ...message, endDateTime: '2020-01-01T00:00:00Z' }, 'message.endDateTime'],
      [
        { ...message, startDateTime: '2099-01-02T00:00:00Z', endDateTime: '2099-01-01T00:00:00Z' },
        'message.endDateTime',
      ],
      [
        { ...message, messageExtra: [{ format: 'UTF8', content: 'y', language: 'PT' }] },
        'message.messageExtra.0.language',
      ],
    ];
    for (const [payload, field] of wrong) {
      const answer = await command('SetDisplayMessage', { message: payload });
      expect([answer.status, (answer.json.errors as Json[])[0]?.field]).toEqual([422, field]);
    }
    expect(sent).toEqual([]);
  });
});

describe('grid control', () => {
  const limit = { pctMaxDischargePower: 50, priority: 2, startTime: '2099-01-01T00:00:00Z', duration: 600 };
  const scheduled = {
    isDefault: false,
    controlId: 'limit',
    controlType: 'LimitMaxDischarge',
    limitMaxDischarge: limit,
  };

  it('a control that the charger took is there, and what it put aside; cleared it is gone', async () => {
    const { id, items, command } = await held({
      SetDERControl: ({ payload }) =>
        payload.controlId === 'other' ? { status: 'Accepted', supersededIds: ['limit'] } : { status: 'Accepted' },
      ClearDERControl: { status: 'Accepted' },
    });
    expect((await command('SetDERControl', scheduled)).status).toBe(200);
    expect((await command('SetDERControl', { ...scheduled, controlId: 'other' })).status).toBe(200);
    expect(await items('der-controls')).toMatchObject([
      { control_id: 'limit', is_default: false, superseded: true, duration_s: 600, priority: 2, content: limit },
      { control_id: 'other', superseded: false, started: null, source: 'set' },
    ]);
    expect((await command('ClearDERControl', { isDefault: true })).status).toBe(200);
    expect(await items('der-controls')).toHaveLength(2);
    expect((await command('ClearDERControl', { isDefault: false, controlId: 'limit' })).status).toBe(200);
    expect(await items('der-controls')).toMatchObject([{ control_id: 'other' }]);
    expect(await events(id)).toEqual(['der-control.set', 'der-control.set', 'der-control.cleared']);
  });

  it('one that does not fit its type, or its time, does not leave', async () => {
    const { sent, command } = await held({});
    const wrong: [object, string][] = [
      [{ ...scheduled, controlType: 'FreqDroop' }, 'limitMaxDischarge'],
      [{ ...scheduled, limitMaxDischarge: undefined }, 'limitMaxDischarge'],
      [{ ...scheduled, isDefault: true }, 'limitMaxDischarge.startTime'],
      [{ ...scheduled, limitMaxDischarge: { priority: 1 } }, 'limitMaxDischarge.startTime'],
    ];
    for (const [payload, field] of wrong) {
      const answer = await command('SetDERControl', payload);
      expect([answer.status, (answer.json.errors as Json[])[0]?.field]).toEqual([422, field]);
    }
    expect(sent).toEqual([]);
  });
});

describe('battery swaps', () => {
  const idToken = { idToken: 'CARD', type: 'ISO14443' };

  it('are noted with their number before they are asked for, and as the charger answered', async () => {
    let said = 'Accepted';
    const { items, command } = await held({ RequestBatterySwap: () => ({ status: said }) });
    const first = await command('RequestBatterySwap', { idToken });
    const again = await command('RequestBatterySwap', { idToken, requestId: first.json.request_id });
    expect([again.status, (again.json.errors as Json[])[0]?.field]).toEqual([422, 'requestId']);
    said = 'Rejected';
    await command('RequestBatterySwap', { idToken });
    expect(await items('battery-swaps')).toMatchObject([
      { status: 'rejected', source: 'requested' },
      { status: 'accepted', request_id: first.json.request_id, id_token: 'CARD', batteries: [] },
    ]);
  });

  it('one whose charger is away has failed', async () => {
    const id = await h.station('AWAY', 'ocpp2.1');
    const body = { idToken };
    const answer = await h.call('POST', `${DEVICES}/${id}/commands/RequestBatterySwap`, { as: 'operator', body });
    expect(answer.json.code).toBe('charger-offline');
    const { json } = await h.call('GET', `${DEVICES}/${id}/battery-swaps`, { as: 'operator' });
    expect(json.items).toMatchObject([{ status: 'failed' }]);
  });
});

describe('tariffs at chargers', () => {
  const yes = { status: 'Accepted' };

  it('ours is set where none is given, and takes the place of the one before', async () => {
    const { id, sent, items, command } = await held({ SetDefaultTariff: yes });
    const mine = { tariffId: 'mine', currency: 'BRL', energy: { prices: [{ priceKwh: 1 }] } };
    await command('SetDefaultTariff', { evseId: 1, tariff: mine });
    const { status, json } = await command('SetDefaultTariff', {});
    expect([status, json.tariff_id]).toEqual([200, 'brl-75-kwh']);
    expect(sent[1]?.payload).toMatchObject({
      evseId: 0,
      tariff: { currency: 'BRL', energy: { prices: [{ priceKwh: 0.75 }] } },
    });
    expect(await items('tariffs')).toMatchObject([
      { tariff_id: 'brl-75-kwh', kind: 'default', evse_id: 0, currency: 'BRL', content: { tariffId: 'brl-75-kwh' } },
    ]);
    // One that holds from later on stands beside it.
    await command('SetDefaultTariff', { evseId: 0, tariff: { ...mine, validFrom: '2099-01-01T00:00:00Z' } });
    expect((await items('tariffs')).map((t) => t.tariff_id)).toEqual(['brl-75-kwh', 'mine']);
    expect(await events(id)).toEqual(['tariff.set', 'tariff.set', 'tariff.set']);
  });

  it('what the charger has takes the place of what was known; what it cleared is gone', async () => {
    const assigned = { tariffId: 'theirs', tariffKind: 'DriverTariff', evseIds: [1, 2], idTokens: ['CARD'] };
    const { items, command } = await held({
      SetDefaultTariff: yes,
      GetTariffs: {
        status: 'Accepted',
        tariffAssignments: [assigned, { tariffId: 'brl-75-kwh', tariffKind: 'DefaultTariff', evseIds: [1] }],
      },
      ClearTariffs: ({ payload }) => ({
        clearTariffsResult: ((payload.tariffIds as string[] | undefined) ?? [undefined]).map((tariffId) => ({
          status: 'Accepted',
          ...(tariffId === undefined ? {} : { tariffId }),
        })),
      }),
    });
    await command('SetDefaultTariff', {});
    await command('GetTariffs', { evseId: 0 });
    expect(
      (await items('tariffs')).map((t) => [t.tariff_id, t.kind, t.evse_id, t.id_tokens, t.content !== null]),
    ).toEqual([
      ['theirs', 'driver', 1, ['CARD'], false],
      ['theirs', 'driver', 2, ['CARD'], false],
      ['brl-75-kwh', 'default', 1, [], true],
    ]);
    await command('ClearTariffs', { tariffIds: ['theirs'], evseId: 1 });
    expect(await items('tariffs')).toHaveLength(2);
    await command('ClearTariffs', {});
    expect(await items('tariffs')).toEqual([]);
  });

  it('that of a transaction is changed in its currency only, while it runs', async () => {
    const { id, items, command } = await held({ ChangeTransactionTariff: yes });
    const tariff = { tariffId: 'new', currency: 'USD', energy: { prices: [{ priceKwh: 1 }] } };
    await running(id, 'TX', 10);
    const wrong = await command('ChangeTransactionTariff', { transactionId: 'TX', tariff });
    expect(wrong.json.errors).toEqual([{ field: 'tariff.currency', message: 'must stay that of the transaction' }]);
    const body = { transactionId: 'TX', tariff: { ...tariff, currency: 'BRL' } };
    expect((await command('ChangeTransactionTariff', body)).status).toBe(200);
    expect(await items('tariffs')).toMatchObject([
      { kind: 'transaction', ocpp_transaction_id: 'TX', tariff_id: 'new' },
    ]);
  });

  it('one that no charger could understand does not leave', async () => {
    const { sent, command } = await held({});
    const prices = [{ priceKwh: 1, conditions: { startTimeOfDay: '8:00', minEnergy: 5, maxEnergy: 5 } }];
    const tariff = { tariffId: 't', currency: 'brl', energy: { prices } };
    const { json } = await command('SetDefaultTariff', { evseId: 0, tariff });
    expect((json.errors as Json[]).map(({ field }) => field)).toEqual([
      'tariff.currency',
      'tariff.energy.prices.0.conditions.startTimeOfDay',
      'tariff.energy.prices.0.conditions.maxEnergy',
    ]);
    expect(sent).toEqual([]);
  });
});

describe('the running cost', () => {
  it('is that of the transaction where none is given, and noted as it was told', async () => {
    const { id, sent, items, command } = await held({});
    await running(id, 'TX', 1234);
    expect((await command('CostUpdated', { transactionId: 'TX' })).status).toBe(200);
    expect(sent[0]?.payload).toEqual({ transactionId: 'TX', totalCost: 12.34 });
    expect(await items('cost-updates')).toMatchObject([
      { ocpp_transaction_id: 'TX', cost: { amount_minor: 1234, currency: 'BRL' } },
    ]);
    for (const [payload, field] of [
      [{ transactionId: 'TX', totalCost: -1 }, 'totalCost'],
      [{ transactionId: 'TX', totalCost: 0.001 }, 'totalCost'],
    ] as const)
      expect(((await command('CostUpdated', payload)).json.errors as Json[])[0]?.field).toBe(field);
    // One that only the charger may know is told, and nothing is noted of it.
    expect((await command('CostUpdated', { transactionId: 'NO', totalCost: 1 })).status).toBe(200);
    expect(await items('cost-updates')).toHaveLength(1);
  });

  it('goes to those that want it, where it changed, not more often than they want, and not after the end', async () => {
    const run = () => ENERGY_JOBS[0]?.run(h.services, new AbortController().signal);
    const { id, sent, get } = await held({});
    const due = () => h.db.query(`update cost_display set next_at = now() where station_id = ${id}`);
    await h.db.query('update station set online = true where id = $1::int8', [Number(id)]);
    const transaction = await running(id, 'TX', 75);
    await run();
    expect(sent).toEqual([]);
    const put = await h.call('PUT', `${DEVICES}/${id}/cost-display`, {
      as: 'operator',
      body: { enabled: true, every_s: 60 },
    });
    expect(put.status).toBe(200);
    expect(await get('cost-display')).toEqual({ enabled: true, every_s: 60 });
    await run();
    await run();
    expect(sent.map(({ payload }) => payload)).toEqual([{ transactionId: 'TX', totalCost: 0.75 }]);
    // Not again before its time, and not where nothing changed.
    await h.db.query('update transaction set cost_minor = 150 where id = $1::int8', [transaction]);
    await run();
    expect(sent).toHaveLength(1);
    await due();
    await run();
    await due();
    await run();
    expect(sent.map(({ payload }) => payload.totalCost)).toEqual([0.75, 1.5]);
    await h.db.query('update transaction set cost_minor = 200, ended_at = now() where id = $1::int8', [transaction]);
    await due();
    await run();
    expect(sent).toHaveLength(2);
  });
});

it('a payment on the web is told to the charger, and to those who listen', async () => {
  const { id, command } = await held({ NotifyWebPaymentStarted: {} });
  expect((await command('NotifyWebPaymentStarted', { evseId: 1, timeout: 60 })).status).toBe(200);
  expect(await events(id)).toEqual(['web-payment.started']);
  const { json } = await command('NotifyWebPaymentStarted', { evseId: 0, timeout: 0 });
  expect((json.errors as Json[]).map(({ field }) => field)).toEqual(['evseId', 'timeout']);
});
