/** What a vehicle asks for (2.x K15 to K17), what can honestly be said to it, and the profile that follows. */
import type { ChargingProfile } from './profile.js';

export interface VehicleNeeds {
  readonly transfer: string;
  readonly hasAc: boolean;
  readonly hasDc: boolean;
  /** Highest power that the vehicle takes, W; null where it does not say. */
  readonly maxPowerW: number | null;
  readonly departureAt: number | null;
}

export type NeedsAnswer =
  | { readonly status: 'Accepted' | 'Processing' }
  | { readonly status: 'Rejected'; readonly reason: string; readonly info: string };

/**
 * Accepted: a schedule follows at once, for the transaction that runs. Processing: it follows when one runs. Rejected: none
 * will, and why.
 */
export function answerNeeds(
  needs: VehicleNeeds,
  options: { readonly running: boolean; readonly allowed: readonly string[] | null },
): NeedsAnswer {
  const { transfer } = needs;
  if (options.allowed !== null && !options.allowed.includes(transfer))
    return { status: 'Rejected', reason: 'NotAllowed', info: 'this energy transfer was not allowed' };
  const dc = transfer.startsWith('DC');
  // V2X parameters may stand in place of either.
  if (transfer.startsWith('AC') && needs.hasDc && !needs.hasAc)
    return { status: 'Rejected', reason: 'InvalidValue', info: 'AC is asked for with parameters of DC' };
  if (dc && needs.hasAc && !needs.hasDc)
    return { status: 'Rejected', reason: 'InvalidValue', info: 'DC is asked for with parameters of AC' };
  return { status: options.running ? 'Accepted' : 'Processing' };
}

const DAY_S = 86_400;

/** The TxProfile for a vehicle: as much as vehicle and EVSE can, until it leaves. */
export function profileForNeeds(
  needs: Pick<VehicleNeeds, 'maxPowerW' | 'departureAt'>,
  given: {
    readonly profileId: number;
    readonly transactionId: string;
    readonly maxPowerW: number | null;
    readonly now: number;
  },
): ChargingProfile | null {
  const limits = [needs.maxPowerW, given.maxPowerW].filter((watts): watts is number => watts !== null && watts > 0);
  if (limits.length === 0) return null;
  const left = needs.departureAt === null ? DAY_S : Math.floor((needs.departureAt - given.now) / 1000);
  return {
    id: given.profileId,
    stackLevel: 0,
    purpose: 'TxProfile',
    kind: 'Absolute',
    recurrency: null,
    validFrom: null,
    validTo: null,
    transactionId: given.transactionId,
    schedules: [
      {
        id: 1,
        startAt: given.now,
        durationS: left > 0 ? Math.min(left, 7 * DAY_S) : DAY_S,
        unit: 'W',
        minRate: null,
        periods: [{ startS: 0, limit: Math.floor(Math.min(...limits)), phases: null, phaseToUse: null, extra: {} }],
        extra: {},
      },
    ],
    extra: {},
  };
}
