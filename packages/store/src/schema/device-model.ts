/** Tables of the device model: components, variables, monitors, events, and the provisioning of a station. */
export const DEVICE_MODEL_TABLES = [] as const;
