/**
 * Who is to be asked about an event: an index by tenant, topic, and the most that a subscription is narrowed by (a person, a
 * station, a place). An event costs by those it may interest, not by those who listen.
 */
import type { LiveEvent } from './event.js';
import type { Interest, PlaceLookup } from './subscription.js';
import type { EventTopic } from './topics.js';

/** Anything that holds an interest. */
export interface Interested {
  readonly interest: Interest;
}

class TopicIndex<T> {
  readonly all = new Set<T>();
  readonly byStation = new Map<string, Set<T>>();
  readonly byUser = new Map<string, Set<T>>();
  readonly byPlace = new Map<string, Set<T>>();

  get empty(): boolean {
    return this.all.size + this.byStation.size + this.byUser.size + this.byPlace.size === 0;
  }
}

function put<T>(map: Map<string, Set<T>>, keys: Iterable<string>, one: T): void {
  for (const key of keys) {
    const set = map.get(key);
    if (set === undefined) map.set(key, new Set([one]));
    else set.add(one);
  }
}

function take<T>(map: Map<string, Set<T>>, keys: Iterable<string>, one: T): void {
  for (const key of keys) {
    const set = map.get(key);
    set?.delete(one);
    if (set?.size === 0) map.delete(key);
  }
}

export class Interests<T extends Interested> {
  readonly #tenants = new Map<number, Map<EventTopic, TopicIndex<T>>>();

  add(one: T): void {
    const { tenantId, topics } = one.interest;
    const tenant = this.#tenants.get(tenantId) ?? new Map<EventTopic, TopicIndex<T>>();
    this.#tenants.set(tenantId, tenant);
    for (const topic of topics) {
      const index = tenant.get(topic) ?? new TopicIndex<T>();
      tenant.set(topic, index);
      this.#move(index, topic, one, true);
    }
  }

  remove(one: T): void {
    const { tenantId, topics } = one.interest;
    const tenant = this.#tenants.get(tenantId);
    for (const topic of topics) {
      const index = tenant?.get(topic);
      if (index === undefined) continue;
      this.#move(index, topic, one, false);
      if (index.empty) tenant?.delete(topic);
    }
    if (tenant?.size === 0) this.#tenants.delete(tenantId);
  }

  /** All whom an event may interest; each still looks for itself. */
  *candidates({ tenantId, topic, stationId, userId }: LiveEvent, places: PlaceLookup): Generator<T, void, void> {
    const index = this.#tenants.get(tenantId)?.get(topic);
    if (index === undefined) return;
    yield* index.all;
    if (userId !== undefined) yield* index.byUser.get(userId) ?? [];
    if (stationId === undefined) return;
    yield* index.byStation.get(stationId) ?? [];
    for (const [key, set] of index.byPlace) if (places.has(key, stationId)) yield* set;
  }

  #move(index: TopicIndex<T>, topic: EventTopic, one: T, adds: boolean): void {
    const { owner, stations, sites, published, granted } = one.interest;
    const how = adds ? put<T> : take<T>;
    // Where grants lead, beside what else leads to them.
    const keys = granted.map(({ key }) => key);
    how(index.byPlace, keys, one);
    if (one.interest.reach(topic) === undefined) return;
    if (owner !== undefined && topic === 'transactions') how(index.byUser, [owner], one);
    else if (stations !== undefined) how(index.byStation, stations, one);
    else if (sites !== undefined) how(index.byPlace, sites, one);
    else if (published !== undefined && topic === 'stations') how(index.byPlace, [published], one);
    else if (adds) index.all.add(one);
    else index.all.delete(one);
  }
}
