/** Reads and writes of people: tokens and their groups, local lists, reservations. */
export const AUTHORISATION_QUERIES = [] as const;
