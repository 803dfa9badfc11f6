/** Puts the stations of a dead edge offline: an edge is dead when its lease has been gone for two looks in a row. */
import type { Cache } from '@sigec/cache';
import { EDGE_LEASES } from '@sigec/contract';
import type { Logger } from '@sigec/runtime';
import { type Repeating, repeat } from '@sigec/runtime';
import { closeSessionsOfEdges, type Database, edgesInUse } from '@sigec/store';

const EVERY_MS = 5_000;
/** Any worker may look, one at a time. */
const TURN_MS = 4_500;
/** A cache that was emptied is filled again by every living edge within one renewal; so one missing look proves nothing. */
const LOOKS = 2;
const MEMORY_MS = 30_000;

export function startPresence(db: Database, cache: Cache, logger: Logger, everyMs = EVERY_MS): Repeating {
  return repeat('presence', everyMs, logger, async () => {
    if (!cache.ready) return false;
    if (!(await cache.setIfAbsent('presence:turn', '1', Math.min(TURN_MS, everyMs)))) return false;
    const living = new Set((await cache.leases(EDGE_LEASES)).map((lease) => lease.holder));
    for (const edgeId of await edgesInUse(db)) {
      // Two looks in a row: one that finds it living begins the count anew.
      if (living.has(edgeId)) {
        await cache.delete(`presence:missing:${edgeId}`);
        continue;
      }
      if ((await cache.increment(`presence:missing:${edgeId}`, MEMORY_MS)) < LOOKS) continue;
      const gone = await closeSessionsOfEdges(db, [edgeId]);
      if (gone > 0) logger.warn({ edge: edgeId, stations: gone }, 'edge is gone; its stations were set offline');
    }
    return false;
  });
}
