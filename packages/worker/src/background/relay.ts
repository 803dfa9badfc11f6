/** Takes what changed from the outbox to the event stream, in order; the outbox id makes a repetition harmless. */
import type { Bus } from '@sigec/bus';
import { eventSubject } from '@sigec/contract';
import type { Logger } from '@sigec/runtime';
import { type Database, relayOutbox } from '@sigec/store';
import { type Repeating, repeat } from './repeat.js';

const BATCH = 500;
const EVERY_MS = 500;
const encoder = new TextEncoder();

export function startRelay(db: Database, bus: Bus, logger: Logger): Repeating {
  return repeat('outbox relay', EVERY_MS, logger, async () => {
    if (bus.status !== 'connected') return false;
    const relayed = await relayOutbox(db, BATCH, async (rows) => {
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
    return relayed === BATCH;
  });
}
