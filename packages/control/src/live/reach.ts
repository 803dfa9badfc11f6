/**
 * How far somebody's permissions reach over the topics: the one table that says who is told what. Roles are sets of permissions
 * and scopes of keys are some of them, so people and machines are judged alike.
 */
import { permissionsHeld } from '../auth/callers.js';
import type { Permission } from '../auth/permissions.js';
import type { Caller } from '../context.js';
import type { Topic } from './topics.js';

/** `all` of the tenant; `part`: of transactions one's own, of stations what is published. */
export type Reach = 'all' | 'part';

const NEEDS: Readonly<Record<Topic, { readonly all: Permission; readonly part?: Permission }>> = {
  stations: { all: 'devices:read', part: 'devices:nearby' },
  transactions: { all: 'transactions:read', part: 'transactions:own' },
  progress: { all: 'transactions:read', part: 'transactions:own' },
  alarms: { all: 'alarms:read' },
  commands: { all: 'devices:read' },
  network: { all: 'devices:read' },
  messages: { all: 'devices:log' },
};

/** Undefined where nothing of the topic may be told. */
export function reachOver(caller: Pick<Caller, 'role' | 'permissions'>, topic: Topic): Reach | undefined {
  const held = permissionsHeld(caller);
  const { all, part } = NEEDS[topic];
  if (held.has(all)) return 'all';
  return part !== undefined && held.has(part) ? 'part' : undefined;
}

/** By the noun of an event's kind: what it takes beside its topic, as REST asks for it too. */
const OF_NOUN: Readonly<Record<string, Permission>> = {
  account: 'audit:read',
  authorization: 'devices:log',
  certificate: 'devices:security',
  certificates: 'devices:security',
  'customer-information': 'devices:log',
  log: 'devices:log',
  security: 'security:read',
  settlement: 'settlements:read',
  tariff: 'tariffs:read',
  upload: 'devices:log',
  vendor: 'devices:log',
  'web-payment': 'settlements:read',
  webhook: 'webhooks:manage',
};

/** What whoever is told of such an event must hold; undefined: its topic is enough. */
export function neededFor(kind: string): Permission | undefined {
  const noun = kind.slice(0, kind.indexOf('.'));
  return Object.hasOwn(OF_NOUN, noun) ? OF_NOUN[noun] : undefined;
}

/**
 * What a grant at a station has to hold for a topic, or for one of its events; undefined: none is enough.
 * @param needs what the event takes beside its topic
 */
export function neededThere(topic: Topic, needs?: Permission): Permission | undefined {
  return topic === 'network' ? undefined : (needs ?? NEEDS[topic].all);
}
