/** Whether somebody may subscribe what they ask for. */
import { type Database, ownStations } from '@sigec/store';
import type { Caller } from '../context.js';
import { ProblemError } from '../problem.js';
import { reachOf } from './reach.js';
import type { Wish } from './subscription.js';

/** Stations whose running transactions one subscription over the tenant watches. */
const MAX_PROGRESS = 200;

/**
 * Other topics are narrowed to the tenant event by event; messages are read by station, so each is looked for here.
 * @throws {ProblemError} `forbidden`, `not-found`, `validation`
 */
export async function checkWish(db: Database, actor: Caller, { topics, deviceIds }: Wish): Promise<void> {
  const refused = topics.filter((topic) => reachOf(actor, topic) === undefined);
  if (refused.length > 0) throw new ProblemError('forbidden', { extra: { topics: refused } });
  const everybody = topics.includes('progress') && reachOf(actor, 'progress') === 'all';
  if (everybody && (deviceIds === undefined || deviceIds.length > MAX_PROGRESS)) {
    const message = `must name 1 to ${MAX_PROGRESS} devices for the topic progress`;
    throw new ProblemError('validation', { errors: [{ field: 'device_ids', message }] });
  }
  if (!topics.includes('messages')) return;
  const ids = (deviceIds ?? []).map(Number);
  const own = await ownStations(db, actor.tenantId, ids);
  if (ids.some((id) => !own.has(id))) throw new ProblemError('not-found', { extra: { field: 'device_ids' } });
}
