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
