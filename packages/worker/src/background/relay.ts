/** Takes what changed from the outbox to the event stream, in order; the outbox id makes a repetition harmless. */
import type { Bus } from '@sigec/bus';
import { eventSubject } from '@sigec/contract';
import type { Logger } from '@sigec/runtime';
import { type Repeating, repeat } from '@sigec/runtime';
import { type Database, relayOutbox } from '@sigec/store';

const BATCH = 500;
const EVERY_MS = 500;
/** While chargers wait for answers the stream does: this much every second. */
const PRESSED_BATCH = 500;
const PRESSED_EVERY_MS = 1_000;
const encoder = new TextEncoder();

/** @param pressed whether messages of chargers wait for this worker */
export function startRelay(db: Database, bus: Bus, logger: Logger, pressed: () => boolean): Repeating {
  let last = 0;
  return repeat('outbox relay', EVERY_MS, logger, async () => {
    if (bus.status !== 'connected') return false;
    const waits = pressed();
    if (waits && performance.now() - last < PRESSED_EVERY_MS) return false;
    last = performance.now();
    const limit = waits ? PRESSED_BATCH : BATCH;
    const relayed = await relayOutbox(db, limit, async (rows) => {
      await Promise.all(
        rows.map((row) => {
          const event = {
            id: String(row.id),
            type: row.kind,
            time: new Date(row.createdAt).toISOString(),
            data: row.payload,
          };
          return bus.events.append(
            `outbox-${row.id}`,
            eventSubject(row.tenantId, row.kind),
            encoder.encode(JSON.stringify(event)),
          );
        }),
      );
    });
    return !waits && relayed === limit;
  });
}
