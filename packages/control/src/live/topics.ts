/** What can be subscribed, and which event belongs where. Who is told of it: reach.ts. */

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

/** Events of published stations that drivers are told: whether they can charge there, and nothing of how it is run. */
export const DRIVER_STATION_KINDS: ReadonlySet<string> = new Set([
  'station.online',
  'station.offline',
  'connector.status',
]);
/** And what they are told of it. */
export const DRIVER_STATION_FIELDS = ['device_id', 'evse_id', 'connector_id', 'status'] as const;
