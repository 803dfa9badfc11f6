/** Reads and writes of people: firmware, diagnostics, logs, and customer information. */
export const FIRMWARE_QUERIES = [] as const;
