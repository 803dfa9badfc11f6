/** Rows and look-ups of firmware, diagnostics, logs, and customer information. */

export const FIRMWARE_FACTS = {};
export const FIRMWARE_LOOKUPS = {};
