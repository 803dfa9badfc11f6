/** Has the station upload a log. 1.6 section 5.9 and white paper section 5.9; 2.x N01. */
import { z } from '@hono/zod-openapi';
import { TimeInput } from '../../wire/common.js';
import { Count, defineVerb, given, rfc3339, unsupported } from './verb.js';

export const getLogs = defineVerb({
  name: 'get-logs',
  summary: 'Have a device upload a log',
  becomes:
    'GetLog; in 1.6 GetDiagnostics for `DiagnosticsLog`. `DataCollectorLog` in 2.1. What comes of it is the request.',
  body: z.strictObject({
    type: z.enum(['DiagnosticsLog', 'SecurityLog', 'DataCollectorLog']).default('DiagnosticsLog'),
    /** Where it is put. */
    location: z.string().min(1).max(512),
    oldest: TimeInput.optional(),
    latest: TimeInput.optional(),
    retries: Count.max(100).optional(),
    retry_interval_s: Count.max(86_400).optional(),
  }),
  plan(version, _station, { type, location, oldest, latest, retries, retry_interval_s: retryInterval }) {
    if (type === 'DataCollectorLog' && version !== 'ocpp2.1') throw unsupported(version, 'type');
    const again = { retries, retryInterval };
    if (version === 'ocpp1.6' && type === 'DiagnosticsLog') {
      const payload = { location, startTime: rfc3339(oldest), stopTime: rfc3339(latest), ...again };
      return { action: 'GetDiagnostics', payload: given(payload) };
    }
    const log = given({
      remoteLocation: location,
      oldestTimestamp: rfc3339(oldest),
      latestTimestamp: rfc3339(latest),
    });
    return { action: 'GetLog', payload: given({ logType: type, log, ...again }) };
  },
});
