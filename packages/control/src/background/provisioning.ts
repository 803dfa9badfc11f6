/** Brings stations to what operators want of them: after the first boot of each, and where a person asked for it. */
import { type ClaimedProvisioning, claimProvisioning, moveProvisioning } from '@sigec/store';
import { provisionStep, SLICE_MS } from '../command/provision.js';
import type { Services } from '../context.js';
import { itself, type Job } from './job.js';

/** Of those that have begun, at once in this process. */
const GOING_ON = 50;
/** Longer than any step takes: its commands, and their looking for a charger. */
const LEASE_MS = SLICE_MS + 60_000;
/** When a station that is away is looked at again, ms. Its boot hurries that; many that are away must not hold up the others. */
const AWAY_MS = 3_600_000;
const DEFAULT_RATE = 5;

/** How many stations may begin now, so that a fleet which came in at once is read one after the other. */
class Rate {
  #at: number | undefined;
  #tokens = 0;

  take(perSecond: number, now: number): number {
    const passed = this.#at === undefined ? 1000 : now - this.#at;
    this.#at = now;
    this.#tokens = Math.min(perSecond, this.#tokens + (passed * perSecond) / 1000);
    const whole = Math.floor(this.#tokens);
    this.#tokens -= whole;
    return whole;
  }
}

/** One of each process. */
const RATES = new WeakMap<Services, Rate>();

function rateOf(services: Services): Rate {
  const rate = RATES.get(services) ?? new Rate();
  RATES.set(services, rate);
  return rate;
}

async function step(services: Services, claimed: ClaimedProvisioning): Promise<void> {
  const { db, stations } = services;
  const actor = itself(claimed.tenantId);
  const station = claimed.online ? await stations.load(actor, claimed.stationId) : undefined;
  const move =
    station === undefined
      ? { state: claimed.state, inMs: AWAY_MS }
      : await provisionStep(services, actor, station, claimed);
  await moveProvisioning(db, claimed, move);
}

export const provisioning: Job = {
  name: 'provisioning',
  everyMs: 1_000,
  async run(services) {
    const { on = true, perSecond = DEFAULT_RATE } = services.config.provisioning ?? {};
    const begin = rateOf(services).take(perSecond, services.clock.monotonic());
    const options = { askedOnly: !on, begin, limit: GOING_ON, leaseMs: LEASE_MS };
    const claimed = await claimProvisioning(services.db, options);
    await Promise.all(claimed.map((one) => step(services, one)));
    return claimed.some((one) => one.online && one.state !== 'reporting');
  },
};
