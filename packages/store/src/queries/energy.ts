/** Reads and writes of people: grid control (DER), battery swap, display messages, tariffs and payments. */
export const ENERGY_QUERIES = [] as const;
