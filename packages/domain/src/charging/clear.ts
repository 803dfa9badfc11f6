/** Which profiles a ClearChargingProfile or GetChargingProfiles means (1.6 section 5.4, 2.x K09 and K10). */
import type { PlacedProfile, ProfilePurpose } from './profile.js';

export interface ProfileCriteria {
  readonly ids: readonly number[] | null;
  readonly evseId: number | null;
  readonly purpose: ProfilePurpose | null;
  readonly stackLevel: number | null;
}

/** Criteria that are absent mean all; those that are there must all hold. */
export function meets(
  profile: Pick<PlacedProfile, 'id' | 'evseId' | 'purpose' | 'stackLevel'>,
  c: ProfileCriteria,
): boolean {
  return (
    (c.ids === null || c.ids.includes(profile.id)) &&
    (c.evseId === null || profile.evseId === c.evseId) &&
    (c.purpose === null || profile.purpose === c.purpose) &&
    (c.stackLevel === null || profile.stackLevel === c.stackLevel)
  );
}
