/** The ledger is able to fail: a true state passes, and each way of being wrong is found, by station and transaction. */
import { expect, it } from 'vitest';
import type { ChargerBook, CommandBook, EventBook } from './book.js';
import { costOf, judge, type Kept, type KeptTransaction, type Violation } from './ledger.js';

const T0 = Date.UTC(2025, 0, 1);

function events(): EventBook[] {
  const kinds = ['start', 'meter', 'meter', 'stop'] as const;
  return kinds.map((kind, seqNo) => {
    return { kind, seqNo, atMs: T0 + seqNo * 1000, registerMWh: 5_000_000 + seqNo * 333_000, acked: true, sent: 1 };
  });
}

/** One charger of each version with one session each, and a product that kept all of it. */
function world() {
  const book = (identity: string, version: '1.6' | '2.0.1', transactionId: string) => ({
    ...{ identity, version, connected: true, oddities: [] as string[] },
    sessions: [{ transactionId, idToken: 'CARD', events: events() }],
    commands: new Map([[`${identity}-c1`, { times: 1, answered: true }]]),
  });
  const chargers = [book('A', '1.6', '7'), book('B', '2.0.1', 'tx-b')];
  const row = (id: number, identity: string, ocppTransactionId: string, seen: string): KeptTransaction => ({
    ...{ id, identity, ocppTransactionId, seen, startedAtMs: T0, endedAtMs: (T0 + 3000) as number | null },
    ...{ startMWh: 5_000_000, stopMWh: 5_999_000, energyMWh: 999_000, perKwhMinor: 75, costMinor: 75 },
    ...{ flags: [] as string[], idToken: 'CARD' },
  });
  const readingsOf = (transactionId: number, identity: string, from: EventBook[]) =>
    from.map(({ atMs, registerMWh }) => ({ transactionId, identity, atMs, registerMWh }));
  const kept = {
    transactions: [row(7, 'A', '7', 'x1,y2'), row(8, 'B', 'tx-b', '0-3')],
    readings: [...readingsOf(7, 'A', events().slice(1, 3)), ...readingsOf(8, 'B', events())],
    online: new Set(['A', 'B']),
    unrelayed: 0,
  };
  const command = {
    identity: 'A',
    atMs: T0,
    status: 200,
    messageId: 'A-c1' as string | null,
    problem: null as string | null,
    ms: 5,
  };
  return { chargers, kept, commands: [command] };
}

type World = ReturnType<typeof world>;

function judged(change: (world: World) => void): string[] {
  const all = world();
  change(all);
  const chargers: readonly ChargerBook[] = all.chargers;
  const commands: readonly CommandBook[] = all.commands;
  const kept: Kept = all.kept;
  const told = ({ kind, identity, transaction }: Violation) => `${kind} ${identity} ${transaction ?? '-'}`;
  return judge(chargers, kept, commands).violations.map(told);
}

/** Puts another row in the place of the n-th. */
const changeRow = (n: number, change: Partial<KeptTransaction>) => (w: World) => {
  w.kept.transactions[n] = { ...w.kept.transactions[n]!, ...change };
};

it('finds nothing where all is true, and sums up what it saw', () => {
  expect(judged(() => {})).toEqual([]);
  const { chargers, kept, commands } = world();
  expect(judge(chargers, kept, commands).totals).toEqual({
    ...{ sessions: 2, events: 8, acked: 8, energyMWh: 1_998_000, costMinor: 150, commands: 1 },
  });
});

const WRONG: readonly [string, (world: World) => void, string][] = [
  ['an acked number that was not taken', changeRow(1, { seen: '0-1,3-3' }), 'lost B tx-b'],
  ['an acked reading that is gone, 2.x', (w) => void w.kept.readings.splice(3, 1), 'lost B tx-b'],
  ['an acked reading that is gone, 1.6', (w) => void w.kept.readings.splice(0, 1), 'lost A 7'],
  ['a stop of 1.6 that is gone', changeRow(0, { stopMWh: null }), 'lost A 7'],
  ['a whole transaction that is gone', (w) => void w.kept.transactions.splice(1, 1), 'lost B tx-b'],
  ['a reading that is there twice', (w) => void w.kept.readings.push(w.kept.readings[4]!), 'doubled B tx-b'],
  [
    'a reading that nobody sent',
    (w) => void w.kept.readings.push({ ...w.kept.readings[4]!, registerMWh: 1 }),
    'doubled B tx-b',
  ],
  [
    'a transaction that is there twice',
    (w) => void w.kept.transactions.push({ ...w.kept.transactions[1]!, id: 9 }),
    'doubled B tx-b',
  ],
  [
    'a transaction that no charger knows',
    (w) => void w.kept.transactions.push({ ...w.kept.transactions[0]!, id: 9, ocppTransactionId: '9' }),
    'unknown A 9',
  ],
  ['energy that is a milliwatt-hour off', changeRow(1, { energyMWh: 999_001 }), 'energy B tx-b'],
  ['a cost that is a cent off', changeRow(0, { costMinor: 74 }), 'cost A 7'],
  ['an end that is a millisecond off', changeRow(0, { endedAtMs: T0 + 3001 }), 'time A 7'],
  ['a session that runs on', changeRow(1, { endedAtMs: null }), 'zombie B tx-b'],
  ['a flag', changeRow(1, { flags: ['orphan'] }), 'flagged B tx-b'],
  ['another card', changeRow(1, { idToken: 'OTHER' }), 'lost B tx-b'],
  [
    'a message that was never answered',
    (w) => void Object.assign(w.chargers[0]!.sessions[0]!.events[3]!, { acked: false }),
    'unanswered A 7',
  ],
  ['shown online, and not connected', (w) => void Object.assign(w.chargers[0]!, { connected: false }), 'presence A -'],
  ['connected, and shown offline', (w) => void w.kept.online.delete('B'), 'presence B -'],
  ['what a charger finds odd', (w) => void w.chargers[1]!.oddities.push('two numbers'), 'odd B -'],
  ['a command that ended in silence', (w) => void Object.assign(w.commands[0]!, { status: -1 }), 'command A -'],
  ['an answer that nobody gave', (w) => void Object.assign(w.commands[0]!, { messageId: 'other' }), 'command A -'],
  [
    'a command that came twice',
    (w) => void w.chargers[1]!.commands.set('B-c1', { times: 2, answered: true }),
    'command B -',
  ],
  [
    'offline told of a command that was heard',
    (w) => void Object.assign(w.commands[0]!, { status: 409, problem: 'charger-offline' }),
    'command A -',
  ],
  ['events that wait', (w) => void Object.assign(w.kept, { unrelayed: 3 }), 'relay  -'],
];

it.each(WRONG)('finds %s', (_name, change, expected) => {
  const found = judged(change);
  expect(found).toContain(expected);
  // It names the one that is wrong, and nobody else.
  expect(new Set(found.map((one) => one.split(' ')[1]))).toEqual(new Set([expected.split(' ')[1]]));
});

it('takes what was sent and never acked for what it is: there or not', () => {
  const unacked = (w: World) => {
    for (const event of w.chargers[1]!.sessions[0]!.events.slice(2)) event.acked = false;
    changeRow(1, { endedAtMs: null, seen: '0-2', energyMWh: 666_000, costMinor: 50 })(w);
    w.kept.readings.splice(5, 1);
  };
  expect(judged(unacked)).toEqual(['unanswered B tx-b', 'unanswered B tx-b']);
});

it('rounds half up, once', () => {
  expect([costOf(0, 75), costOf(6_666, 75), costOf(6_667, 75), costOf(20_000, 75)]).toEqual([0, 0, 1, 2]);
});
