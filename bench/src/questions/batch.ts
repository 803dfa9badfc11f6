/** What does a transaction event cost on PostgreSQL, committed alone and in batches, and a row of the message log? */
import { DEFAULT_TARIFF, meter, openTransaction, type TransactionState, takeSeqNo } from '@sigec/domain';
import {
  type CallNeeds,
  type Database,
  LogBatch,
  type LogRow,
  type MeterRow,
  maintainPartitions,
  openPostgres,
  runCalls,
  type Sample,
  writeMessageLog,
} from '@sigec/store';
import { startPostgres } from '@sigec/testkit';
import type { Question, Row } from '../micro/question.js';
import { CURRENT_TIME, messageId, transactionEvent } from './samples.js';

const SIZES = [1, 16, 128];
const LOG_SIZES = [1, 100, 2000];
const RETENTION = { messageLogDays: 30, meterSampleDays: 30 };

const needsOf = (more: Partial<CallNeeds>): CallNeeds => ({
  stationIds: [],
  transactions: [],
  startKeys: [],
  activeOf: [],
  idTokens: [],
  newTransactions: [],
  looks: {},
  ...more,
});

/** Stations of their own, each with a running transaction. */
async function begin(db: Database, prefix: string, size: number): Promise<TransactionState[]> {
  const rows = await db.query<{ id: number }>(
    `insert into station (tenant_id, identity, session_epoch)
     select 1, $1::text || n, 1 from generate_series(1, $2::int4) n order by n returning id`,
    [prefix, size],
  );
  const ids = rows.map(({ id }) => id);
  const newTransactions = ids.map((stationId) => ({ stationId, ocppTransactionId: `tx-${stationId}`, startKey: null }));
  let begun: TransactionState[] = [];
  await runCalls(db, needsOf({ stationIds: ids, newTransactions }), ({ newTransactionIds }) => {
    begun = ids.map((stationId, k) =>
      openTransaction({
        id: newTransactionIds[k] as number,
        tenantId: 1,
        stationId,
        evseId: 1,
        connectorId: 1,
        version: 'ocpp2.0.1',
        ocppTransactionId: `tx-${stationId}`,
        startedAt: Date.now(),
        tariff: DEFAULT_TARIFF,
      }),
    );
    const transactions = begun.map((now) => ({ before: null, now }));
    return { boots: [], connectors: [], transactions, meterValues: [], events: [], facts: {} };
  });
  return begun;
}

const sample = (measurand: string, unit: string, value: number): Sample => ({
  measurand,
  phase: undefined,
  context: 'Sample.Periodic',
  location: undefined,
  unit,
  value,
  raw: undefined,
});

const meterRow = (t: TransactionState, at: number, seqNo: number): MeterRow => ({
  transactionId: t.id,
  stationId: t.stationId,
  evseId: 1,
  connectorId: 1,
  sampledAt: at,
  receivedAt: at,
  samples: [sample('Energy.Active.Import.Register', 'Wh', seqNo), sample('Power.Active.Import', 'W', 7200)],
});

/** One event of each of the transactions, committed together: what the worker does, less its handlers. */
async function commit(db: Database, begun: readonly TransactionState[], seqNo: number): Promise<void> {
  const needs = needsOf({
    stationIds: begun.map(({ stationId }) => stationId),
    transactions: begun.map(({ stationId, ocppTransactionId }) => ({ stationId, ocppTransactionId })),
  });
  await runCalls(db, needs, ({ transactions }) => {
    if (transactions.length !== begun.length) throw new Error('batch: a transaction was not read');
    const at = Date.now();
    return {
      boots: [],
      connectors: [],
      transactions: transactions.map((before) => {
        const taken = takeSeqNo(before, seqNo) ?? before;
        return { before, now: meter(taken, [{ at, mWh: seqNo * 1000, role: 1 }]) };
      }),
      meterValues: transactions.map((t) => meterRow(t, at, seqNo)),
      events: [],
      facts: {},
    };
  });
}

async function eventRow(db: Database, size: number): Promise<Row> {
  const begun = await begin(db, `B${size}-`, size);
  let seqNo = 0;
  return {
    name: size === 1 ? 'an event alone' : `${size} events`,
    items: size,
    run: () => commit(db, begun, ++seqNo),
  };
}

async function pairRow(db: Database, size: number): Promise<Row> {
  const [a, b] = [await begin(db, `P${size}-`, size), await begin(db, `Q${size}-`, size)];
  let seqNo = 0;
  return {
    name: `${size} events on each of two connections`,
    items: 2 * size,
    run: () => {
      seqNo++;
      return Promise.all([commit(db, a, seqNo), commit(db, b, seqNo)]);
    },
  };
}

/** Messages with their answers, as the log of a fleet has them. */
function logRow(db: Database, stationId: number, size: number): Row {
  const payload = JSON.stringify(transactionEvent('tx-1', 1));
  const answer = JSON.stringify(CURRENT_TIME);
  let at = Date.now();
  const row = (n: number): LogRow => ({
    stationId,
    at: at + 0.002 * n,
    direction: 'in',
    type: 'call',
    messageId: messageId(n & 63),
    action: 'TransactionEvent',
    payload,
    answer: { type: 'result', at: at + 0.002 * n, payload: answer },
  });
  return {
    name: size === 1 ? 'a message alone' : `${size} messages`,
    items: size,
    run: () => {
      const rows = new LogBatch();
      for (let n = 0; n < size; n++) rows.add(row(n));
      at += 0.002 * size;
      return writeMessageLog(db, rows);
    },
  };
}

export const batch: Question = {
  name: 'batch',
  question: 'What does a transaction event cost on PostgreSQL, committed alone and in batches, and a row of the log?',
  needs: ['postgres'],
  async prepare() {
    const server = await startPostgres();
    let db: Database | undefined;
    const close = async () => {
      await db?.close();
      await server.stop();
    };
    try {
      db = openPostgres({ url: await server.createDatabase('bench') });
      await db.migrate();
      await maintainPartitions(db, Date.now(), RETENTION);
      const [logged] = await begin(db, 'L', 1);
      const events: Row[] = [];
      for (const size of SIZES) events.push(await eventRow(db, size));
      events.push(await pairRow(db, SIZES.at(-1)!));
      const { stationId } = logged!;
      return {
        groups: [
          { title: 'transaction events with two samples, one commit', rows: events },
          {
            title: 'message log, a message with its answer',
            rows: LOG_SIZES.map((size) => logRow(db!, stationId, size)),
          },
        ],
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  },
};
