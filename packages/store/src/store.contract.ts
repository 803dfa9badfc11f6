/** What every database does: one suite, run on PostgreSQL and on PGlite alike. */
import { callsContract } from './batch/calls.contract.js';
import { concurrencyContract } from './batch/concurrency.contract.js';
import { sessionsContract } from './batch/sessions.contract.js';
import { transactionsContract } from './batch/transactions.contract.js';
import { authorisationContract } from './facts/authorisation.contract.js';
import { chargingContract } from './facts/charging.contract.js';
import { deviceModelContract } from './facts/device-model.contract.js';
import { energyContract } from './facts/energy.contract.js';
import { securityContract } from './facts/security.contract.js';
import { stationWordsContract } from './facts/station-words.contract.js';
import type { StoreHarness } from './harness.contract.js';
import { accountsContract } from './queries/accounts.contract.js';
import { commandsContract } from './queries/commands.contract.js';
import { driversContract } from './queries/drivers.contract.js';
import { firmwareContract } from './queries/firmware.contract.js';
import { idempotencyContract } from './queries/idempotency.contract.js';
import { personalContract } from './queries/personal.contract.js';
import { schemaContract } from './schema.contract.js';
import { tenantWallContract } from './tenant-wall.contract.js';
import { upkeepContract } from './upkeep.contract.js';

export function storeContract(harness: () => StoreHarness): void {
  schemaContract(harness);
  callsContract(() => harness().db);
  transactionsContract(() => harness().db);
  concurrencyContract(() => harness().db);
  sessionsContract(() => harness().db);
  upkeepContract(() => harness().db);
  accountsContract(() => harness().db);
  commandsContract(() => harness().db);
  driversContract(() => harness().db);
  personalContract(() => harness().db);
  deviceModelContract(() => harness().db);
  authorisationContract(() => harness().db);
  chargingContract(() => harness().db);
  securityContract(() => harness().db);
  firmwareContract(() => harness().db);
  energyContract(() => harness().db);
  idempotencyContract(() => harness().db);
  tenantWallContract(() => harness().db);
  stationWordsContract(() => harness().db);
}
