/** What is answered here, without the workers, while there is too much to do. Never a transaction, and never a lie. */
import { type Call, errorCode, type OcppVersion, type Send, writeError, writeResult } from '@sigec/ocpp';
import type { EdgeContext } from '../context.js';
import { PRESSURE } from './pressure.js';

/** The frame that answers a charger's CALL, or null where it goes up like any other. */
export function shedCall(
  { pressure, counts }: Pick<EdgeContext, 'pressure' | 'counts'>,
  { kind, id, action }: Call | Send,
  version: OcppVersion,
): string | null {
  if (pressure.level < PRESSURE.heartbeats || kind !== 'call') return null;
  if (action === 'Heartbeat') {
    counts.shed.with({ what: 'heartbeat' }).inc();
    return writeResult(id, { currentTime: new Date().toISOString() });
  }
  if (action !== 'StatusNotification' || pressure.level < PRESSURE.status) return null;
  counts.shed.with({ what: 'status' }).inc();
  return writeError(id, errorCode(version, 'internal'), 'server is busy');
}
