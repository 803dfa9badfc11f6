/** Every subject of the bus, in one place. The version in the name lets two releases run side by side. */

const ROOT = 'ocpp.v1';

/** Edge to workers: batches of uplink messages of one partition. */
export const upSubject = (partition: number): string => `${ROOT}.up.${partition}`;
/** What workers subscribe, as one queue group: any worker serves any partition. */
export const UP_WILDCARD = `${ROOT}.up.*`;
export const WORKER_QUEUE = 'workers';

/** Workers to one edge process: batches of replies. Also where the bus reports that no worker listens. */
export const edgeSubject = (edgeId: string): string => `${ROOT}.edge.${edgeId}`;

/**
 * To whoever holds a station's session: claims and commands. One subject carries both, so that every holder sees them
 * in one order (docs/decisions/0003). No tap, stream or audit may subscribe here: it would hide "no responders".
 */
export const downSubject = (token: string): string => `${ROOT}.down.${token}`;

/** The durable stream: what changed. `events.<tenant>.<kind>`. */
export const eventSubject = (tenantId: number, kind: string): string => `events.${tenantId}.${kind}`;

/** Every event of every tenant. */
export const EVERY_EVENT = 'events.>';
/** Every event of one tenant. */
export const eventsOf = (tenantId: number): string => `events.${tenantId}.>`;

/** Whose event it is and of what kind (`noun.verb`); undefined where the subject is not {@link eventSubject}'s. */
export function readEventSubject(subject: string): { readonly tenantId: number; readonly kind: string } | undefined {
  const [, tenant, kind] = /^events\.(\d{1,10})\.(.+)$/.exec(subject) ?? [];
  return tenant === undefined || kind === undefined ? undefined : { tenantId: Number(tenant), kind };
}
