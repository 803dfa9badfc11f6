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
/** The stations themselves are asked so often, which reads all of them: for edges that nobody here has seen alive. */
const WHOLE_MS = 30_000;
/** The edges that have been seen, by whichever worker looked. */
const SEEN = 'presence:edges';

async function seenBefore(db: Database, cache: Cache): Promise<Set<string>> {
  const seen = (await cache.setIfAbsent('presence:whole', '1', WHOLE_MS)) ? null : await cache.get(SEEN);
  return new Set(seen === null ? await edgesInUse(db) : (JSON.parse(seen) as string[]));
}

export function startPresence(db: Database, cache: Cache, logger: Logger, everyMs = EVERY_MS): Repeating {
  return repeat('presence', everyMs, logger, async () => {
    if (!cache.ready) return false;
    if (!(await cache.setIfAbsent('presence:turn', '1', Math.min(TURN_MS, everyMs)))) return false;
    const living = new Set((await cache.leases(EDGE_LEASES)).map((lease) => lease.holder));
    const seen = await seenBefore(db, cache);
    for (const edgeId of living) seen.add(edgeId);
    for (const edgeId of seen) {
      // Two looks in a row: one that finds it living begins the count anew.
      if (living.has(edgeId)) {
        await cache.delete(`presence:missing:${edgeId}`);
        continue;
      }
      if ((await cache.increment(`presence:missing:${edgeId}`, MEMORY_MS)) < LOOKS) continue;
      const gone = await closeSessionsOfEdges(db, [edgeId]);
      // As many as one turn takes may not be all of them.
      if (gone === 0) seen.delete(edgeId);
      else logger.warn({ edge: edgeId, stations: gone }, 'edge is gone; its stations were set offline');
    }
    await cache.set(SEEN, JSON.stringify([...seen]));
    return false;
  });
}
