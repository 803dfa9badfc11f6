/** Jobs of webhooks: the stream is read for them, deliveries go out, old ones are dropped. */
import { purgeDeliveries } from '@sigec/store';
import type { Services } from '../context.js';
import { deliverDue } from '../webhooks/dispatcher.js';
import { WebhookReader } from '../webhooks/reader.js';
import { Sender } from '../webhooks/sender.js';
import type { Job } from './job.js';

const DAYS = 7;
const MAX_ROWS = 1_000;
/** Retries, and what other processes left behind, are looked for so often, ms. */
const IDLE_MS = 1_000;

/** One of each process. */
interface Hands {
  readonly reader: WebhookReader;
  readonly sender: Sender;
  /** When to look for what is due although this process made nothing, of the monotonic clock. */
  next: number;
}
const HANDS = new WeakMap<Services, Hands>();

function handsOf(services: Services): Hands {
  const known = HANDS.get(services);
  if (known !== undefined) return known;
  const made = { reader: new WebhookReader(), sender: new Sender(services.config.webhooks?.private === true), next: 0 };
  HANDS.set(services, made);
  return made;
}

export const webhookFeed: Job = {
  name: 'webhook feed',
  everyMs: 200,
  run: (services) => handsOf(services).reader.run(services),
};

export const webhookDispatch: Job = {
  name: 'webhook dispatch',
  everyMs: 200,
  async run(services, closing) {
    const hands = handsOf(services);
    const { reader, sender } = hands;
    const now = services.clock.monotonic();
    if (now < hands.next && !reader.takeMade()) return false;
    hands.next = now + IDLE_MS;
    const again = await deliverDue(services, sender, closing);
    if (closing.aborted) sender.close();
    return again;
  },
};

export const webhookUpkeep: Job = {
  name: 'webhook log',
  everyMs: 600_000,
  run: async ({ db, config }) => (await purgeDeliveries(db, config.webhooks?.days ?? DAYS, MAX_ROWS)) === MAX_ROWS,
};

export const WEBHOOK_JOBS: readonly Job[] = [webhookFeed, webhookDispatch, webhookUpkeep];
