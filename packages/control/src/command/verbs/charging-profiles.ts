/** Limits over time, given and taken away. 1.6 sections 5.16, 5.5; 2.x K01, K10. */
import { z } from '@hono/zod-openapi';
import { type ChargingProfile, type ChargingSchedule, writeProfile } from '@sigec/domain';
import { TimeInput } from '../../wire/common.js';
import { Count, defineVerb, given, unsupported, wanted } from './verb.js';

/** Named as in 2.x; 1.6 calls the station a charge point. */
const PURPOSES_16: Readonly<Record<string, string>> = {
  ChargingStationMaxProfile: 'ChargePointMaxProfile',
  TxDefaultProfile: 'TxDefaultProfile',
  TxProfile: 'TxProfile',
};
const ONLY_21: ReadonlySet<string> = new Set(['PriorityCharging', 'LocalGeneration']);
const Purpose = z.enum([
  ...(['ChargingStationMaxProfile', 'TxDefaultProfile', 'TxProfile', 'PriorityCharging', 'LocalGeneration'] as const),
]);

const Period = z.strictObject({
  /** Seconds after the begin of the schedule. */
  start_s: Count,
  limit: z.number().min(0),
  phases: z.int().min(1).max(3).optional(),
});

const Body = z.strictObject({
  /** 0: the whole device. */
  evse_id: Count.default(0),
  profile_id: z.int().min(1).max(2_147_483_647),
  purpose: Purpose,
  stack_level: Count.default(0),
  kind: z.enum(['Absolute', 'Recurring', 'Relative']).default('Absolute'),
  recurrency: z.enum(['Daily', 'Weekly']).optional(),
  valid_from: TimeInput.optional(),
  valid_to: TimeInput.optional(),
  ocpp_transaction_id: z.string().min(1).max(36).optional(),
  schedule: z.strictObject({
    unit: z.enum(['W', 'A']),
    start: TimeInput.optional(),
    duration_s: Count.optional(),
    min_rate: z.number().min(0).optional(),
    periods: z.array(Period).min(1).max(1024),
  }),
});

const scheduleOf = (schedule: z.infer<typeof Body>['schedule']): ChargingSchedule => ({
  id: null,
  startAt: schedule.start?.getTime() ?? null,
  durationS: schedule.duration_s ?? null,
  unit: schedule.unit,
  minRate: schedule.min_rate ?? null,
  periods: schedule.periods.map(({ start_s: startS, limit, phases = null }) => ({
    ...{ startS, limit, phases, phaseToUse: null },
    extra: {},
  })),
  extra: {},
});

export const setChargingProfile = defineVerb({
  name: 'set-charging-profile',
  summary: 'Give a device or an EVSE a charging profile',
  becomes: 'SetChargingProfile. `PriorityCharging` and `LocalGeneration` in 2.1.',
  body: Body,
  plan(version, _station, body) {
    const { evse_id: evse, profile_id: id, purpose, kind, recurrency, stack_level: stackLevel, schedule } = body;
    const transaction = body.ocpp_transaction_id;
    if ((kind === 'Recurring') !== (recurrency !== undefined))
      throw wanted('recurrency', 'stands beside Recurring, and there only');
    if (version !== 'ocpp2.1' && ONLY_21.has(purpose)) throw unsupported(version, 'purpose');
    const is16 = version === 'ocpp1.6';
    // Transactions of 1.6 have numbers.
    if (is16 && transaction !== undefined && !/^\d{1,9}$/.test(transaction))
      throw wanted('ocpp_transaction_id', 'is a number in 1.6');
    const profile: ChargingProfile = {
      ...{ id, stackLevel, purpose, kind, recurrency: recurrency ?? null },
      validFrom: body.valid_from?.getTime() ?? null,
      validTo: body.valid_to?.getTime() ?? null,
      transactionId: transaction ?? null,
      schedules: [scheduleOf(schedule)],
      extra: {},
    };
    const payload = is16
      ? { connectorId: evse, csChargingProfiles: writeProfile(profile, '1.6') }
      : { evseId: evse, chargingProfile: writeProfile(profile, '2.x') };
    return { action: 'SetChargingProfile', payload };
  },
});

export const clearChargingProfile = defineVerb({
  name: 'clear-charging-profile',
  summary: 'Take charging profiles away',
  becomes: 'ClearChargingProfile: one by its `profile_id`, or all that the other fields name.',
  body: z.strictObject({
    profile_id: z.int().min(1).max(2_147_483_647).optional(),
    evse_id: Count.optional(),
    purpose: Purpose.optional(),
    stack_level: Count.optional(),
  }),
  plan(version, _station, { profile_id: id, evse_id: evseId, purpose, stack_level: stackLevel }) {
    if (version !== 'ocpp2.1' && purpose !== undefined && ONLY_21.has(purpose)) throw unsupported(version, 'purpose');
    const action = 'ClearChargingProfile';
    if (version === 'ocpp1.6') {
      const chargingProfilePurpose = purpose === undefined ? undefined : PURPOSES_16[purpose];
      return { action, payload: given({ id, connectorId: evseId, chargingProfilePurpose, stackLevel }) };
    }
    const criteria = given({ evseId, chargingProfilePurpose: purpose, stackLevel });
    const chargingProfileCriteria = Object.keys(criteria).length === 0 ? undefined : criteria;
    return { action, payload: given({ chargingProfileId: id, chargingProfileCriteria }) };
  },
});
