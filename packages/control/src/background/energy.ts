/** Jobs of tariffs and payments: the running cost, to devices that show it. 2.x I02. */
import { fromMinor } from '@sigec/domain';
import { claimRunningCosts, getStation, type RunningCost } from '@sigec/store';
import { perform } from '../command/perform.js';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { itself, type Job } from './job.js';

/** Stations of one run, and those that are told at once. */
const CLAIM = 100;
const AT_ONCE = 10;
/** A charger that is slow is told the next time. */
const TIMEOUT_MS = 10_000;

async function tell(
  services: Services,
  { stationId, tenantId, ocppTransactionId, ...cost }: RunningCost,
): Promise<void> {
  const actor = itself(tenantId);
  const station = await getStation(services.db, actor, stationId);
  if (station === undefined) return;
  const totalCost = fromMinor(cost.costMinor, cost.currency);
  try {
    const payload = { transactionId: ocppTransactionId, totalCost };
    await perform(services, actor, station, { action: 'CostUpdated', payload, timeoutMs: TIMEOUT_MS });
  } catch (error) {
    // It went, or its transaction did: the next run finds it as it is then.
    if (!(error instanceof ProblemError)) throw error;
    services.logger.debug({ identity: station.identity, code: error.code }, 'a cost was not shown');
  }
}

const costs: Job = {
  name: 'running-costs',
  everyMs: 1000,
  async run(services, closing) {
    const { claimed, costs } = await claimRunningCosts(services.db, CLAIM);
    const waiting = [...costs];
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined && !closing.aborted; next = waiting.shift())
        await tell(services, next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return claimed === CLAIM;
  },
};

export const ENERGY_JOBS: readonly Job[] = [costs];
