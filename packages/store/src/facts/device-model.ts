/** Rows and look-ups of the device model: components, variables, monitors, events, and the provisioning of a station. */

export const DEVICE_MODEL_FACTS = {};
export const DEVICE_MODEL_LOOKUPS = {};
