/**
 * A charging profile in one shape for all versions (1.6 section 7.8 csChargingProfiles; 2.x ChargingProfileType). The words
 * are those of 2.x, times are ms since 1970; what only 2.1 has (set-points, discharging, prices) stands in `extra` under
 * its own name, so that nothing is lost.
 */

export const PURPOSES = [
  'ChargingStationExternalConstraints',
  'ChargingStationMaxProfile',
  'TxDefaultProfile',
  'TxProfile',
  'PriorityCharging',
  'LocalGeneration',
] as const;
export type ProfilePurpose = (typeof PURPOSES)[number];
export const KINDS = ['Absolute', 'Recurring', 'Relative', 'Dynamic'] as const;
export type ProfileKind = (typeof KINDS)[number];
export const RECURRENCIES = ['Daily', 'Weekly'] as const;
export type Recurrency = (typeof RECURRENCIES)[number];
export type RateUnit = 'A' | 'W';

type Extra = Readonly<Record<string, unknown>>;

export interface SchedulePeriod {
  /** Seconds after the start of its schedule. */
  readonly startS: number;
  /** In the unit of the schedule; null where 2.1 says something else instead. */
  readonly limit: number | null;
  readonly phases: number | null;
  readonly phaseToUse: number | null;
  readonly extra: Extra;
}

export interface ChargingSchedule {
  /** 2.x; null in 1.6. */
  readonly id: number | null;
  readonly startAt: number | null;
  readonly durationS: number | null;
  readonly unit: RateUnit;
  readonly minRate: number | null;
  readonly periods: readonly SchedulePeriod[];
  readonly extra: Extra;
}

export interface ChargingProfile {
  readonly id: number;
  readonly stackLevel: number;
  readonly purpose: ProfilePurpose;
  readonly kind: ProfileKind;
  readonly recurrency: Recurrency | null;
  readonly validFrom: number | null;
  readonly validTo: number | null;
  /** As the charger names it. */
  readonly transactionId: string | null;
  /** One; up to three for a vehicle that chooses (ISO 15118). */
  readonly schedules: readonly ChargingSchedule[];
  readonly extra: Extra;
}

/** A profile and where it is; EVSE 0 is the whole station. */
export interface PlacedProfile extends ChargingProfile {
  readonly evseId: number;
}

export const CYCLE_MS: Readonly<Record<Recurrency, number>> = { Daily: 86_400_000, Weekly: 604_800_000 };

/** Purposes that speak for the station as a whole. */
export const isStationWide = (purpose: ProfilePurpose): boolean =>
  purpose === 'ChargingStationMaxProfile' ||
  purpose === 'ChargingStationExternalConstraints' ||
  purpose === 'LocalGeneration';
