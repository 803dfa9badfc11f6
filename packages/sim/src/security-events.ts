/** The room of security events (1.6 security white paper A04, 2.x A04): told when they happen, to whoever listens. */
import type { Clock } from './clock.js';
import type { JsonObject } from './json.js';

/** Settings whose change is one (2.x appendix 1, ReconfigurationOfSecurityParameters). */
export const SECURITY_SETTINGS: ReadonlySet<string> = new Set([
  ...['AuthorizationKey', 'CpoName', 'SecurityProfile'],
  ...['SecurityCtrlr.BasicAuthPassword', 'SecurityCtrlr.OrganizationName', 'SecurityCtrlr.SecurityProfile'],
]);

interface Teller {
  readonly clock: Clock;
  readonly isOnline: boolean;
  background(work: () => Promise<unknown>): void;
  send(action: string, payload: JsonObject): Promise<JsonObject>;
}

/** Sends an event if the station may; what it cannot send is kept in its own log only. */
export function tellSecurity(station: Teller, type: string, techInfo?: string): void {
  if (!station.isOnline) return;
  const payload = { type, timestamp: station.clock.stamp(), ...(techInfo === undefined ? {} : { techInfo }) };
  station.background(() => station.send('SecurityEventNotification', payload).catch(() => ({})));
}
