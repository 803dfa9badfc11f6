/** Smart charging on the wire: one form for the profiles of all versions, and what goes with them. */
import { z } from '@hono/zod-openapi';
import {
  type ChargingProfile,
  type ChargingSchedule,
  KINDS,
  type ProfileFault,
  PURPOSES,
  RECURRENCIES,
  type SchedulePeriod,
} from '@sigec/domain';
import type { ChargingProfileRow } from '@sigec/store';
import { IdParam, iso, Limit, listOf, Time, TimeInput, Timeout } from './common.js';

const Extra = z.record(z.string(), z.unknown()).openapi({
  description: "What only OCPP 2.1 has (set-points, discharging, prices, ...), by the specification's own names.",
});
const number = (least: number, most: number, name: string) =>
  z
    .string()
    .regex(/^-?\d{1,10}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most))
    .openapi({
      type: 'integer',
      minimum: least,
      maximum: most,
      example: name === 'evse_id' ? 1 : 3600,
    });
const INT32 = 2 ** 31 - 1;
export const EvseId = number(0, INT32, 'evse_id');

export const ProfileParam = IdParam.extend({
  profile_id: z
    .string()
    .regex(/^-?\d{1,10}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(-INT32).max(INT32))
    .openapi({ param: { name: 'profile_id', in: 'path' }, type: 'integer', example: 7 }),
});

const Period = z
  .strictObject({
    start_s: z.int().openapi({ description: 'Seconds after the start of the schedule; the first is 0.' }),
    limit: z.number().nullable().optional().openapi({ description: 'In the unit of the schedule.' }),
    phases: z.int().nullable().optional(),
    phase_to_use: z.int().nullable().optional(),
    extra: Extra.optional(),
  })
  .openapi('ChargingPeriod');

const scheduleOf = <T extends z.ZodType>(time: T) => ({
  id: z.int().nullable().optional(),
  start_at: time.nullable().optional(),
  duration_s: z.int().nullable().optional(),
  unit: z.enum(['A', 'W']),
  min_rate: z.number().nullable().optional(),
  periods: z.array(Period).min(1).max(1024),
  extra: Extra.optional(),
});

const common = {
  evse_id: z.int().min(0).max(INT32).openapi({ description: '0 is the whole device.' }),
  stack_level: z.int(),
  purpose: z.enum(PURPOSES).openapi({ description: "1.6's ChargePointMaxProfile is ChargingStationMaxProfile here." }),
  kind: z.enum(KINDS),
  recurrency: z.enum(RECURRENCIES).nullable().optional(),
};

export const ProfileBody = z
  .strictObject({
    ...common,
    valid_from: TimeInput.nullable().optional(),
    valid_to: TimeInput.nullable().optional(),
    ocpp_transaction_id: z.string().max(36).nullable().optional().openapi({
      description: 'Of a TxProfile; where it is absent, that of the transaction that runs at the EVSE.',
    }),
    schedules: z
      .array(z.strictObject(scheduleOf(TimeInput)).openapi('ChargingScheduleRequest'))
      .min(1)
      .max(3),
    extra: Extra.optional(),
  })
  .openapi('ChargingProfileRequest', {
    example: {
      ...{ evse_id: 0, stack_level: 0, purpose: 'ChargingStationMaxProfile', kind: 'Absolute' },
      schedules: [{ unit: 'W', start_at: '2026-01-31T12:00:00Z', periods: [{ start_s: 0, limit: 11_000 }] }],
    },
  });

export const Schedule = z.object(scheduleOf(Time)).openapi('ChargingSchedule');

export const Profile = z
  .object({
    profile_id: z.int(),
    ...common,
    valid_from: Time.nullable(),
    valid_to: Time.nullable(),
    ocpp_transaction_id: z.string().nullable(),
    schedules: z.array(Schedule),
    extra: Extra,
    source: z.enum(['csms', 'reported']).openapi({ description: 'Set by us, or only told by the device.' }),
    limit_source: z.string().openapi({ example: 'CSO' }),
    state: z.enum(['set', 'uncertain']).openapi({
      description: '`uncertain`: it was sent, and the answer was lost. A report of the device tells.',
    }),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('DeviceChargingProfile');

export const ProfileList = listOf('DeviceChargingProfileList', Profile);

const Answered = {
  result: z.string().openapi({ description: "The device's word.", example: 'Accepted' }),
  message_id: z.string(),
  latency_ms: z.int(),
};
export const ProfileSet = z.object({ profile: Profile, ...Answered }).openapi('ChargingProfileSet');
export const ProfileCleared = z
  .object({ profile_id: z.int(), ...Answered })
  .openapi('ChargingProfileCleared', { description: 'Unknown: the device had none of this id.' });

export const ProfileQuery = z.strictObject({
  evse_id: EvseId.optional(),
  purpose: z.enum(PURPOSES).optional(),
  cursor: z.string().max(512).optional(),
  limit: Limit,
});

const periodOf = (period: SchedulePeriod): z.infer<typeof Period> => ({
  start_s: period.startS,
  limit: period.limit,
  phases: period.phases,
  phase_to_use: period.phaseToUse,
  extra: { ...period.extra },
});

const time = (at: number | null): string | null => (at === null ? null : iso(new Date(at)));

export const toSchedule = (schedule: ChargingSchedule): z.infer<typeof Schedule> => ({
  id: schedule.id,
  start_at: time(schedule.startAt),
  duration_s: schedule.durationS,
  unit: schedule.unit,
  min_rate: schedule.minRate,
  periods: schedule.periods.map(periodOf),
  extra: { ...schedule.extra },
});

export const toProfile = (row: ChargingProfileRow): z.infer<typeof Profile> => ({
  profile_id: row.profileId,
  evse_id: row.evseId,
  stack_level: row.stackLevel,
  purpose: row.purpose,
  kind: row.kind,
  recurrency: row.recurrency,
  valid_from: iso(row.validFrom),
  valid_to: iso(row.validTo),
  ocpp_transaction_id: row.ocppTransactionId,
  schedules: row.schedules.map(toSchedule),
  extra: { ...row.extra },
  source: row.source,
  limit_source: row.limitSource,
  state: row.state,
  created_at: iso(row.createdAt),
  updated_at: iso(row.updatedAt),
});

/** The neutral form as the domain knows it. */
export function readProfileBody(id: number, body: z.infer<typeof ProfileBody>): ChargingProfile {
  return {
    id,
    stackLevel: body.stack_level,
    purpose: body.purpose,
    kind: body.kind,
    recurrency: body.recurrency ?? null,
    validFrom: body.valid_from?.getTime() ?? null,
    validTo: body.valid_to?.getTime() ?? null,
    transactionId: body.ocpp_transaction_id ?? null,
    schedules: body.schedules.map((schedule) => ({
      id: schedule.id ?? null,
      startAt: schedule.start_at?.getTime() ?? null,
      durationS: schedule.duration_s ?? null,
      unit: schedule.unit,
      minRate: schedule.min_rate ?? null,
      periods: schedule.periods.map((period) => ({
        startS: period.start_s,
        limit: period.limit ?? null,
        phases: period.phases ?? null,
        phaseToUse: period.phase_to_use ?? null,
        extra: period.extra ?? {},
      })),
      extra: schedule.extra ?? {},
    })),
    extra: body.extra ?? {},
  };
}

const NAMES: Readonly<Record<string, string>> = {
  id: 'profile_id',
  evseId: 'evse_id',
  stackLevel: 'stack_level',
  validFrom: 'valid_from',
  validTo: 'valid_to',
  transactionId: 'ocpp_transaction_id',
  startAt: 'start_at',
  durationS: 'duration_s',
  minRate: 'min_rate',
  startS: 'start_s',
  phaseToUse: 'phase_to_use',
};

/** A fault by its field of the neutral form. */
export const toFieldError = ({ path, message }: ProfileFault): { field: string; message: string } => ({
  field: path.map((part) => NAMES[String(part)] ?? String(part)).join('.'),
  message,
});

const CompositePeriods = z.array(z.object({ start_s: z.int(), limit: z.number().nullable() }));

export const Composite = z
  .object({
    evse_id: z.int(),
    unit: z.enum(['A', 'W']),
    start_at: Time,
    duration_s: z.int(),
    periods: CompositePeriods.openapi({ description: 'What the device said.' }),
    expected: CompositePeriods.openapi({
      description: 'What follows from the profiles that it holds as far as we know; null where nothing limits.',
    }),
    agrees: z.boolean(),
    answered_at: Time,
    message_id: z.string().nullable().openapi({ description: 'null where the device was not asked.' }),
  })
  .openapi('DeviceCompositeSchedule');

export const CompositeQuery = z.strictObject({
  evse_id: EvseId,
  duration: number(1, 604_800, 'duration').optional().openapi({ description: 'Seconds. Default 86400.' }),
  unit: z.enum(['A', 'W']).optional(),
  ask: z.enum(['true', 'false']).optional().openapi({
    description: '`false`: the last answer of the device, without asking it. Default true.',
  }),
  timeout: Timeout,
});
