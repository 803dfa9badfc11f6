/** What somebody wants to be told: topics, narrowed by who asks and by what they named. Pure, but for the stations of places. */
import type { Actor, HeldGrant, Place } from '@sigec/store';
import { type Permission, setHolds } from '../auth/permissions.js';
import type { LiveEvent, Shape } from './event.js';
import { placeKey } from './places.js';
import { DRIVER_STATION_KINDS, EVENT_TOPICS, type EventTopic, neededFor, type Topic } from './topics.js';

export interface Wish {
  readonly topics: readonly Topic[];
  /** Undefined: all that the person may see. */
  readonly deviceIds?: readonly string[] | undefined;
  readonly siteIds?: readonly string[] | undefined;
  /** Of a driver who holds some: where they are told what staff are. */
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
  /** Of a driver, who is told of what is theirs, and of what is published. */
  readonly driver: string | undefined;
  readonly published: string;
  /** Of a driver with grants. */
  readonly granted: readonly Granted[];
  /** What has to be held while it lasts. */
  readonly places: readonly Place[];

  constructor({ tenantId, userId, role }: Actor, { topics, deviceIds, siteIds, grants = [] }: Wish) {
    this.tenantId = tenantId;
    this.topics = new Set(EVENT_TOPICS.filter((topic) => topics.includes(topic)));
    this.stations = deviceIds === undefined ? undefined : new Set(deviceIds);
    this.driver = role === 'user' ? userId : undefined;
    const sites = siteIds?.map((site): Place => ({ tenantId, site, group: null }));
    this.sites = sites?.map(placeKey);
    const id = (given: number | null) => (given === null ? null : String(given));
    const held = (this.driver === undefined ? [] : grants).map(({ siteId, groupId, set }) => {
      const place: Place = { tenantId, site: id(siteId), group: id(groupId) };
      return { place, set, key: placeKey(place) };
    });
    this.granted = held;
    const published: Place = { tenantId, site: null, group: null };
    this.published = placeKey(published);
    const shown = this.driver !== undefined && this.topics.has('stations') ? [published] : [];
    this.places = [...(sites ?? []), ...shown, ...held.map(({ place }) => place)];
  }

  /** How an event of this tenant is told here; undefined where it is not. */
  shapeOf(event: LiveEvent, places: PlaceLookup): Shape | undefined {
    const { stationId, topic } = event;
    if (event.tenantId !== this.tenantId || !this.topics.has(topic)) return undefined;
    if (this.stations !== undefined && (stationId === undefined || !this.stations.has(stationId))) return undefined;
    if (this.sites !== undefined && (stationId === undefined || !this.sites.some((key) => places.has(key, stationId))))
      return undefined;
    if (this.driver === undefined) return 'whole';
    if (stationId !== undefined && grantsShow(this.granted, places, stationId, neededFor(topic, event.kind)))
      return 'whole';
    if (topic === 'transactions')
      return event.userId === this.driver && event.kind.startsWith('transaction.') ? 'whole' : undefined;
    if (topic !== 'stations' || stationId === undefined || !DRIVER_STATION_KINDS.has(event.kind)) return undefined;
    return places.has(this.published, stationId) ? 'driver' : undefined;
  }
}
