/** SecurityEventNotification: something happened that bears on security. 1.6 security extension A04; 2.x A04. */
import { securityEventCriticality } from '@sigec/domain';
import { parseTimestamp, type RequestOf } from '@sigec/ocpp';
import { type Call, define } from '../../handler.js';
import type { Needs } from '../../needs.js';
import type { Unit } from '../../unit.js';
import { digestOf } from './csr.js';

type Told = Pick<RequestOf<'ocpp2.1', 'SecurityEventNotification'>, 'type' | 'timestamp' | 'techInfo'>;

/** The schema says 50; a station with leniency may say more, but what names a row must fit an index. */
const LONGEST_SUBJECT = 200;

/** What a station says twice, with its own time, is one event. */
const digest = ({ payload: { type, timestamp, techInfo = '' } }: Call<Told>): string =>
  digestOf(type, timestamp, techInfo);

const needs = (call: Call<Told>, wanted: Needs): void =>
  wanted.look('securityEventSeen', { stationId: call.stationId, digest: digest(call) });

function take(call: Call<Told>, unit: Unit): Record<string, never> {
  const { stationId, payload, receivedAt } = call;
  const key = { stationId, digest: digest(call) };
  if (unit.found('securityEventSeen', key) === true) return {};
  const { type, timestamp, techInfo = null } = payload;
  const { ms, quality } = parseTimestamp(timestamp, receivedAt);
  const criticality = securityEventCriticality(type);
  const { tenantId } = unit.station(stationId);
  const row = { tenantId, ...key, type, criticality, techInfo, at: ms, timeQuality: quality, receivedAt };
  unit.add('securityEvent', row);
  unit.know('securityEventSeen', key, true);
  const at = new Date(ms).toISOString();
  if (criticality === 'critical')
    unit.add('toldAlarm', {
      ...{
        stationId,
        kind: 'security_event',
        subject: type.slice(0, LONGEST_SUBJECT),
        cause: '',
        evseId: null,
        connectorId: null,
      },
      ...{ detail: { type, tech_info: techInfo }, level: null, cleared: false, at: receivedAt },
    });
  unit.tell(stationId, 'security.reported', { type, criticality, tech_info: techInfo, occurred_at: at });
  return {};
}

export const securityEventNotification16 = define('ocpp1.6', 'SecurityEventNotification', {
  kind: 'durable',
  needs,
  handle: take,
});

export const securityEventNotification2x = define('ocpp2.0.1', 'SecurityEventNotification', {
  kind: 'durable',
  needs,
  handle: take,
});
