/** What somebody wants to be told: topics, narrowed by who asks and by what they named. Pure, but for the stations of places. */
import type { Actor, Place } from '@sigec/store';
import type { LiveEvent, Shape } from './event.js';
import { placeKey } from './places.js';
import { DRIVER_STATION_KINDS, EVENT_TOPICS, type EventTopic, type Topic } from './topics.js';

export interface Wish {
  readonly topics: readonly Topic[];
  /** Undefined: all that the person may see. */
  readonly deviceIds?: readonly string[] | undefined;
  readonly siteIds?: readonly string[] | undefined;
}

/** Whether a station is part of a place. */
export interface PlaceLookup {
  has(key: string, stationId: string): boolean;
}

export class Interest {
  readonly tenantId: number;
  readonly topics: ReadonlySet<EventTopic>;
  readonly stations: ReadonlySet<string> | undefined;
  /** Keys of the sites that it is narrowed to. */
  readonly sites: readonly string[] | undefined;
  /** Of a driver, who is told of what is theirs, and of what is published. */
  readonly driver: string | undefined;
  readonly published: string;
  /** What has to be held while it lasts. */
  readonly places: readonly Place[];

  constructor({ tenantId, userId, role }: Actor, { topics, deviceIds, siteIds }: Wish) {
    this.tenantId = tenantId;
    this.topics = new Set(EVENT_TOPICS.filter((topic) => topics.includes(topic)));
    this.stations = deviceIds === undefined ? undefined : new Set(deviceIds);
    this.driver = role === 'user' ? userId : undefined;
    const sites = siteIds?.map((site): Place => ({ tenantId, site }));
    this.sites = sites?.map(placeKey);
    const published: Place = { tenantId, site: null };
    this.published = placeKey(published);
    const shown = this.driver !== undefined && this.topics.has('stations') ? [published] : [];
    this.places = [...(sites ?? []), ...shown];
  }

  /** How an event of this tenant is told here; undefined where it is not. */
  shapeOf(event: LiveEvent, places: PlaceLookup): Shape | undefined {
    const { stationId, topic } = event;
    if (event.tenantId !== this.tenantId || !this.topics.has(topic)) return undefined;
    if (this.stations !== undefined && (stationId === undefined || !this.stations.has(stationId))) return undefined;
    if (this.sites !== undefined && (stationId === undefined || !this.sites.some((key) => places.has(key, stationId))))
      return undefined;
    if (this.driver === undefined) return 'whole';
    if (topic === 'transactions')
      return event.userId === this.driver && event.kind.startsWith('transaction.') ? 'whole' : undefined;
    if (topic !== 'stations' || stationId === undefined || !DRIVER_STATION_KINDS.has(event.kind)) return undefined;
    return places.has(this.published, stationId) ? 'driver' : undefined;
  }
}
