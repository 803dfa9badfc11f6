/** Whether somebody may subscribe what they ask for. */
import { type Database, heldGrants, ownStations, reachedStations, reachOf } from '@sigec/store';
import { setHolds } from '../auth/permissions.js';
import type { Caller } from '../context.js';
import { ProblemError } from '../problem.js';
import type { Wish } from './subscription.js';
import { DRIVER_TOPICS, neededFor, type Topic, type WatchTopic } from './topics.js';

/** Stations whose running transactions one subscription of staff watches. */
const MAX_PROGRESS = 200;

/**
 * Other topics are narrowed to the tenant, or to what grants lead to, event by event; messages and progress are read by station,
 * so each is looked for here.
 * @returns the wish with the grants of whoever asks
 * @throws {ProblemError} `forbidden`, `not-found`, `validation`
 */
export async function checkWish(db: Database, actor: Caller, wish: Wish): Promise<Wish> {
  const { topics, deviceIds } = wish;
  const driver = actor.role === 'user';
  const grants = driver && actor.granted === true ? await heldGrants(db, actor) : [];
  const reachFor = (topic: Topic) => {
    const needed = neededFor(topic);
    return needed && reachOf(grants.filter(({ set }) => setHolds(set, needed)));
  };
  const refused = topics.filter((topic) => driver && !DRIVER_TOPICS.has(topic) && reachFor(topic) === undefined);
  if (refused.length > 0) throw new ProblemError('forbidden', { extra: { topics: refused } });
  if (!driver && topics.includes('progress') && (deviceIds === undefined || deviceIds.length > MAX_PROGRESS)) {
    const message = `must name 1 to ${MAX_PROGRESS} devices for the topic progress`;
    throw new ProblemError('validation', { errors: [{ field: 'device_ids', message }] });
  }
  const ids = (deviceIds ?? []).map(Number);
  /** Whether they may watch all that they named. */
  const all = async (topic: WatchTopic): Promise<boolean> => {
    if (!driver) return covers(await ownStations(db, actor.tenantId, ids), ids);
    const reach = reachFor(topic);
    return reach !== undefined && covers(await reachedStations(db, actor, reach, ids), ids);
  };
  if (topics.includes('messages') && !(await all('messages')))
    throw new ProblemError('not-found', { extra: { field: 'device_ids' } });
  if (grants.length === 0) return wish;
  const named = topics.includes('progress') && ids.length > 0 && ids.length <= MAX_PROGRESS;
  return { ...wish, grants, everybodys: named && (await all('progress')) };
}

const covers = (found: ReadonlySet<number>, ids: readonly number[]): boolean => ids.every((id) => found.has(id));
