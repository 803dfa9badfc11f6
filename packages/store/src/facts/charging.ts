/** Rows and look-ups of smart charging: profiles, limits, needs and schedules of vehicles. */

export const CHARGING_FACTS = {};
export const CHARGING_LOOKUPS = {};
