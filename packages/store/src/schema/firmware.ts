/** Tables of firmware, diagnostics, logs, and customer information. */
export const FIRMWARE_TABLES = [] as const;
