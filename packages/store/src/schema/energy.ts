/** Tables of grid control (DER), battery swap, display messages, tariffs and payments. */
export const ENERGY_TABLES = [] as const;
