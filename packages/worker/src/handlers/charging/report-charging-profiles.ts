/**
 * ReportChargingProfiles (2.x K09): a part of the answer to GetChargingProfiles. Parts carry no number, so a part that came
 * before is known by what it says. When the last one came, what matched the question and was not told is forgotten.
 */
import { readProfile } from '@sigec/domain';
import { CallRefused, define } from '../../handler.js';
import { needsRequest, requestOf, takePart } from '../requests.js';
import { contentOf, requireStorable } from './check.js';

const ACTIONS = ['GetChargingProfiles'];
/** Of one report; no station holds as many profiles. */
const MAX_PARTS = 1000;

export const reportChargingProfiles2x = define('ocpp2.0.1', 'ReportChargingProfiles', {
  kind: 'durable',
  needs(call, needs) {
    const { stationId, payload } = call;
    needsRequest(call, needs, payload.requestId);
    needs.look('chargingReportSeen', { stationId, requestId: payload.requestId, hash: contentOf(call) });
  },
  handle(call, unit) {
    const { stationId, payload } = call;
    const { requestId, evseId, chargingLimitSource: limitSource, tbc } = payload;
    const request = requestOf(call, unit, requestId, ACTIONS);
    const key = { stationId, requestId, hash: contentOf(call) };
    if (unit.found('chargingReportSeen', key) === true) return {};
    if (request.endedAt !== null) throw new CallRefused('property', 'requestId: its report has ended');
    if (request.parts >= MAX_PARTS) throw new CallRefused('property', 'requestId: too many parts');
    const profiles = payload.chargingProfile.map((profile) => readProfile({ ...profile }));
    for (const profile of profiles) requireStorable(profile);

    unit.know('chargingReportSeen', key, true);
    unit.add('chargingReportPart', { request: request.id, hash: key.hash });
    const items = payload.chargingProfile.map((profile) => ({
      evse_id: evseId,
      limit_source: limitSource,
      charging_profile: profile,
    }));
    takePart(call, unit, ACTIONS, { requestId, seqNo: request.parts, tbc, items });
    const { tenantId } = unit.station(stationId);
    for (const profile of profiles) {
      const row = { ...profile, stationId, tenantId, evseId, limitSource, source: 'reported', state: 'set' } as const;
      unit.add('chargingProfile', row);
    }
    if (tbc !== true) unit.add('chargingReportEnd', { request: request.id });
    const ids = profiles.map((profile) => profile.id);
    unit.tell(stationId, 'charging_profile.reported', { evse_id: evseId, limit_source: limitSource, profile_ids: ids });
    return {};
  },
});
