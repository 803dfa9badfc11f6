/** PullDynamicScheduleUpdate (2.1 K28): a station asks for the newest values of a dynamic profile. */
import type { ResponseOf } from '@sigec/ocpp';
import { define } from '../../handler.js';
import { requireWhole } from '../../whole.js';

type Response = ResponseOf<'ocpp2.1', 'PullDynamicScheduleUpdate'>;
type Update = NonNullable<Response['scheduleUpdate']>;

export const pullDynamicScheduleUpdate21 = define('ocpp2.1', 'PullDynamicScheduleUpdate', {
  kind: 'durable',
  needs({ stationId, payload: { chargingProfileId } }, needs) {
    needs.look('dynamicSchedule', { stationId, profileId: chargingProfileId });
  },
  handle({ stationId, payload, receivedAt }, unit): Response {
    const { chargingProfileId: profileId } = payload;
    requireWhole('chargingProfileId', profileId);
    const held = unit.found('dynamicSchedule', { stationId, profileId });
    if (held === undefined) return { status: 'Rejected', statusInfo: { reasonCode: 'UnknownProfile' } };
    unit.add('dynamicPull', { stationId, profileId, pulledAt: receivedAt });
    unit.tell(stationId, 'dynamic_schedule.pulled', { profile_id: profileId });
    return { status: 'Accepted', scheduleUpdate: held.update as Update };
  },
});
