/** Jobs of local lists and reservations. */
import { claimListChecks, claimLocalLists, type DueList, expireReservations } from '@sigec/store';
import { syncLocalList } from '../command/local-list/sync.js';
import type { Services } from '../context.js';
import { ProblemError } from '../problem.js';
import { itself, type Job } from './job.js';

/** Stations worked on at once; each takes a few commands. */
const AT_ONCE = 16;
/** Longer than a whole list takes. Where the process ends meanwhile, another goes on after it. */
const LEASE_MS = 120_000;
/** How often the version of a station that came back is asked for. */
const CHECK_MS = 300_000;
/** Lists looked at in one run; only stations that came back are asked. */
const CHECKED_AT_ONCE = 500;
/** What the charger gets to say so itself. */
const EXPIRY_GRACE_MS = 60_000;
const EXPIRED_AT_ONCE = 500;

async function one(services: Services, { tenantId, stationId }: DueList, checkOnly: boolean): Promise<void> {
  try {
    const station = await services.stations.load(itself(tenantId), stationId);
    if (station !== undefined) await syncLocalList(services, tenantId, station, { checkOnly });
  } catch (err) {
    // How a command ended is noted at the list; it is tried again.
    if (!(err instanceof ProblemError)) services.logger.error({ err, station: stationId }, 'local list: not sent');
  }
}

async function sync(
  services: Services,
  due: readonly DueList[],
  closing: AbortSignal,
  checkOnly: boolean,
): Promise<void> {
  for (let from = 0; from < due.length && !closing.aborted; from += AT_ONCE)
    await Promise.all(due.slice(from, from + AT_ONCE).map((list) => one(services, list, checkOnly)));
}

/** Sends what changed of the tokens to the stations that hold a list of them. */
export const localLists: Job = {
  name: 'local-lists',
  everyMs: 2_000,
  async run(services, closing) {
    const due = await claimLocalLists(services.db, AT_ONCE, LEASE_MS);
    await sync(services, due, closing, false);
    return due.length === AT_ONCE;
  },
};

/** Asks stations that came back what they hold: one that forgot its list is sent all of it. */
export const listChecks: Job = {
  name: 'local-list-checks',
  everyMs: 10_000,
  async run(services, closing) {
    await sync(services, await claimListChecks(services.db, CHECKED_AT_ONCE, CHECK_MS), closing, true);
    return false;
  },
};

/** Ends reservations whose time is over: chargers of 1.6 have no word for it. */
export const reservationExpiry: Job = {
  name: 'reservation-expiry',
  everyMs: 15_000,
  async run({ db }) {
    return (await expireReservations(db, EXPIRY_GRACE_MS, EXPIRED_AT_ONCE)) === EXPIRED_AT_ONCE;
  },
};

export const AUTHORISATION_JOBS: readonly Job[] = [localLists, listChecks, reservationExpiry];
