/**
 * One batch of charger messages against the database: lock and read all that the handlers need, let them work over
 * plain data, write all that changed, commit. The number of round trips does not depend on the size of the batch.
 */
import type { TransactionState } from '@sigec/domain';
import type { Database, Sql } from '../database.js';
import { readFound, writeFacts } from '../facts/index.js';
import { readIdTokens, readStations, readTransactions, takeTransactionIds } from './read.js';
import { readTariffs } from './tariffs.js';
import type { CallChanges, CallNeeds, CallView } from './types.js';
import { writeBoots, writeConnectors, writeEvents, writeMeterValues, writeTransactions } from './write.js';

/**
 * Runs `work` between reading and writing, in one database transaction; resolves after the commit.
 * The rows of the stations are locked in the order of their ids, so two batches never work on one station at a time and
 * never wait for each other in a circle. `work` must be synchronous and may be run again if this rejects.
 */
export async function runCalls(db: Database, needs: CallNeeds, work: (view: CallView) => CallChanges): Promise<void> {
  await db.transaction(async (tx) => {
    const changes = work(await readView(tx, needs));
    await Promise.all([
      writeBoots(tx, changes.boots),
      writeConnectors(tx, changes.connectors),
      writeTransactions(tx, changes.transactions),
      writeMeterValues(tx, changes.meterValues),
      writeFacts(tx, changes.facts),
      writeEvents(tx, changes.events),
    ]);
  });
}

async function readView(tx: Sql, needs: CallNeeds): Promise<CallView> {
  // Issued together, they travel together and run in this order on the one connection: the locks come first.
  const [stations, transactions, idTokens, found] = await Promise.all([
    readStations(tx, needs.stationIds),
    readTransactions(tx, needs),
    readIdTokens(tx, needs.idTokens),
    readFound(tx, needs.looks),
  ]);
  const fresh = unknownOf(needs.newTransactions, transactions);
  const [newTransactionIds, tariffs] = await Promise.all([
    takeTransactionIds(tx, fresh.length),
    readTariffs(
      tx,
      fresh.map(({ stationId }) => stationId),
    ),
  ]);
  return { stations, transactions, idTokens, newTransactionIds, tariffs, found };
}

/** Those that may be new; each was also looked for by the key it would be known by. */
function unknownOf(
  maybe: CallNeeds['newTransactions'],
  found: readonly TransactionState[],
): CallNeeds['newTransactions'] {
  if (maybe.length === 0) return maybe;
  const ids = new Set<string>();
  const keys = new Set<string>();
  for (const { stationId, ocppTransactionId, startKey } of found) {
    ids.add(`${stationId}/${ocppTransactionId}`);
    keys.add(`${stationId}/${startKey}`);
  }
  return maybe.filter(({ stationId, ocppTransactionId, startKey }) => {
    const known =
      (ocppTransactionId !== null && ids.has(`${stationId}/${ocppTransactionId}`)) ||
      (startKey !== null && keys.has(`${stationId}/${startKey}`));
    return !known;
  });
}
