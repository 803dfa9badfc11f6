/** Whether somebody may subscribe what they ask for. */
import { type Database, heldGrants, ownStations, reachedStations, reachOf } from '@sigec/store';
import { grantsAdd } from '../auth/callers.js';
import { setHolds } from '../auth/permissions.js';
import type { Caller } from '../context.js';
import { ProblemError } from '../problem.js';
import { neededThere, reachOver } from './reach.js';
import type { Wish } from './subscription.js';
import type { Topic, WatchTopic } from './topics.js';

/** Stations whose running transactions one subscription over the tenant watches. */
const MAX_PROGRESS = 200;

/**
 * Other topics are narrowed to the tenant, or to what grants lead to, event by event; messages and progress are read by station,
 * so each is looked for here.
 * @returns the wish with the grants of whoever asks
 * @throws {ProblemError} `forbidden`, `not-found`, `validation`
 */
export async function checkWish(db: Database, actor: Caller, wish: Wish): Promise<Wish> {
  const { topics, deviceIds } = wish;
  const grants = grantsAdd(actor) ? await heldGrants(db, actor) : [];
  const reachFor = (topic: Topic) => {
    const needed = neededThere(topic);
    return needed && reachOf(grants.filter(({ set }) => setHolds(set, needed)));
  };
  const refused = topics.filter((topic) => reachOver(actor, topic) === undefined && reachFor(topic) === undefined);
  if (refused.length > 0) throw new ProblemError('forbidden', { extra: { topics: refused } });
  const everybody = topics.includes('progress') && reachOver(actor, 'progress') === 'all';
  if (everybody && (deviceIds === undefined || deviceIds.length > MAX_PROGRESS)) {
    const message = `must name 1 to ${MAX_PROGRESS} devices for the topic progress`;
    throw new ProblemError('validation', { errors: [{ field: 'device_ids', message }] });
  }
  const ids = (deviceIds ?? []).map(Number);
  /** Whether they may watch all that they named. */
  const all = async (topic: WatchTopic): Promise<boolean> => {
    if (reachOver(actor, topic) === 'all') return covers(await ownStations(db, actor.tenantId, ids), ids);
    const reach = reachFor(topic);
    return reach !== undefined && covers(await reachedStations(db, actor, reach, ids), ids);
  };
  if (topics.includes('messages') && !(await all('messages')))
    throw new ProblemError('not-found', { extra: { field: 'device_ids' } });
  if (!grantsAdd(actor)) return wish;
  const named = topics.includes('progress') && ids.length > 0 && ids.length <= MAX_PROGRESS;
  return { ...wish, grants, everybodys: named && (await all('progress')) };
}

const covers = (found: ReadonlySet<number>, ids: readonly number[]): boolean => ids.every((id) => found.has(id));
