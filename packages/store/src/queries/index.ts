/** Reads and writes of people's tempo. */

export * from './accounts.js';
export * from './alarms.js';
export * from './authorisation.js';
export * from './charging.js';
export * from './commands.js';
export * from './connectors.js';
export * from './device-model.js';
export * from './drivers.js';
export * from './energy.js';
export * from './firmware.js';
export * from './groups.js';
export {
  createIdToken,
  ensureIdToken,
  ensureUserToken,
  findIdToken,
  type IdTokenPatch,
  type IdTokenRow,
  isTokenOwner,
  listIdTokens,
  type NewIdToken,
  updateIdToken,
} from './id-tokens.js';
export * from './idempotency.js';
export * from './live.js';
export { listMessages, type MessageFilter, type MessageKey, type MessageRow } from './messages.js';
export * from './meter-values.js';
export { isShownToDrivers, type NearbyOptions, type NearbyStation, nearbyStations } from './nearby.js';
export * from './requests.js';
export type { Actor, Page, Reach, UserRole } from './scope.js';
export * from './security.js';
export {
  createSite,
  deleteSite,
  getSite,
  getSites,
  listSites,
  type NewSite,
  type SiteFilter,
  type SitePatch,
  type SiteRow,
  type SiteView,
  updateSite,
} from './sites.js';
export {
  beginRotation,
  dropRotation,
  type PendingSecret,
  setStationSecret,
  stopFlapping,
  unwantSecurityProfile,
  wantSecurityProfile,
} from './station-access.js';
export { updateStation } from './station-change.js';
export { getStationDetails, type StationDetail, type StationKey } from './station-details.js';
export {
  type ConnectorField,
  type StationDocument,
  type StationField,
  type StationShape,
  stationDocuments,
} from './station-documents.js';
export { listStations, type StationFilter } from './station-list.js';
export {
  createStation,
  createStations,
  type NewStation,
  registerStations,
  takenIdentities,
} from './station-register.js';
export { type Removed, removeStation } from './station-removal.js';
export * from './station-words.js';
export {
  activeTransactionIds,
  type ConnectorRow,
  getStation,
  type StationPatch,
  type StationRow,
  type StationSecret,
  type StationView,
} from './stations.js';
export * from './tariff-assignments.js';
export * from './tariffs.js';
export * from './transactions.js';
export * from './users.js';
export * from './webhooks.js';
