/** What somebody wants to be told: topics, narrowed by who asks and by what they named. Pure, but for the stations of places. */
import type { Place } from '@sigec/store';
import { permissionsHeld } from '../auth/callers.js';
import type { Permission } from '../auth/permissions.js';
import type { Caller } from '../context.js';
import type { LiveEvent, Shape } from './event.js';
import { placeKey } from './places.js';
import { reachOf } from './reach.js';
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
  /** Whose transactions alone are told; undefined: everybody's. */
  readonly owner: string | undefined;
  /** Key of the place of which alone stations are told; undefined: of all. */
  readonly published: string | undefined;
  /** What has to be held while it lasts. */
  readonly places: readonly Place[];

  readonly #held: ReadonlySet<Permission>;

  constructor(caller: Caller, { topics, deviceIds, siteIds }: Wish) {
    const { tenantId, userId } = caller;
    this.tenantId = tenantId;
    this.#held = permissionsHeld(caller);
    this.topics = new Set(
      EVENT_TOPICS.filter((topic) => topics.includes(topic) && reachOf(caller, topic) !== undefined),
    );
    this.stations = deviceIds === undefined ? undefined : new Set(deviceIds);
    this.owner = reachOf(caller, 'transactions') === 'all' ? undefined : userId;
    const sites = siteIds?.map((site): Place => ({ tenantId, site }));
    this.sites = sites?.map(placeKey);
    const published: Place = { tenantId, site: null };
    const narrow = reachOf(caller, 'stations') !== 'all';
    this.published = narrow ? placeKey(published) : undefined;
    const shown = narrow && this.topics.has('stations') ? [published] : [];
    this.places = [...(sites ?? []), ...shown];
  }

  /** How an event of this tenant is told here; undefined where it is not. */
  shapeOf(event: LiveEvent, places: PlaceLookup): Shape | undefined {
    const { stationId, topic, needs } = event;
    if (event.tenantId !== this.tenantId || !this.topics.has(topic)) return undefined;
    if (needs !== undefined && !this.#held.has(needs)) return undefined;
    if (this.stations !== undefined && (stationId === undefined || !this.stations.has(stationId))) return undefined;
    if (this.sites !== undefined && (stationId === undefined || !this.sites.some((key) => places.has(key, stationId))))
      return undefined;
    if (topic === 'transactions' && this.owner !== undefined)
      return event.userId === this.owner && event.kind.startsWith('transaction.') ? 'whole' : undefined;
    if (topic !== 'stations' || this.published === undefined) return 'whole';
    if (stationId === undefined || !DRIVER_STATION_KINDS.has(event.kind)) return undefined;
    return places.has(this.published, stationId) ? 'driver' : undefined;
  }
}
