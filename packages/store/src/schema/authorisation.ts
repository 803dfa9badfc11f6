/** Tables of tokens and their groups, local lists, reservations. */
export const AUTHORISATION_TABLES = [] as const;
