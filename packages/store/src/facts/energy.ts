/** Rows and look-ups of grid control (DER), battery swap, display messages, tariffs and payments. */

export const ENERGY_FACTS = {};
export const ENERGY_LOOKUPS = {};
