/**
 * The room of the ledger: what the chargers were told and what they metered, against what the product kept. Pure, and with
 * an arithmetic of its own: it shares no rule with the product.
 */
import type { ChargerBook, CommandBook, EventBook, SessionBook } from './book.js';

/** A transaction as the database holds it. */
export interface KeptTransaction {
  readonly id: number;
  readonly identity: string;
  readonly ocppTransactionId: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly startMWh: number | null;
  readonly stopMWh: number | null;
  readonly energyMWh: number;
  readonly costMinor: number;
  readonly perKwhMinor: number;
  /** Sequence numbers that were taken, `0-17,19-19`. */
  readonly seen: string;
  readonly flags: readonly string[];
  readonly idToken: string | null;
}

/** A reading of the energy register that the database holds. */
export interface KeptReading {
  readonly transactionId: number | null;
  readonly identity: string;
  readonly atMs: number;
  readonly registerMWh: number;
}

export interface Kept {
  readonly transactions: readonly KeptTransaction[];
  readonly readings: readonly KeptReading[];
  /** Identities that are shown as online. */
  readonly online: ReadonlySet<string>;
  /** Events of the outbox that nobody relayed. */
  readonly unrelayed: number;
}

export const VIOLATIONS = [
  'lost',
  'doubled',
  'unanswered',
  'energy',
  'cost',
  'time',
  'flagged',
  'zombie',
  'unknown',
  'presence',
  'command',
  'odd',
  'relay',
  'process',
] as const;

export interface Violation {
  readonly kind: (typeof VIOLATIONS)[number];
  readonly identity: string;
  /** The charger's name for it, where it is about one. */
  readonly transaction: string | null;
  readonly detail: string;
}

export interface LedgerTotals {
  readonly sessions: number;
  readonly events: number;
  readonly acked: number;
  readonly energyMWh: number;
  readonly costMinor: number;
  readonly commands: number;
}

export interface Judgement {
  readonly violations: readonly Violation[];
  /** As the chargers know it; the cost as the product's own tariffs have it. */
  readonly totals: LedgerTotals;
}

/** Compares everything. */
export function judge(chargers: readonly ChargerBook[], kept: Kept, commands: readonly CommandBook[]): Judgement {
  const violations: Violation[] = [];
  const totals = { sessions: 0, events: 0, acked: 0, energyMWh: 0, costMinor: 0, commands: commands.length };
  const byName = groupBy(kept.transactions, (one) => `${one.identity} ${one.ocppTransactionId}`);
  const readings = groupBy(kept.readings, (one) => one.transactionId);
  const known = new Set<KeptTransaction>();
  for (const charger of chargers) {
    const { identity, connected, oddities } = charger;
    const add = (kind: Violation['kind'], transaction: string | null, detail: string) =>
      violations.push({ kind, identity, transaction, detail });
    for (const what of oddities) add('odd', null, what);
    if (connected !== kept.online.has(identity))
      add('presence', null, connected ? 'connected, and shown offline' : 'shown online, and not connected');
    for (const session of charger.sessions) {
      const rows = byName.get(`${identity} ${session.transactionId}`) ?? [];
      for (const row of rows) known.add(row);
      const own = rows.flatMap((row) => readings.get(row.id) ?? []);
      judgeSession(charger, session, rows, own, (kind, detail) => add(kind, session.transactionId, detail));
      count(totals, session, rows[0]);
    }
  }
  for (const row of kept.transactions) {
    if (known.has(row)) continue;
    const detail = row.endedAtMs === null ? 'no charger knows it, and it runs' : 'no charger knows it';
    violations.push({ kind: 'unknown', identity: row.identity, transaction: row.ocppTransactionId, detail });
  }
  violations.push(...judgeCommands(chargers, commands));
  if (kept.unrelayed > 0)
    violations.push({ kind: 'relay', identity: '', transaction: null, detail: `${kept.unrelayed} events wait` });
  return { violations, totals };
}

type Found = (kind: Violation['kind'], detail: string) => void;

function judgeSession(
  { version }: ChargerBook,
  { events, idToken }: SessionBook,
  rows: readonly KeptTransaction[],
  readings: readonly KeptReading[],
  found: Found,
): void {
  const open = events.filter(({ acked }) => !acked);
  for (const event of open) found('unanswered', `${event.kind} ${event.seqNo}, sent ${event.sent} times`);
  const acked = events.filter((event) => event.acked);
  const [row] = rows;
  if (row === undefined) {
    if (acked.length > 0) found('lost', `the whole transaction: ${acked.length} messages were acked`);
    return;
  }
  if (rows.length > 1) found('doubled', `${rows.length} transactions of one name`);
  judgeEvents(version === '1.6', acked, row, readings, found);
  if (row.flags.length > 0) found('flagged', row.flags.join(', '));
  if (row.idToken !== idToken) found('lost', `its card is ${row.idToken}`);
  const [start, stop] = [events[0], events.find(({ kind }) => kind === 'stop')];
  if (stop?.acked && row.endedAtMs === null) found('zombie', 'its charger ended it');
  if (open.length > 0 || start === undefined || stop === undefined) return;
  judgeTotals(row, start, stop, found);
}

/** Every acked message once: by sequence number, by the readings it brought, by what it said of start and stop. */
function judgeEvents(
  is16: boolean,
  acked: readonly EventBook[],
  row: KeptTransaction,
  readings: readonly KeptReading[],
  found: Found,
): void {
  const counts = new Map<string, number>();
  for (const { atMs, registerMWh } of readings) {
    const key = `${atMs} ${registerMWh}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const taken = is16 ? null : numbersOf(row.seen);
  for (const { kind, seqNo, atMs, registerMWh } of acked) {
    const name = `${kind} ${seqNo} at ${new Date(atMs).toISOString()}`;
    if (is16 && kind !== 'meter') {
      const said = kind === 'start' ? row.startMWh : row.stopMWh;
      if (said !== registerMWh) found('lost', `${name}: register ${said} instead of ${registerMWh}`);
      continue;
    }
    if (taken?.delete(seqNo) === false) found('lost', `${name}: its number was not taken`);
    const key = `${atMs} ${registerMWh}`;
    const times = counts.get(key) ?? 0;
    counts.delete(key);
    if (times === 0) found('lost', `${name}: its reading is not there`);
    else if (times > 1) found('doubled', `${name}: its reading is there ${times} times`);
  }
  // What was sent and not acked may be there; nothing else.
  if (acked.length > 0 && counts.size > 0 && acked.at(-1)?.kind === 'stop')
    found('doubled', `${counts.size} readings that its charger did not send`);
}

function judgeTotals(row: KeptTransaction, start: EventBook, stop: EventBook, found: Found): void {
  const energy = stop.registerMWh - start.registerMWh;
  if (row.energyMWh !== energy) found('energy', `${row.energyMWh} mWh instead of ${energy}`);
  const cost = costOf(energy, row.perKwhMinor);
  if (row.costMinor !== cost) found('cost', `${row.costMinor} instead of ${cost} for ${energy} mWh`);
  const ended = Math.max(stop.atMs, start.atMs);
  if (row.startedAtMs !== start.atMs) found('time', `began ${row.startedAtMs - start.atMs} ms off`);
  if (row.endedAtMs !== null && row.endedAtMs !== ended) found('time', `ended ${row.endedAtMs - ended} ms off`);
}

const MWH_PER_KWH = 1_000_000n;

/** In minor units: the exact product, rounded half up. */
export function costOf(energyMWh: number, perKwhMinor: number): number {
  const exact = BigInt(energyMWh) * BigInt(perKwhMinor);
  const whole = exact / MWH_PER_KWH;
  return Number(exact % MWH_PER_KWH >= MWH_PER_KWH / 2n ? whole + 1n : whole);
}

function numbersOf(seen: string): Set<number> {
  const numbers = new Set<number>();
  for (const range of seen.split(',').filter(Boolean)) {
    const [from = 0, to = from] = range.split('-').map(Number);
    for (let n = from; n <= to; n++) numbers.add(n);
  }
  return numbers;
}

/** Every command ended, and its end is what happened. */
function* judgeCommands(chargers: readonly ChargerBook[], commands: readonly CommandBook[]): Generator<Violation> {
  const got = new Map(chargers.map((charger) => [charger.identity, charger.commands]));
  const say = (identity: string, detail: string): Violation => ({
    kind: 'command',
    identity,
    transaction: null,
    detail,
  });
  for (const { identity, status, messageId, problem, ms } of commands) {
    if (status === -1) yield say(identity, `silence for ${ms} ms`);
    if (messageId === null) continue;
    const heard = got.get(identity)?.get(messageId);
    if (status === 200 && heard?.answered !== true) yield say(identity, `${messageId} answered by nobody`);
    if (problem === 'charger-offline' && heard !== undefined) yield say(identity, `${messageId} offline, and heard`);
  }
  for (const { identity, commands: heard } of chargers)
    for (const [id, { times }] of heard) if (times > 1) yield say(identity, `${id} came ${times} times`);
}

function count(
  totals: { -readonly [K in keyof LedgerTotals]: number },
  { events }: SessionBook,
  row?: KeptTransaction,
): void {
  totals.sessions++;
  totals.events += events.length;
  totals.acked += events.filter(({ acked }) => acked).length;
  const energy = (events.at(-1)?.registerMWh ?? 0) - (events[0]?.registerMWh ?? 0);
  totals.energyMWh += energy;
  totals.costMinor += row === undefined ? 0 : costOf(energy, row.perKwhMinor);
}

function groupBy<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
