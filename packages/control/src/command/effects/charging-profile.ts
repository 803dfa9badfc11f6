/** Profiles on their way to a charger: judged before they leave, remembered when taken, forgotten when cleared. */
import {
  type ChargingProfile,
  type Dialect,
  isTwin,
  messagePath,
  type PlacedProfile,
  type ProfileFault,
  profileFaults,
  readProfile,
  readPurpose,
} from '@sigec/domain';
import { chargingContext, forgetProfiles, keepComposite, putDynamicSchedule, rememberProfile } from '@sigec/store';
import { ProblemError } from '../../problem.js';
import { mayHaveArrived, versionOf } from '../dispatch.js';
import type { CommandContext, Effect, Payload, Surround } from '../effect.js';

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
const whole = (value: unknown): number | null => (Number.isInteger(value) ? (value as number) : null);

const INT32 = 2 ** 31;
const storable = (value: number): boolean => value >= -INT32 && value < INT32;

interface Carried {
  /** Undefined where the command leaves it open. */
  readonly evseId: number | undefined;
  readonly profile: ChargingProfile;
  /** Where it stands in the payload. */
  readonly at: string;
  /** The field that names the EVSE. */
  readonly evseField: string;
  readonly withStart: boolean;
}

/** The profile that a command carries, in whichever version; the payload has passed its schema. */
function carried(action: string, payload: Payload): Carried | undefined {
  const of = (at: string, evseField: string, withStart: boolean): Carried | undefined => {
    const raw = object(payload[at]);
    if (raw === undefined) return undefined;
    return { evseId: whole(payload[evseField]) ?? undefined, profile: readProfile(raw), at, evseField, withStart };
  };
  switch (action) {
    case 'SetChargingProfile':
      return of('csChargingProfiles', 'connectorId', false) ?? of('chargingProfile', 'evseId', false);
    case 'RemoteStartTransaction':
      return of('chargingProfile', 'connectorId', true);
    default:
      return of('chargingProfile', 'evseId', true);
  }
}

/** What is kept of 2.1's dynamic values, from the one period that such a profile has. */
function dynamicValues(profile: ChargingProfile): Json | undefined {
  const period = profile.kind === 'Dynamic' ? profile.schedules[0]?.periods[0] : undefined;
  if (period === undefined) return undefined;
  const numbers = Object.entries(period.extra).filter(([, value]) => typeof value === 'number');
  const named = Object.fromEntries(numbers.filter(([name]) => /^(?:limit|dischargeLimit|setpoint)/.test(name)));
  return period.limit === null ? named : { limit: period.limit, ...named };
}

/** What is wrong with a profile for a place of a station, and what was known when it was judged. */
export async function judgeProfile(
  { services, actor, station }: Pick<CommandContext, 'services' | 'actor' | 'station'>,
  profile: ChargingProfile,
  evseId: number,
  withStart: boolean,
) {
  const version = versionOf(station);
  const context = await chargingContext(services.db, actor, station.id, evseId);
  if (context === undefined) throw new ProblemError('not-found');
  const running = context.running.filter((transaction) => transaction.evseId === evseId);
  const faults: ProfileFault[] = profileFaults(profile, {
    version,
    evseId,
    evseIds: context.evseIds,
    running: running.map(({ ocppId }) => ocppId),
    ability: context.ability,
    held: context.held,
    withStart,
  });
  if (!storable(profile.id)) faults.push({ path: ['id'], message: 'is too large' });
  return { context, running, faults };
}

/**
 * Judges the profile that a command carries.
 * @throws {ProblemError} `validation` that names each field of the payload
 */
async function begin(
  { services, actor, station, action }: CommandContext,
  payload: Payload,
): Promise<Surround | undefined> {
  const sent = carried(action, payload);
  if (sent === undefined) return undefined;
  const { profile, withStart, at, evseField } = sent;
  const version = versionOf(station);
  const dialect: Dialect = version === 'ocpp1.6' ? '1.6' : '2.x';
  const evseId = sent.evseId ?? 0;
  const judged = await judgeProfile({ services, actor, station }, profile, evseId, withStart);
  const { context, running } = judged;
  const errors = judged.faults.map(({ path, message }) => ({
    field: path[0] === 'evseId' ? evseField : `${at}.${messagePath(path, dialect)}`,
    message,
  }));
  if (errors.length > 0) throw new ProblemError('validation', { errors, extra: { ocpp_version: version } });

  // 1.6 may leave the transaction out where the connector says enough.
  const own = profile.purpose === 'TxProfile' && !withStart ? (running.at(-1)?.ocppId ?? null) : null;
  const keep = (state: 'set' | 'uncertain', transactionId: string | null) => {
    const placed: PlacedProfile = { ...profile, evseId, transactionId: profile.transactionId ?? transactionId };
    const replaced = state === 'set' ? context.held.filter((other) => isTwin(placed, evseId, other)) : [];
    const ids = replaced.map((other) => other.id);
    return rememberProfile(services.db, actor, station.id, placed, state, ids);
  };
  return {
    async answered({ response }) {
      if (response.status !== 'Accepted') return undefined;
      const named = typeof response.transactionId === 'string' ? response.transactionId : null;
      await keep('set', own ?? named);
      const values = dynamicValues(profile);
      if (values !== undefined)
        await putDynamicSchedule(services.db, actor, station.id, profile.id, values, 'Accepted');
      return undefined;
    },
    async failed(error) {
      if (mayHaveArrived(error) && !withStart) await keep('uncertain', own);
    },
  };
}

export const profileSent: Effect = { begin };

/** ClearChargingProfile (1.6 section 5.4, 2.x K10): whether it cleared them or had none, they are not there any more. */
export const profileCleared: Effect = {
  async begin({ services, actor, station }, payload) {
    const criteria = object(payload.chargingProfileCriteria) ?? payload;
    const purpose = criteria.chargingProfilePurpose;
    const id = whole(payload.id) ?? whole(payload.chargingProfileId);
    // 2.x K10.FR.02: where an id is named the criteria do not count. In 1.6 all that is named must hold.
    const byId = id !== null && payload.chargingProfileId !== undefined;
    const limited = byId ? {} : criteria;
    return {
      async answered({ response }) {
        if (response.status !== 'Accepted' && response.status !== 'Unknown') return undefined;
        const cleared = await forgetProfiles(services.db, actor, station.id, {
          ids: id === null ? null : [id],
          evseId: whole(limited.evseId) ?? whole(limited.connectorId),
          purpose: byId || typeof purpose !== 'string' ? null : readPurpose(purpose),
          stackLevel: whole(limited.stackLevel),
          limitSources: null,
          before: null,
          external: false,
        });
        return { cleared_profile_ids: cleared };
      },
    };
  },
};

/** GetChargingProfiles (2.x K09): a station that has none of those that were asked for. */
export const profilesAsked: Effect = {
  async begin({ services, actor, station }, payload) {
    const asked = object(payload.chargingProfile) ?? {};
    const purpose = asked.chargingProfilePurpose;
    const before = services.clock.now();
    return {
      async answered({ response }) {
        if (response.status !== 'NoProfiles') return undefined;
        const { chargingProfileId: ids, chargingLimitSource: sources } = asked;
        await forgetProfiles(services.db, actor, station.id, {
          ids: Array.isArray(ids) ? ids.filter((id): id is number => whole(id) !== null) : null,
          evseId: whole(payload.evseId),
          purpose: typeof purpose === 'string' ? readPurpose(purpose) : null,
          stackLevel: whole(asked.stackLevel),
          limitSources: Array.isArray(sources) ? sources.map(String) : null,
          before,
          external: true,
        });
        return undefined;
      },
    };
  },
};

/** What a charger answered to GetCompositeSchedule, in the neutral shape; undefined where it gave none. */
export function readComposite(
  response: Json,
):
  | { startsAt: number; durationS: number; unit: 'A' | 'W'; periods: { startS: number; limit: number | null }[] }
  | undefined {
  const schedule = object(response.schedule) ?? object(response.chargingSchedule);
  if (schedule === undefined) return undefined;
  // 1.6 has the start beside the schedule, 2.x in it.
  const startsAt = Date.parse(String(schedule.scheduleStart ?? response.scheduleStart ?? schedule.startSchedule));
  const periods = Array.isArray(schedule.chargingSchedulePeriod) ? schedule.chargingSchedulePeriod : [];
  if (!(startsAt >= 0 && startsAt < 253_402_300_800_000)) return undefined;
  return {
    startsAt,
    durationS: Math.min(Math.max(whole(schedule.duration) ?? 0, 0), INT32 - 1),
    unit: schedule.chargingRateUnit === 'A' ? 'A' : 'W',
    periods: periods.slice(0, 1024).flatMap((period) => {
      const { startPeriod, limit } = object(period) ?? {};
      const startS = whole(startPeriod);
      return startS === null ? [] : [{ startS, limit: typeof limit === 'number' ? limit : null }];
    }),
  };
}

/** GetCompositeSchedule (1.6 section 5.7, 2.x K08): the last answer of each EVSE is kept. */
export const compositeAsked: Effect = {
  async begin({ services, actor, station }, payload) {
    const evseId = whole(payload.evseId) ?? whole(payload.connectorId) ?? 0;
    return {
      async answered({ response }) {
        const told = response.status === 'Accepted' ? readComposite(response) : undefined;
        if (told === undefined || !storable(evseId)) return undefined;
        const made = { ...told, stationId: station.id, evseId, startsAt: new Date(told.startsAt) };
        await keepComposite(services.db, actor, made);
        return undefined;
      },
    };
  },
};
