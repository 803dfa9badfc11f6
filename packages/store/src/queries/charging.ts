/** Reads and writes of people: smart charging: profiles, limits, needs and schedules of vehicles. */
export const CHARGING_QUERIES = [] as const;
