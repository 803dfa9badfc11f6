import { DEFAULT_TARIFF, endTransaction, openTransaction, type TransactionState } from '@sigec/domain';
import { tokenKey } from '@sigec/store';
import { describe, expect, it } from 'vitest';
import { Needs } from './needs.js';
import { SETTINGS } from './testing/fixtures.js';
import { Unit } from './unit.js';

const transaction = (id: number, more: Partial<TransactionState> = {}): TransactionState => ({
  ...openTransaction({
    id,
    tenantId: 7,
    stationId: 1,
    evseId: 1,
    connectorId: 1,
    version: 'ocpp1.6',
    ocppTransactionId: String(id),
    startKey: `k${id}`,
    startedAt: 0,
    tariff: DEFAULT_TARIFF,
  }),
  ...more,
});

function unitOver(transactions: TransactionState[], newTransactionIds: number[] = []): Unit {
  const station = {
    id: 1,
    tenantId: 7,
    identity: 'CP',
    epoch: 1,
    registration: 'none',
    blocked: false,
    leniency: {},
  } as const;
  const unlimited = { maxConcurrent: null, limits: null, site: null, outlets: null, running: null };
  const nobody = { expiresAt: null, groupId: null, userId: null };
  const token = { value: 'AbC', status: 'active', ...nobody, ...unlimited } as const;
  const view = {
    stations: new Map([[1, station]]),
    idTokens: new Map([[tokenKey(1, 'abc'), token]]),
    transactions,
    newTransactionIds,
    tariffs: new Map(),
    found: {},
  };
  return new Unit(view, SETTINGS, 1000);
}

describe('Unit', () => {
  it('finds what was read by each of its names, and what is not there it does not find', () => {
    const unit = unitOver([transaction(5), transaction(6, { stationId: 2 })]);
    expect(unit.transaction(1, '5')?.id).toBe(5);
    expect(unit.transactionByStartKey(1, 'k5')?.id).toBe(5);
    expect(unit.transaction(1, '6')).toBeUndefined();
    expect(unit.transactionByStartKey(1, 'k6')).toBeUndefined();
    expect(unit.idToken(1, 'ABC')?.value).toBe('AbC');
    expect(unit.idToken(1, 'other')).toBeUndefined();
    expect(() => unit.station(9)).toThrow('station was not read');
  });

  it('shows later handlers what earlier ones changed', () => {
    const unit = unitOver([transaction(5)]);
    unit.putTransaction(transaction(9));
    expect(unit.activeTransactions(1).map((t) => t.id)).toEqual([5, 9]);
    unit.putTransaction(endTransaction(transaction(5), 10, 'Local'));
    expect(unit.activeTransactions(1).map((t) => t.id)).toEqual([9]);
    expect(unit.transaction(1, '5')?.status).toBe('completed');
    expect(unit.transactionByStartKey(1, 'k9')?.id).toBe(9);
  });

  it('writes the last state of each thing once, and nothing that did not change', () => {
    const known = transaction(5);
    const unit = unitOver([known, transaction(6)]);
    unit.putTransaction(known);
    expect(unit.changes().transactions).toEqual([]);
    unit.putTransaction({ ...known, status: 'charging' });
    unit.putTransaction({ ...known, status: 'suspended' });
    const connector = {
      stationId: 1,
      evseId: 1,
      connectorId: 1,
      ocppStatus: 'Available',
      status: 'Available',
      errorCode: null,
      vendorErrorCode: null,
      vendorId: null,
      info: null,
      at: 1,
    };
    unit.putConnector(connector);
    unit.putConnector({ ...connector, at: 2 });
    const { transactions, connectors, events } = unit.changes();
    expect(transactions.map(({ before, now }) => [now.id, before?.status, now.status])).toEqual([
      [5, 'started', 'suspended'],
    ]);
    expect(connectors.map(({ at }) => at)).toEqual([2]);
    expect(events.map(({ tenantId, kind }) => [tenantId, kind])).toEqual([
      [7, 'transaction.charging'],
      [7, 'transaction.suspended'],
      [7, 'connector.status'],
      [7, 'connector.status'],
    ]);
  });

  it('tells of a transaction only where its status or its flags changed', () => {
    const known = transaction(5);
    const unit = unitOver([known]);
    unit.putTransaction({ ...known, seen: '0-0' });
    expect(unit.changes().events).toEqual([]);
    expect(unit.changes().transactions).toHaveLength(1);
    unit.putTransaction(endTransaction(known, 10, null));
    expect(unit.changes().events.map((event) => event.kind)).toEqual(['transaction.ended']);
  });

  it('gives each new transaction a number of its own, and no more than were asked for', () => {
    const unit = unitOver([], [11, 12]);
    expect([unit.takeTransactionId(), unit.takeTransactionId()]).toEqual([11, 12]);
    expect(() => unit.takeTransactionId()).toThrow('more new transactions');
  });
});

describe('Needs', () => {
  it('asks for tokens without regard to case', () => {
    const needs = new Needs();
    needs.idToken(1, 'AbC');
    expect(needs.idTokens).toEqual([{ stationId: 1, key: 'abc' }]);
  });
});
