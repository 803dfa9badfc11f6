/** What the parts of the suite share: the database under test, rows to begin with, and a count of statements. */
import type { TransactionState } from '@sigec/domain';
import { DEFAULT_TARIFF, openTransaction } from '@sigec/domain';
import { runCalls } from './batch/calls.js';
import type { CallChanges, CallNeeds, CallView } from './batch/types.js';
import type { Database, Param, Sql } from './database.js';

export interface StoreHarness {
  /** Migrated, and used by all parts of the suite. */
  readonly db: Database;
  /** Several ways into one empty database; the caller closes them. */
  empty(): Promise<readonly Database[]>;
}

/** A whole number of ms, as chargers tell. */
export const T = 1_800_000_000_000;
/** Of the one person there is. */
export const USER = '0193f000-0000-7000-8000-0000000000aa';
/** A tenant beside the first. */
export const OTHER_TENANT = 2;

export async function prepare(db: Database): Promise<void> {
  await db.migrate();
  await db.query(`insert into tenant (id, name) values (${OTHER_TENANT}, 'other')`);
  await db.query(
    `insert into app_user (id, tenant_id, name, email, password_hash, role)
     values ($1, 1, 'Ana', 'ana@example.test', '-', 'user')`,
    [USER],
  );
}

let made = 0;
/** Makes stations and gives their ids, rising. */
export async function stations(db: Database, count: number, tenantId = 1): Promise<number[]> {
  made += 1;
  const rows = await db.query<{ id: number }>(
    `insert into station (tenant_id, identity)
     select $1::int4, $2::text || n from generate_series(1, $3::int4) as n order by n returning id`,
    [tenantId, `S${made}-`, count],
  );
  return rows.map((row) => row.id);
}

export async function station(db: Database, tenantId = 1): Promise<number> {
  return (await stations(db, 1, tenantId))[0] as number;
}

const NO_NEEDS: CallNeeds = {
  stationIds: [],
  transactions: [],
  startKeys: [],
  activeOf: [],
  idTokens: [],
  newTransactions: [],
  looks: {},
};
const NO_CHANGES: CallChanges = { boots: [], connectors: [], transactions: [], meterValues: [], events: [], facts: {} };

/** Transactions as they are to be; what each was is what the view showed. */
type Changes = Partial<Omit<CallChanges, 'transactions'>> & { readonly transactions?: readonly TransactionState[] };

/** A batch that needs and changes little. */
export async function batch(
  db: Database,
  needs: Partial<CallNeeds>,
  work: (view: CallView) => Changes = () => ({}),
): Promise<void> {
  await runCalls(db, { ...NO_NEEDS, ...needs }, (view) => {
    const { transactions = [], ...changes } = work(view);
    const before = (id: number) => view.transactions.find((transaction) => transaction.id === id) ?? null;
    return { ...NO_CHANGES, ...changes, transactions: transactions.map((now) => ({ before: before(now.id), now })) };
  });
}

/** What a batch reads. */
export async function view(db: Database, needs: Partial<CallNeeds>): Promise<CallView> {
  let seen: CallView | undefined;
  await batch(db, needs, (it) => {
    seen = it;
    return {};
  });
  return seen as CallView;
}

export const unknown = (stationId: number, count: number): CallNeeds['newTransactions'] =>
  Array.from({ length: count }, () => ({ stationId, ocppTransactionId: null, startKey: null }));

export function begun(id: number, stationId: number, more: Partial<TransactionState> = {}): TransactionState {
  const start = { evseId: 1, connectorId: 1, version: 'ocpp2.0.1', startedAt: T, tariff: DEFAULT_TARIFF };
  return { ...openTransaction({ ...start, id, tenantId: 1, stationId, ocppTransactionId: `tx-${id}` }), ...more };
}

/** Begins one transaction per station given and returns them. */
export async function begin(db: Database, ids: readonly number[]): Promise<TransactionState[]> {
  let all: TransactionState[] = [];
  await batch(db, { stationIds: ids, newTransactions: ids.flatMap((id) => unknown(id, 1)) }, (seen) => {
    all = ids.map((id, i) => begun(seen.newTransactionIds[i] as number, id));
    return { transactions: all };
  });
  return all;
}

/** Takes what the outbox holds. */
export async function events(db: Database): Promise<{ tenantId: number; kind: string; payload: object }[]> {
  return db.query(
    `with gone as (delete from outbox returning id, tenant_id, kind, payload)
     select tenant_id as "tenantId", kind, payload from gone order by id`,
  );
}

/** The same database, counting what goes over to it. */
export function counting(db: Database): { db: Database; statements: () => number } {
  let count = 0;
  const counted = (sql: Sql): Sql => ({
    query<Row extends object>(text: string, params?: readonly Param[]) {
      count += 1;
      return sql.query<Row>(text, params);
    },
    rows<Row extends unknown[]>(text: string, params?: readonly Param[]) {
      count += 1;
      return sql.rows<Row>(text, params);
    },
  });
  const copy: Database['copy'] = (...args) => {
    count += 1;
    return db.copy(...args);
  };
  return {
    db: { ...db, ...counted(db), copy, transaction: (work) => db.transaction((tx) => work(counted(tx))) },
    statements: () => {
      const now = count;
      count = 0;
      return now;
    },
  };
}
