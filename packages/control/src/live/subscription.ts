/** What somebody wants to be told: topics, narrowed by who asks and by what they named. Pure, but for the stations of places. */
import type { HeldGrant, Place } from '@sigec/store';
import { permissionsHeld } from '../auth/callers.js';
import { type Permission, setHolds } from '../auth/permissions.js';
import type { Caller } from '../context.js';
import type { LiveEvent, Shape } from './event.js';
import { placeKey } from './places.js';
import { neededThere, type Reach, reachOver } from './reach.js';
import { DRIVER_STATION_KINDS, EVENT_TOPICS, type EventTopic, type Topic } from './topics.js';

export interface Wish {
  readonly topics: readonly Topic[];
  /** Undefined: all that the person may see. */
  readonly deviceIds?: readonly string[] | undefined;
  readonly siteIds?: readonly string[] | undefined;
  /** Of a driver, who may hold none: where they are told what staff are. */
  readonly grants?: readonly HeldGrant[] | undefined;
  /** Whether their grants lead to all devices that were named: then `progress` is everybody's there. */
  readonly everybodys?: boolean | undefined;
}

/** Whether a station is part of a place. */
export interface PlaceLookup {
  has(key: string, stationId: string): boolean;
}

/** A place with what may be known there. */
interface Granted {
  readonly key: string;
  readonly set: string;
}

/** Whether one of them leads to a station and holds a permission there. */
export const grantsShow = (
  grants: readonly Granted[],
  places: PlaceLookup,
  stationId: string,
  needed: Permission | undefined,
): boolean =>
  needed !== undefined && grants.some(({ key, set }) => setHolds(set, needed) && places.has(key, stationId));

export class Interest {
  readonly tenantId: number;
  readonly topics: ReadonlySet<EventTopic>;
  readonly stations: ReadonlySet<string> | undefined;
  /** Keys of the sites that it is narrowed to. */
  readonly sites: readonly string[] | undefined;
  /** Whose transactions alone are told; undefined: everybody's. */
  readonly owner: string | undefined;
  /** Key of the place of which alone stations are told; undefined: of all. */
  readonly published: string | undefined;
  /** Where somebody who may not see the whole tenant is told what staff are. */
  readonly granted: readonly Granted[];
  /** What has to be held while it lasts. */
  readonly places: readonly Place[];

  readonly #reach: ReadonlyMap<EventTopic, Reach | undefined>;
  readonly #held: ReadonlySet<Permission>;

  constructor(caller: Caller, { topics, deviceIds, siteIds, grants = [] }: Wish) {
    const { tenantId, userId } = caller;
    this.tenantId = tenantId;
    this.#held = permissionsHeld(caller);
    this.#reach = new Map(EVENT_TOPICS.map((topic) => [topic, reachOver(caller, topic)]));
    // What a grant shows of a topic is looked at event by event.
    const some = (topic: EventTopic) => grants.length > 0 || this.reach(topic) !== undefined;
    this.topics = new Set(EVENT_TOPICS.filter((topic) => topics.includes(topic) && some(topic)));
    this.stations = deviceIds === undefined ? undefined : new Set(deviceIds);
    this.owner = this.reach('transactions') === 'all' ? undefined : userId;
    const sites = siteIds?.map((site): Place => ({ tenantId, site, group: null }));
    this.sites = sites?.map(placeKey);
    const id = (given: number | null) => (given === null ? null : String(given));
    const held = grants.map(({ siteId, groupId, set }) => {
      const place: Place = { tenantId, site: id(siteId), group: id(groupId) };
      return { place, set, key: placeKey(place) };
    });
    this.granted = held;
    const published: Place = { tenantId, site: null, group: null };
    const narrow = this.reach('stations') !== 'all';
    this.published = narrow ? placeKey(published) : undefined;
    const shown = narrow && this.topics.has('stations') ? [published] : [];
    this.places = [...(sites ?? []), ...shown, ...held.map(({ place }) => place)];
  }

  /** How far permissions reach over a topic, without grants. */
  reach(topic: EventTopic): Reach | undefined {
    return this.#reach.get(topic);
  }

  /** How an event of this tenant is told here; undefined where it is not. */
  shapeOf(event: LiveEvent, places: PlaceLookup): Shape | undefined {
    const { stationId, topic, needs } = event;
    if (event.tenantId !== this.tenantId || !this.topics.has(topic)) return undefined;
    if (this.stations !== undefined && (stationId === undefined || !this.stations.has(stationId))) return undefined;
    if (this.sites !== undefined && (stationId === undefined || !this.sites.some((key) => places.has(key, stationId))))
      return undefined;
    if (stationId !== undefined && grantsShow(this.granted, places, stationId, neededThere(topic, needs)))
      return 'whole';
    if (this.reach(topic) === undefined || (needs !== undefined && !this.#held.has(needs))) return undefined;
    if (topic === 'transactions' && this.owner !== undefined)
      return event.userId === this.owner && event.kind.startsWith('transaction.') ? 'whole' : undefined;
    if (topic !== 'stations' || this.published === undefined) return 'whole';
    if (stationId === undefined || !DRIVER_STATION_KINDS.has(event.kind)) return undefined;
    return places.has(this.published, stationId) ? 'driver' : undefined;
  }
}
