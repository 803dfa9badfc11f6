/** Deliveries go out: so many at once in this process, a few to each endpoint, those that failed again after a pause. */
import { sleep } from '@sigec/runtime';
import { type ClaimedDelivery, claimDeliveries, type DeliveryEnd, endDelivery, isTransient } from '@sigec/store';
import type { Services } from '../context.js';
import { loggable, rootOf } from '../http/failures.js';
import type { Posted, Sender } from './sender.js';
import { openSecret, sign } from './signature.js';

const MAX_IN_FLIGHT = 64;
const PER_WEBHOOK = 4;
/** Longer than a request takes, and the note of its end. */
const LEASE_MS = 30_000;
const PAUSE_MS = 50;
const GATHER_MS = 10;
/** Between two attempts: from seconds to an hour. */
const FIRST_MS = 5_000;
const LONGEST_MS = 3_600_000;
export const MAX_ATTEMPTS = 12;
/** What did not arrive for so long is a dead letter, ms. */
const MAX_AGE_MS = 86_400_000;
/** How long what is under way may take when the process goes. */
const DRAIN_MS = 5_000;

/** Half of it is left to chance, so that what failed together does not come back together. */
export function pauseAfter(attempt: number, random: () => number = Math.random): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20)) * (1 - 0.5 * random());
}

/** Sends what is due, and what becomes due while that is under way. */
export async function deliverDue(services: Services, sender: Sender, closing: AbortSignal): Promise<boolean> {
  const { db } = services;
  const flights = new Set<Promise<void>>();
  const busy = new Map<number, number>();
  const count = (id: number, by: number) => {
    const now = (busy.get(id) ?? 0) + by;
    if (now > 0) busy.set(id, now);
    else busy.delete(id);
  };
  let landed: () => void = () => undefined;
  while (!closing.aborted) {
    const room = MAX_IN_FLIGHT - flights.size;
    const claimed = room > 0 ? await claimDeliveries(db, room, PER_WEBHOOK, LEASE_MS, [...busy]) : [];
    for (const one of claimed) {
      count(one.webhookId, 1);
      const flight = deliver(services, sender, one).finally(() => {
        flights.delete(flight);
        count(one.webhookId, -1);
        landed();
      });
      flights.add(flight);
    }
    if (flights.size === 0) return false;
    if (claimed.length > 0 && flights.size < MAX_IN_FLIGHT) continue;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PAUSE_MS);
      landed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    // What lands at about the same time is followed by one look.
    await sleep(GATHER_MS);
  }
  await Promise.race([Promise.allSettled([...flights]), sleep(DRAIN_MS)]);
  return false;
}

/** One attempt, and the note of its end. Never rejects: where it cannot be noted the lease runs out, and it is made again. */
async function deliver(services: Services, sender: Sender, delivery: ClaimedDelivery): Promise<void> {
  const { db, logger, config, webhookMetrics } = services;
  const { id, webhookId, attempt, probe } = delivery;
  const posted = await attemptOf(services, sender, delivery);
  const arrived = posted.status !== null && posted.status >= 200 && posted.status < 300;
  const hopeless = attempt >= MAX_ATTEMPTS || delivery.ageMs > MAX_AGE_MS;
  const state = arrived ? 'delivered' : hopeless ? 'dead' : 'pending';
  webhookMetrics.with({ outcome: state === 'pending' ? 'failed' : state }).inc();
  const end: DeliveryEnd = {
    ...{ id, webhookId, attempt, probe, state, delayMs: pauseAfter(attempt), durationMs: posted.durationMs },
    ...{ statusCode: posted.status, error: posted.error, pauseAfterS: (config.webhooks?.pauseHours ?? 72) * 3600 },
  };
  for (let tries = 1; ; tries++) {
    try {
      if (await endDelivery(db, end)) logger.warn({ webhook: webhookId }, 'webhook: paused');
      return;
    } catch (error) {
      logger.warn({ delivery: id, ...loggable(rootOf(error)) }, 'webhook: the end of a delivery could not be noted');
      if (tries >= 5 || !isTransient(error)) return;
      await sleep(500 * tries);
    }
  }
}

async function attemptOf({ config, clock }: Services, sender: Sender, delivery: ClaimedDelivery): Promise<Posted> {
  const { id, webhookId, url, body, attempt, secretBox, oldSecretBox } = delivery;
  try {
    const boxes = oldSecretBox === null ? [secretBox] : [secretBox, oldSecretBox];
    const secrets = boxes.map((box) => openSecret(config.jwtSecret, box));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'SIGEC-VE webhooks',
      'sigec-webhook-id': String(webhookId),
      'sigec-delivery-id': String(id),
      'sigec-attempt': String(attempt),
      'sigec-signature': sign(secrets, Math.floor(clock.now() / 1000), body),
    };
    return await sender.post(url, headers, body);
  } catch {
    return { status: null, error: 'secret-unreadable', durationMs: 0 };
  }
}
