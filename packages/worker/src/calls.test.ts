import type { CallItem } from '@sigec/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CallsDeps, commitCalls, receiveCall, type Work } from './calls.js';
import { CallRefused } from './handler.js';
import type { From, Outcome } from './outcome.js';
import { ROUTES } from './route.js';
import { addStations, countOf, databaseError, openWatched, type Watched } from './testing/database.js';
import { answersOf, callItem, from, memoryLogger, SETTINGS } from './testing/fixtures.js';
import { CODECS } from './testing/plain.js';

/** As the consumer does it: what needs no data at once, the rest in one batch. */
async function answerCalls(deps: CallsDeps, batch: From<CallItem>[], tell: (outcomes: Outcome[]) => void) {
  const ready: Outcome[] = [];
  const work: Work[] = [];
  for (const from of batch) {
    const received = receiveCall(deps, from, Date.now());
    if ('routed' in received) work.push(received);
    else ready.push(received);
  }
  if (ready.length > 0) tell(ready);
  if (work.length > 0) await commitCalls(deps, work, tell);
}

let db: Watched;
beforeAll(async () => {
  db = await openWatched();
});
afterAll(() => db.close());
afterEach(() => {
  db.reset();
  vi.restoreAllMocks();
});

/** What was told, call by call. */
async function answer(items: CallItem[], committed: () => void = () => undefined): Promise<Outcome[][]> {
  const told: Outcome[][] = [];
  const { logger } = memoryLogger();
  const deps = { db, codecs: CODECS, settings: SETTINGS, logger, committed, warned: () => undefined };
  await answerCalls(
    deps,
    items.map((item) => from(item)),
    (outcomes) => told.push(outcomes),
  );
  return told;
}

let run = 0;
const stations = (count: number, leniency = '') => addStations(db, `S${++run}-`, count, leniency);

const now = () => new Date().toISOString();
const status = (station: number, connectorId = 1) =>
  callItem('ocpp1.6', 'StatusNotification', { connectorId, errorCode: 'NoError', status: 'Available' }, { station });
const startOf = (station: number, idTag = 'CARD') =>
  callItem('ocpp1.6', 'StartTransaction', { connectorId: 1, idTag, meterStart: 0, timestamp: now() }, { station });
const stop = (station: number, transactionId: number, connector = {}) =>
  callItem('ocpp1.6', 'StopTransaction', { transactionId, meterStop: 9, timestamp: now(), ...connector }, { station });

describe('what is accepted against its schema', () => {
  it('is told, and answered (field 26, 28)', async () => {
    const [id = 0] = await stations(1);
    const told: unknown[] = [];
    const { logger } = memoryLogger();
    const warned = (item: CallItem, warnings: readonly { kind: string }[]) => {
      told.push([item.stationId, warnings.map(({ kind }) => kind)]);
    };
    const deps = { db, codecs: CODECS, settings: SETTINGS, logger, committed: () => undefined, warned };
    const odd = { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp: '2026-01-01 10:00' };
    const outcomes: Outcome[] = [];
    await answerCalls(
      deps,
      [from(callItem('ocpp1.6', 'StatusNotification', odd, { station: id })), from(status(id))],
      (some) => outcomes.push(...some),
    );
    expect(outcomes.map(({ type }) => type)).toEqual(['result', 'result']);
    expect(told).toEqual([[id, ['timestamp']]]);
  });
});

describe('acked means durable', () => {
  it('answers after the commit and not before', async () => {
    const [id = 0] = await stations(1);
    const order: string[] = [];
    db.onCommit = () => {
      order.push('commit');
    };
    const logger = memoryLogger().logger;
    const committed = () => order.push('committed');
    const deps = { db, codecs: CODECS, settings: SETTINGS, logger, committed, warned: () => order.push('warned') };
    await answerCalls(deps, [from(startOf(id))], () => order.push('told'));
    expect(order).toEqual(['commit', 'committed', 'told']);
    expect(await countOf(db, 'transaction', `station_id = ${id}`)).toBe(1);
  });

  it('tells nothing where the commit fails for a passing reason again and again, and keeps nothing either', async () => {
    const [id = 0] = await stations(1);
    let attempts = 0;
    db.onCommit = () => {
      attempts++;
      throw databaseError('08006');
    };
    expect(await answer([startOf(id), callItem('ocpp1.6', 'Teleport', {}, { station: id, id: 'bad' })])).toMatchObject([
      [{ type: 'error' }],
    ]);
    expect(attempts).toBe(4);
    expect(await countOf(db, 'transaction', `station_id = ${id}`)).toBe(0);
    expect(await countOf(db, 'outbox', `payload->>'device_id' = '${id}'`)).toBe(0);
  });

  it.each(['40001', '40P01', '57P01', 'CONNECTION_CLOSED'])(
    'tries again after %s: nothing is lost, nothing twice',
    async (code) => {
      const ids = await stations(3);
      let failures = 2;
      db.onCommit = () => {
        if (failures-- > 0) throw databaseError(code);
      };
      const told = await answer(ids.map((id) => startOf(id)));
      expect(told).toHaveLength(1);
      expect(told[0]?.map(({ type }) => type)).toEqual(['result', 'result', 'result']);
      expect(await countOf(db, 'transaction', `station_id in (${ids})`)).toBe(3);
      expect(db.transactions).toBe(3);
    },
  );
});

describe('one charger cannot hurt another', () => {
  it('a message whose handler fails gets InternalError, the others their answers, and its changes are undone', async () => {
    const ids = await stations(5);
    const handler = ROUTES['ocpp1.6'].get('StartTransaction');
    if (handler?.kind !== 'durable') throw new Error('no handler');
    const real = handler.handle.bind(handler);
    vi.spyOn(handler, 'handle').mockImplementation((call, unit) => {
      const answer = real(call, unit);
      if ((call.payload as { idTag: string }).idTag === 'POISON') throw new Error('select secret from somewhere');
      return answer;
    });
    const items = ids.map((id, index) => startOf(id, index === 2 ? 'POISON' : 'CARD'));
    const outcomes = (await answer(items)).flat();
    expect(outcomes).toHaveLength(5);
    const answers = answersOf(outcomes);
    expect(items.map((item) => typeof answers.get(item.id))).toEqual([
      'object',
      'object',
      'string',
      'object',
      'object',
    ]);
    expect(answers.get(items[2]?.id as string)).toBe('InternalError');
    expect(JSON.stringify(outcomes.map((o) => o.frame))).not.toContain('secret');
    expect(await countOf(db, 'transaction', `station_id in (${ids})`)).toBe(4);
  });

  it('a message that is refused after something of it was changed leaves nothing, and the others stand', async () => {
    const ids = await stations(3);
    const handler = ROUTES['ocpp1.6'].get('StartTransaction');
    if (handler?.kind !== 'durable') throw new Error('no handler');
    const real = handler.handle.bind(handler);
    vi.spyOn(handler, 'handle').mockImplementation((call, unit) => {
      const answer = real(call, unit);
      if ((call.payload as { idTag: string }).idTag === 'LATE') throw new CallRefused('property', 'too late');
      return answer;
    });
    const items = ids.map((id, index) => startOf(id, index === 1 ? 'LATE' : 'CARD'));
    const answers = answersOf((await answer(items)).flat());
    expect(items.map(({ id }) => typeof answers.get(id))).toEqual(['object', 'string', 'object']);
    expect(answers.get(items[1]?.id as string)).toBe('InternalError');
    expect(await countOf(db, 'transaction', `station_id in (${ids})`)).toBe(2);
    expect(await countOf(db, 'transaction', `station_id = ${ids[1]}`)).toBe(0);
  });

  it('a message that the database refuses is found by halves; the others are answered, each once', async () => {
    const ids = await stations(16);
    const items = ids.map((id) => status(id));
    // Nothing that the schema lets through, and the handlers, is known to be refused: so the table is told to.
    await db.query(`alter table connector add constraint refused check (station_id <> ${ids[11]}) not valid`);
    const outcomes = (await answer(items)).flat();
    await db.query('alter table connector drop constraint refused');
    expect(outcomes.map((o) => o.from.item.id).sort()).toEqual(items.map((item) => item.id).sort());
    const errors = outcomes.filter((o) => o.type === 'error');
    expect(errors.map((o) => o.from.item.id)).toEqual([items[11]?.id]);
    expect(errors[0]?.frame).toContain('"InternalError","the message could not be handled",{}');
    expect(await countOf(db, 'connector', `station_id in (${ids})`)).toBe(15);
  });

  it('a station that is unknown, or a session that is not the newest, is stale and changes nothing', async () => {
    const [mine = 0, moved = 0] = await stations(2);
    await db.query('update station set session_epoch = 5 where id = $1::int8', [moved]);
    const items = [status(mine), status(moved), status(2_000_000_000)];
    expect((await answer(items)).flat().map((o) => o.type)).toEqual(['result', 'stale', 'stale']);
    expect(await countOf(db, 'connector', `station_id = ${moved}`)).toBe(0);
  });

  it('27: leniency is the permission of a station, never of its neighbour', async () => {
    const [strict = 0] = await stations(1);
    const [overlong = 0] = await stations(1, '{"overlong":true}');
    const [additional = 0] = await stations(1, '{"additional":true}');
    const boot = (station: number, more: object) =>
      callItem('ocpp1.6', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M', ...more }, { station });
    const long = { chargePointSerialNumber: 'S'.repeat(40) };
    const extra = { mood: 'fine' };
    const heartbeat = (station: number) => callItem('ocpp2.0.1', 'Heartbeat', extra, { station });
    const items = [strict, overlong, additional].flatMap((id) => [boot(id, long), boot(id, extra), heartbeat(id)]);
    const answers = answersOf((await answer(items)).flat());
    expect(items.map((item) => answers.get(item.id)).map((a) => (typeof a === 'string' ? a : 'taken'))).toEqual([
      ...['PropertyConstraintViolation', 'FormationViolation', 'OccurrenceConstraintViolation'],
      ...['taken', 'FormationViolation', 'OccurrenceConstraintViolation'],
      ...['PropertyConstraintViolation', 'taken', 'taken'],
    ]);
  });
});

describe('cost', () => {
  it('what needs no data is answered without the database, also while it is away', async () => {
    db.onQuery = () => {
      throw databaseError('08006');
    };
    const items = [
      callItem('ocpp1.6', 'Heartbeat', {}),
      callItem('ocpp2.1', 'Heartbeat', {}),
      callItem('ocpp1.6', 'Reset', {}),
      callItem('ocpp2.0.1', 'Heartbeat', 'not json'),
      callItem('ocpp0', 'Heartbeat', {}),
    ];
    const told = await answer(items);
    expect(told.flat().map((o) => o.type)).toEqual(['result', 'result', 'error', 'error', 'error']);
    expect(db).toMatchObject({ statements: 0, transactions: 0 });
  });

  /** One message of each kind that needs the database, by turns. */
  function mixed(ids: readonly number[]): CallItem[] {
    const value = { timestamp: now(), sampledValue: [{ value: 5 }] };
    const event = (seqNo: number) => ({
      eventType: seqNo === 0 ? 'Started' : 'Updated',
      timestamp: now(),
      triggerReason: 'CablePluggedIn',
      seqNo,
      transactionInfo: { transactionId: 'T' },
      evse: { id: 1, connectorId: 1 },
      idToken: { idToken: 'CARD', type: 'ISO14443' },
      meterValue: [value],
    });
    const kinds: ((station: number) => CallItem)[] = [
      (station) => status(station),
      (station) => startOf(station),
      (station) => stop(station, -1, { idTag: 'CARD' }),
      (station) => callItem('ocpp1.6', 'Authorize', { idTag: 'CARD' }, { station }),
      (station) => callItem('ocpp2.0.1', 'MeterValues', { evseId: 1, meterValue: [value] }, { station }),
      (station) => callItem('ocpp2.0.1', 'TransactionEvent', event(0), { station }),
      (station) => callItem('ocpp2.1', 'TransactionEvent', event(1), { station }),
      (station) =>
        callItem(
          'ocpp2.1',
          'BootNotification',
          { reason: 'PowerUp', chargingStation: { model: 'M', vendorName: 'V' } },
          { station },
        ),
    ];
    return ids.flatMap((id, index) => (kinds[index % kinds.length] as (station: number) => CallItem)(id));
  }

  it('a batch of 200 mixed messages takes as many statements as one of 8, in one transaction', async () => {
    const cost = async (count: number) => {
      const items = mixed(await stations(count));
      db.reset();
      let committed = 0;
      const outcomes = (await answer(items, () => void committed++)).flat();
      expect(outcomes.map((o) => o.type)).toEqual(items.map(() => 'result'));
      expect(committed).toBe(1);
      return { statements: db.statements, transactions: db.transactions };
    };
    const small = await cost(8);
    expect(await cost(200)).toEqual(small);
    expect(small.transactions).toBe(1);
    // What is not of every day (a boot, a refused token, a stop by a token, a reason of an event) costs a statement or two
    // for all of its kind.
    expect(small.statements).toBeLessThanOrEqual(20);
  });

  it('says that there is something to relay only where there is', async () => {
    const [id = 0] = await stations(1);
    let committed = 0;
    const meterValue = [{ timestamp: now(), sampledValue: [{ value: 5 }] }];
    const values = callItem('ocpp2.0.1', 'MeterValues', { evseId: 1, meterValue }, { station: id });
    await answer([values], () => void committed++);
    expect(committed).toBe(0);
    await answer([status(id)], () => void committed++);
    expect(committed).toBe(1);
  });
});

describe('twice is once', () => {
  it('the same messages again, in the same batch or later, give the same rows and the same answers', async () => {
    const [id = 0] = await stations(1);
    const begin = startOf(id);
    const first = answersOf((await answer([begin, begin])).flat()).get(begin.id) as { transactionId: number };
    const end = stop(id, first.transactionId);
    await answer([end]);
    await answer([end, begin]);
    expect(answersOf((await answer([begin])).flat()).get(begin.id)).toEqual(first);
    expect(await countOf(db, 'transaction', `station_id = ${id}`)).toBe(1);
    expect(await countOf(db, 'transaction', `station_id = ${id} and energy_mwh = 9000 and ended_at is not null`)).toBe(
      1,
    );
  });

  it('no number of a transaction is spent on messages of known ones', async () => {
    const [id = 0] = await stations(1);
    const { transactionId } = answersOf((await answer([startOf(id)])).flat())
      .values()
      .next().value as {
      transactionId: number;
    };
    for (let i = 0; i < 5; i++) await answer([stop(id, transactionId)]);
    const next = answersOf((await answer([startOf(id)])).flat())
      .values()
      .next().value as { transactionId: number };
    expect(next.transactionId).toBe(transactionId + 1);
  });
});

it('30, 38: a session told in any order over several batches is one row, with the total of all its readings', async () => {
  const [id = 0] = await stations(1);
  const event = (seqNo: number, eventType: string, value: number) =>
    callItem(
      'ocpp2.0.1',
      'TransactionEvent',
      {
        eventType,
        timestamp: new Date(Date.UTC(2025, 1, 1) + seqNo * 60_000).toISOString(),
        triggerReason: 'MeterValuePeriodic',
        seqNo,
        transactionInfo: { transactionId: 'T' },
        evse: { id: 1, connectorId: 1 },
        meterValue: [
          { timestamp: new Date(Date.UTC(2025, 1, 1) + seqNo * 60_000).toISOString(), sampledValue: [{ value }] },
        ],
      },
      { station: id },
    );
  for (const batch of [
    [event(3, 'Ended', 5000), event(1, 'Updated', 2000)],
    [event(3, 'Ended', 5000)],
    [event(0, 'Started', 1000), event(1, 'Updated', 2000)],
    [event(2, 'Updated', 3000)],
  ])
    await answer(batch);
  const rows = await db.query(
    `select energy_mwh as "energyMwh", cost_minor as "costMinor", status, seen, flags::text as flags
     from transaction where station_id = $1::int8`,
    [id],
  );
  expect(rows).toEqual([{ energyMwh: 4_000_000, costMinor: 300, status: 'completed', seen: '0-3', flags: '{}' }]);
  expect(await countOf(db, 'meter_sample', `station_id = ${id}`)).toBe(4);
});
