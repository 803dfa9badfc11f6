/** Jobs of smart charging: the profiles that vehicles were promised, and the sweep of what has ended. */
import { profileForNeeds, writeProfile } from '@sigec/domain';
import {
  chargingContext,
  claimDuePlans,
  type DuePlan,
  dropOldPlans,
  getStation,
  settlePlan,
  sweepCharging,
} from '@sigec/store';
import { versionOf } from '../command/dispatch.js';
import { perform } from '../command/perform.js';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { itself, type Job } from './job.js';

/** Vehicles of one run, all at once. */
const AT_ONCE = 16;
/** Days that signals of the grid are kept. */
const SIGNAL_DAYS = 30;

/**
 * The profile that was promised to a vehicle (2.x K15, K17): for its transaction, as much as it and its EVSE can. A vehicle
 * that asks again gets it under the same id.
 * @returns what went wrong, null where the charger took it
 */
async function follow(services: Services, plan: DuePlan): Promise<string | null> {
  const actor = itself(plan.tenantId);
  const { db, clock, config } = services;
  const station = await getStation(db, actor, plan.stationId);
  if (station === undefined) return 'not-found';
  if (versionOf(station) === 'ocpp1.6') return 'version';
  const context = await chargingContext(db, actor, plan.stationId, plan.evseId);
  const given = {
    profileId: idOf(plan),
    transactionId: plan.ocppTransactionId,
    maxPowerW: context?.ability.maxPowerW ?? null,
    now: clock.now(),
  };
  const profile = profileForNeeds(plan, given);
  if (profile === null) return 'nothing known to plan with';
  // Where an operator has set a profile for this transaction already, that is the schedule.
  const own = context?.held.find(
    (held) => held.purpose === 'TxProfile' && held.transactionId === plan.ocppTransactionId && held.id !== profile.id,
  );
  if (own !== undefined) return null;
  const payload = { evseId: plan.evseId, chargingProfile: writeProfile(profile, '2.x') };
  const order = { action: 'SetChargingProfile', payload, timeoutMs: config.commandTimeoutMs };
  const { response } = await perform(services, actor, station, order);
  return response.status === 'Accepted' ? null : String(response.status).slice(0, 50);
}

/** Out of the way of what people number: from 1 000 000 000 on. */
const idOf = ({ id }: DuePlan): number => 1_000_000_000 + (id % 1_000_000_000);

export const vehiclePlans: Job = {
  name: 'vehicle-plans',
  everyMs: 1_000,
  async run(services) {
    const { db, logger } = services;
    const due = await claimDuePlans(db, AT_ONCE);
    await Promise.all(
      due.map(async (plan) => {
        let failure: string | null;
        try {
          failure = await follow(services, plan);
        } catch (error) {
          if (!(error instanceof ProblemError)) logger.error({ err: error, station: plan.stationId }, 'vehicle plan');
          failure = error instanceof ProblemError ? error.code : 'internal';
        }
        await settlePlan(db, plan, failure === null ? 'sent' : 'failed', failure);
      }),
    );
    return due.length === AT_ONCE;
  },
};

export const chargingSweep: Job = {
  name: 'charging-sweep',
  everyMs: 60_000,
  async run({ db }) {
    await dropOldPlans(db);
    return (await sweepCharging(db, SIGNAL_DAYS)) >= 500;
  },
};

export const CHARGING_JOBS: readonly Job[] = [vehiclePlans, chargingSweep];
