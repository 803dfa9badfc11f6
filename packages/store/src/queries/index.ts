/** Reads and writes of people's tempo. */

export * from './accounts.js';
export * from './authorisation.js';
export * from './charging.js';
export * from './commands.js';
export * from './device-model.js';
export * from './energy.js';
export * from './firmware.js';
export * from './id-tokens.js';
export * from './idempotency.js';
export * from './messages.js';
export * from './meter-values.js';
export * from './nearby.js';
export * from './requests.js';
export type { Actor, Page, UserRole } from './scope.js';
export * from './security.js';
export {
  beginRotation,
  dropRotation,
  type PendingSecret,
  stopFlapping,
  unwantSecurityProfile,
  wantSecurityProfile,
} from './station-access.js';
export { getStationDetails, type StationDetail, type StationKey } from './station-details.js';
export {
  type ConnectorField,
  type StationDocument,
  type StationField,
  type StationShape,
  stationDocuments,
} from './station-documents.js';
export * from './station-words.js';
export {
  activeTransactionIds,
  type ConnectorRow,
  createStation,
  createStations,
  getStation,
  type ImportedStation,
  listStations,
  type NewStation,
  type StationFilter,
  type StationPatch,
  type StationRow,
  type StationSecret,
  type StationView,
  setStationSecret,
  updateStation,
} from './stations.js';
export * from './transactions.js';
export * from './users.js';
