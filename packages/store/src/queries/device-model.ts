/** Reads and writes of people: the device model: components, variables, monitors, events, and the provisioning of a station. */
export const DEVICE_MODEL_QUERIES = [] as const;
