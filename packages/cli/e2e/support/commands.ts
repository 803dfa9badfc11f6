/**
 * A payload for every command of every version: what an operator could send to any charger. The types make the tables
 * whole: an action of the schemas that has no row here does not compile.
 */
import type { ActionOf, OcppVersion, RequestOf } from '@sigec/ocpp';

/** What only stations send. */
type FromStation =
  | 'Authorize'
  | 'BatterySwap'
  | 'BootNotification'
  | 'ClearedChargingLimit'
  | 'ClosePeriodicEventStream'
  | 'DiagnosticsStatusNotification'
  | 'FirmwareStatusNotification'
  | 'Get15118EVCertificate'
  | 'GetCertificateChainStatus'
  | 'GetCertificateStatus'
  | 'Heartbeat'
  | 'LogStatusNotification'
  | 'MeterValues'
  | 'NotifyChargingLimit'
  | 'NotifyCustomerInformation'
  | 'NotifyDERAlarm'
  | 'NotifyDERStartStop'
  | 'NotifyDisplayMessages'
  | 'NotifyEVChargingNeeds'
  | 'NotifyEVChargingSchedule'
  | 'NotifyEvent'
  | 'NotifyMonitoringReport'
  | 'NotifyPeriodicEventStream'
  | 'NotifyPriorityCharging'
  | 'NotifyReport'
  | 'NotifySettlement'
  | 'OpenPeriodicEventStream'
  | 'PublishFirmwareStatusNotification'
  | 'PullDynamicScheduleUpdate'
  | 'ReportChargingProfiles'
  | 'ReportDERControl'
  | 'ReservationStatusUpdate'
  | 'SecurityEventNotification'
  | 'SignCertificate'
  | 'SignedFirmwareStatusNotification'
  | 'StartTransaction'
  | 'StatusNotification'
  | 'StopTransaction'
  | 'TransactionEvent'
  | 'VatNumberValidation';

type Commands<V extends OcppVersion> = {
  readonly [A in Exclude<ActionOf<V>, FromStation>]: A extends ActionOf<V> ? Partial<RequestOf<V, A>> : never;
};

const SOON = new Date(Date.now() + 3_600_000).toISOString();
const TOKEN = { idToken: 'CARD-1', type: 'ISO14443' } as const;
/** Nobody listens on it: whatever is fetched from there is not there. */
const NOWHERE = 'http://127.0.0.1:9/file.bin';
const HASHES = {
  hashAlgorithm: 'SHA256',
  issuerNameHash: 'a'.repeat(64),
  issuerKeyHash: 'b'.repeat(64),
  serialNumber: '01',
} as const;
const HEARTBEAT = { component: { name: 'OCPPCommCtrlr' }, variable: { name: 'HeartbeatInterval' } };

/** @param pem a certificate of an authority */
export function commandsOf16(pem: string): Commands<'ocpp1.6'> {
  const schedule = { chargingRateUnit: 'W' as const, chargingSchedulePeriod: [{ startPeriod: 0, limit: 7000 }] };
  const firmware = { location: NOWHERE, retrieveDateTime: SOON, signingCertificate: pem, signature: 'c2lnbmVk' };
  return {
    CancelReservation: { reservationId: 4711 },
    CertificateSigned: { certificateChain: pem },
    ChangeAvailability: { connectorId: 0, type: 'Operative' },
    ChangeConfiguration: { key: 'HeartbeatInterval', value: '600' },
    ClearCache: {},
    ClearChargingProfile: { id: 4711 },
    DataTransfer: { vendorId: 'org.example' },
    DeleteCertificate: { certificateHashData: HASHES },
    ExtendedTriggerMessage: { requestedMessage: 'Heartbeat' },
    GetCompositeSchedule: { connectorId: 1, duration: 600 },
    GetConfiguration: {},
    GetDiagnostics: { location: NOWHERE },
    GetInstalledCertificateIds: { certificateType: 'CentralSystemRootCertificate' },
    GetLocalListVersion: {},
    GetLog: { logType: 'DiagnosticsLog', log: { remoteLocation: NOWHERE } },
    InstallCertificate: { certificateType: 'CentralSystemRootCertificate', certificate: pem },
    RemoteStartTransaction: { connectorId: 2, idTag: 'CARD-1' },
    RemoteStopTransaction: { transactionId: 4711 },
    ReserveNow: { connectorId: 1, expiryDate: SOON, idTag: 'CARD-1' },
    SendLocalList: {
      listVersion: 1,
      updateType: 'Full',
      localAuthorizationList: [{ idTag: 'CARD-1', idTagInfo: { status: 'Accepted' } }],
    },
    SetChargingProfile: {
      connectorId: 1,
      csChargingProfiles: {
        chargingProfileId: 1,
        stackLevel: 0,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: { ...schedule, startSchedule: SOON },
      },
    },
    SignedUpdateFirmware: { firmware },
    TriggerMessage: { requestedMessage: 'Heartbeat' },
    UnlockConnector: { connectorId: 1 },
    UpdateFirmware: { location: NOWHERE, retrieveDate: SOON },
    Reset: { type: 'Soft' },
  };
}

/** What 2.0.1 has, and 2.1 too. @param pem a certificate of an authority */
export function commandsOf201(pem: string): Commands<'ocpp2.0.1'> {
  return {
    CancelReservation: { reservationId: 4711 },
    CertificateSigned: { certificateChain: pem },
    ChangeAvailability: { operationalStatus: 'Operative' },
    ClearCache: {},
    ClearChargingProfile: { chargingProfileId: 4711 },
    ClearDisplayMessage: { id: 4711 },
    ClearVariableMonitoring: { id: [4711] },
    CostUpdated: { totalCost: 1.5, transactionId: 'nobody' },
    CustomerInformation: { report: true, clear: false, customerIdentifier: 'somebody' },
    DataTransfer: { vendorId: 'org.example' },
    DeleteCertificate: { certificateHashData: HASHES },
    GetBaseReport: { reportBase: 'SummaryInventory' },
    GetChargingProfiles: { chargingProfile: { chargingProfilePurpose: 'TxDefaultProfile' } },
    GetCompositeSchedule: { duration: 600, evseId: 1 },
    GetDisplayMessages: {},
    GetInstalledCertificateIds: {},
    GetLocalListVersion: {},
    GetLog: { logType: 'DiagnosticsLog', log: { remoteLocation: NOWHERE } },
    GetMonitoringReport: {},
    GetReport: { componentVariable: [HEARTBEAT] },
    GetTransactionStatus: {},
    GetVariables: { getVariableData: [HEARTBEAT] },
    InstallCertificate: { certificateType: 'CSMSRootCertificate', certificate: pem },
    PublishFirmware: { location: NOWHERE, checksum: 'd'.repeat(32) },
    RequestStartTransaction: { remoteStartId: 1, idToken: TOKEN, evseId: 2 },
    RequestStopTransaction: { transactionId: 'nobody' },
    ReserveNow: { expiryDateTime: SOON, idToken: TOKEN, evseId: 1 },
    SendLocalList: {
      versionNumber: 1,
      updateType: 'Full',
      localAuthorizationList: [{ idToken: TOKEN, idTokenInfo: { status: 'Accepted' } }],
    },
    SetChargingProfile: {
      evseId: 1,
      chargingProfile: {
        id: 1,
        stackLevel: 0,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: [
          {
            id: 1,
            startSchedule: SOON,
            chargingRateUnit: 'W',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 7000 }],
          },
        ],
      },
    },
    SetDisplayMessage: {
      message: { id: 1, priority: 'NormalCycle', message: { format: 'UTF8', content: 'Olá' } },
    },
    SetMonitoringBase: { monitoringBase: 'All' },
    SetMonitoringLevel: { severity: 5 },
    SetVariableMonitoring: {
      setMonitoringData: [{ ...HEARTBEAT, value: 900, type: 'UpperThreshold', severity: 5 }],
    },
    SetVariables: { setVariableData: [{ ...HEARTBEAT, attributeValue: '600' }] },
    TriggerMessage: { requestedMessage: 'Heartbeat' },
    UnlockConnector: { evseId: 1, connectorId: 1 },
    UnpublishFirmware: { checksum: 'd'.repeat(32) },
    UpdateFirmware: { firmware: { location: NOWHERE, retrieveDateTime: SOON } },
    SetNetworkProfile: {
      configurationSlot: 2,
      connectionData: {
        ocppVersion: 'OCPP20',
        ocppTransport: 'JSON',
        ocppCsmsUrl: 'ws://127.0.0.1:9/ocpp',
        messageTimeout: 30,
        securityProfile: 1,
        ocppInterface: 'Wired0',
      },
    },
    Reset: { type: 'OnIdle' },
  };
}

export function commandsOf21(pem: string): Commands<'ocpp2.1'> {
  const tariff = { tariffId: 'T1', currency: 'BRL', energy: { prices: [{ priceKwh: 0.75 }] } };
  const { Reset, ...common } = commandsOf201(pem);
  return {
    ...common,
    AFRRSignal: { timestamp: SOON, signal: 1 },
    AdjustPeriodicEventStream: { id: 4711, params: { interval: 60 } },
    ChangeTransactionTariff: { transactionId: 'nobody', tariff },
    ClearDERControl: { isDefault: false },
    ClearTariffs: {},
    GetDERControl: {},
    GetPeriodicEventStream: {},
    GetTariffs: { evseId: 0 },
    NotifyAllowedEnergyTransfer: { transactionId: 'nobody', allowedEnergyTransfer: ['AC_single_phase'] },
    NotifyWebPaymentStarted: { evseId: 1, timeout: 60 },
    RequestBatterySwap: { idToken: TOKEN },
    SetDERControl: {
      isDefault: false,
      controlId: 'C1',
      controlType: 'LimitMaxDischarge',
      limitMaxDischarge: { priority: 1, pctMaxDischargePower: 50, startTime: SOON, duration: 600 },
    },
    SetDefaultTariff: { evseId: 0, tariff },
    UpdateDynamicSchedule: { chargingProfileId: 4711, scheduleUpdate: { limit: 5000 } },
    UsePriorityCharging: { transactionId: 'nobody', activate: true },
    Reset,
  };
}
