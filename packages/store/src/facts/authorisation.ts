/** Rows and look-ups of tokens and their groups, local lists, reservations. */

export const AUTHORISATION_FACTS = {};
export const AUTHORISATION_LOOKUPS = {};
