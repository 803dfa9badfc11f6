/** Tables of smart charging: profiles, limits, needs and schedules of vehicles. */
export const CHARGING_TABLES = [] as const;
