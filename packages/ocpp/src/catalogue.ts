/** Which actions each version has, who sends them, and whether they are answered. Data, checked against the schemas. */
import type { ActionOf, OcppVersion } from './version.js';

/** Who may send the request. */
export type Direction = 'toCsms' | 'toStation' | 'both';

/** One action of one version. `action` is the name on the wire, without Request or Response. */
export interface ActionRow<A extends string = string> {
  readonly action: A;
  readonly direction: Direction;
  /** `send` is the unanswered message of 2.1 (part 4, section 4.2.5). */
  readonly kind: 'call' | 'send';
  readonly hasResponse: boolean;
}

type Names<V extends OcppVersion> = readonly ActionOf<V>[];

/** OCPP 1.6 edition 2 sections 4 and 5, and the security white paper (edition 3) for the eleven messages it adds. */
const TO_CSMS_16: Names<'ocpp1.6'> = [
  'Authorize',
  'BootNotification',
  'DiagnosticsStatusNotification',
  'FirmwareStatusNotification',
  'Heartbeat',
  'LogStatusNotification',
  'MeterValues',
  'SecurityEventNotification',
  'SignCertificate',
  'SignedFirmwareStatusNotification',
  'StartTransaction',
  'StatusNotification',
  'StopTransaction',
];

const TO_STATION_16: Names<'ocpp1.6'> = [
  'CancelReservation',
  'CertificateSigned',
  'ChangeAvailability',
  'ChangeConfiguration',
  'ClearCache',
  'ClearChargingProfile',
  'DeleteCertificate',
  'ExtendedTriggerMessage',
  'GetCompositeSchedule',
  'GetConfiguration',
  'GetDiagnostics',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'InstallCertificate',
  'RemoteStartTransaction',
  'RemoteStopTransaction',
  'ReserveNow',
  'Reset',
  'SendLocalList',
  'SetChargingProfile',
  'SignedUpdateFirmware',
  'TriggerMessage',
  'UnlockConnector',
  'UpdateFirmware',
];

/** OCPP 2.0.1 part 2, the messages of each use case. */
const TO_CSMS_201: Names<'ocpp2.0.1'> = [
  'Authorize',
  'BootNotification',
  'ClearedChargingLimit',
  'FirmwareStatusNotification',
  'Get15118EVCertificate',
  'GetCertificateStatus',
  'Heartbeat',
  'LogStatusNotification',
  'MeterValues',
  'NotifyChargingLimit',
  'NotifyCustomerInformation',
  'NotifyDisplayMessages',
  'NotifyEVChargingNeeds',
  'NotifyEVChargingSchedule',
  'NotifyEvent',
  'NotifyMonitoringReport',
  'NotifyReport',
  'PublishFirmwareStatusNotification',
  'ReportChargingProfiles',
  'ReservationStatusUpdate',
  'SecurityEventNotification',
  'SignCertificate',
  'StatusNotification',
  'TransactionEvent',
];

const TO_STATION_201: Names<'ocpp2.0.1'> = [
  'CancelReservation',
  'CertificateSigned',
  'ChangeAvailability',
  'ClearCache',
  'ClearChargingProfile',
  'ClearDisplayMessage',
  'ClearVariableMonitoring',
  'CostUpdated',
  'CustomerInformation',
  'DeleteCertificate',
  'GetBaseReport',
  'GetChargingProfiles',
  'GetCompositeSchedule',
  'GetDisplayMessages',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'GetMonitoringReport',
  'GetReport',
  'GetTransactionStatus',
  'GetVariables',
  'InstallCertificate',
  'PublishFirmware',
  'RequestStartTransaction',
  'RequestStopTransaction',
  'ReserveNow',
  'Reset',
  'SendLocalList',
  'SetChargingProfile',
  'SetDisplayMessage',
  'SetMonitoringBase',
  'SetMonitoringLevel',
  'SetNetworkProfile',
  'SetVariableMonitoring',
  'SetVariables',
  'TriggerMessage',
  'UnlockConnector',
  'UnpublishFirmware',
  'UpdateFirmware',
];

/** OCPP 2.1 part 2: what 2.0.1 has, and these. */
const TO_CSMS_21: Names<'ocpp2.1'> = [
  ...TO_CSMS_201,
  'BatterySwap',
  'ClosePeriodicEventStream',
  'GetCertificateChainStatus',
  'NotifyDERAlarm',
  'NotifyDERStartStop',
  'NotifyPriorityCharging',
  'NotifySettlement',
  'OpenPeriodicEventStream',
  'PullDynamicScheduleUpdate',
  'ReportDERControl',
  'VatNumberValidation',
];

const TO_STATION_21: Names<'ocpp2.1'> = [
  ...TO_STATION_201,
  'AFRRSignal',
  'AdjustPeriodicEventStream',
  'ChangeTransactionTariff',
  'ClearDERControl',
  'ClearTariffs',
  'GetDERControl',
  'GetPeriodicEventStream',
  'GetTariffs',
  'NotifyAllowedEnergyTransfer',
  'NotifyWebPaymentStarted',
  'RequestBatterySwap',
  'SetDERControl',
  'SetDefaultTariff',
  'UpdateDynamicSchedule',
  'UsePriorityCharging',
];

function rows<A extends string>(
  toCsms: readonly A[],
  toStation: readonly A[],
  both: readonly A[],
  sends: readonly A[],
): readonly ActionRow<A>[] {
  const calls = (actions: readonly A[], direction: Direction): ActionRow<A>[] =>
    actions.map((action) => ({ action, direction, kind: 'call', hasResponse: true }));
  const sent = sends.map((action): ActionRow<A> => ({ action, direction: 'toCsms', kind: 'send', hasResponse: false }));
  const all = [...calls(toCsms, 'toCsms'), ...calls(toStation, 'toStation'), ...calls(both, 'both'), ...sent];
  return all.sort((a, b) => (a.action < b.action ? -1 : 1));
}

const CATALOGUE: { readonly [V in OcppVersion]: readonly ActionRow<ActionOf<V>>[] } = {
  'ocpp1.6': rows(TO_CSMS_16, TO_STATION_16, ['DataTransfer'], []),
  'ocpp2.0.1': rows(TO_CSMS_201, TO_STATION_201, ['DataTransfer'], []),
  'ocpp2.1': rows(TO_CSMS_21, TO_STATION_21, ['DataTransfer'], ['NotifyPeriodicEventStream']),
};

const byName = (version: OcppVersion): ReadonlyMap<string, ActionRow> =>
  new Map(CATALOGUE[version].map((row) => [row.action, row]));

const INDEX: Readonly<Record<OcppVersion, ReadonlyMap<string, ActionRow>>> = {
  'ocpp1.6': byName('ocpp1.6'),
  'ocpp2.0.1': byName('ocpp2.0.1'),
  'ocpp2.1': byName('ocpp2.1'),
};

/** All actions of a version, sorted by name. */
export function catalogueOf<V extends OcppVersion>(version: V): readonly ActionRow<ActionOf<V>>[] {
  // The table is mapped by version; TypeScript widens an index by a type parameter to the union of its rows.
  return CATALOGUE[version] as readonly ActionRow<ActionOf<V>>[];
}

/** The row of an action, or undefined where the version has no such action (letter case counts). */
export function findAction(version: OcppVersion, action: string): ActionRow | undefined {
  return INDEX[version].get(action);
}
