/** What can be subscribed, which event belongs where, and what somebody has to hold who is told of it by a grant. */
import type { Permission } from '../auth/permissions.js';

/** Topics that the stream of events is divided into; each event has one. */
export const EVENT_TOPICS = ['stations', 'transactions', 'alarms', 'commands', 'network'] as const;
export type EventTopic = (typeof EVENT_TOPICS)[number];

/** Beside the stream: how running transactions stand, and the OCPP messages of a station. They have no position. */
export const WATCH_TOPICS = ['progress', 'messages'] as const;
export type WatchTopic = (typeof WATCH_TOPICS)[number];

export const TOPICS = [...EVENT_TOPICS, ...WATCH_TOPICS] as const;
export type Topic = (typeof TOPICS)[number];

/** By the noun of an event's kind. */
const OF_NOUN: Readonly<Record<string, EventTopic>> = {
  station: 'stations',
  connector: 'stations',
  transaction: 'transactions',
  cost: 'transactions',
  settlement: 'transactions',
  'web-payment': 'transactions',
  alarm: 'alarms',
  'der-alarm': 'alarms',
  security: 'alarms',
  command: 'commands',
  batch: 'commands',
  request: 'commands',
};

/** Other nouns are the station's where they name one, and the network's where they do not. */
export function topicOf(kind: string, namesStation: boolean): EventTopic {
  const noun = kind.slice(0, kind.indexOf('.'));
  const known = Object.hasOwn(OF_NOUN, noun) ? OF_NOUN[noun] : undefined;
  return known ?? (namesStation ? 'stations' : 'network');
}

/** As the routes that show the same. */
const NEEDED: Readonly<Record<Exclude<EventTopic, 'network'> | WatchTopic, Permission>> = {
  stations: 'devices:read',
  transactions: 'transactions:read',
  alarms: 'alarms:read',
  commands: 'devices:read',
  progress: 'transactions:read',
  messages: 'devices:log',
};
const NEEDED_OF_NOUN: Readonly<Record<string, Permission>> = {
  authorization: 'devices:log',
  certificate: 'devices:security',
  certificates: 'devices:security',
  'customer-information': 'devices:log',
  log: 'devices:log',
  security: 'security:read',
  settlement: 'settlements:read',
  upload: 'devices:log',
  vendor: 'devices:log',
  'web-payment': 'settlements:read',
};

/** What a grant at a station has to hold for a topic, and for one of its events; undefined: none is enough. */
export function neededFor(topic: Topic, kind?: string): Permission | undefined {
  if (topic === 'network') return undefined;
  const noun = kind?.slice(0, kind.indexOf('.')) ?? '';
  return (Object.hasOwn(NEEDED_OF_NOUN, noun) ? NEEDED_OF_NOUN[noun] : undefined) ?? NEEDED[topic];
}

/** What drivers may subscribe. */
export const DRIVER_TOPICS: ReadonlySet<Topic> = new Set(['stations', 'transactions', 'progress']);

/** Events of stations that drivers are told: whether they can charge there, and nothing of how it is run. */
export const DRIVER_STATION_KINDS: ReadonlySet<string> = new Set([
  'station.online',
  'station.offline',
  'connector.status',
]);
/** And what they are told of it. */
export const DRIVER_STATION_FIELDS = ['device_id', 'evse_id', 'connector_id', 'status'] as const;
