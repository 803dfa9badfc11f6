/** The room of the device model of a 2.x station (part 2 appendices): the variables that steer it, and some that tell. */
import { addModules } from './extras.js';
import type { Resolved } from './options.js';
import { PROFILE_LIMITS } from './profiles.js';
import { type Setting, setting } from './settings.js';
import type { SettingNames } from './station.js';
import { MAX_LIST } from './tokens.js';

const { int, bool, text, list } = setting;
const MEASURANDS = ['Energy.Active.Import.Register', 'Power.Active.Import', 'SoC'];

export const NAMES_2X: SettingNames = {
  heartbeat: 'OCPPCommCtrlr.HeartbeatInterval',
  ping: 'OCPPCommCtrlr.WebSocketPingInterval',
  attempts: 'OCPPCommCtrlr.MessageAttempts#TransactionEvent',
  retryInterval: 'OCPPCommCtrlr.MessageAttemptInterval#TransactionEvent',
  password: 'SecurityCtrlr.BasicAuthPassword',
  offlineThreshold: 'OCPPCommCtrlr.OfflineThreshold',
  localOffline: 'AuthCtrlr.LocalAuthorizeOffline',
  offlineUnknown: 'AuthCtrlr.OfflineTxForUnknownIdEnabled',
};

export const ITEMS_PER_MESSAGE = 20;

export function settings2x(o: Resolved): Record<string, Setting> {
  const table: Record<string, Setting> = {
    'AuthCacheCtrlr.Enabled': bool(true),
    'AuthCtrlr.AuthorizeRemoteStart': bool(false),
    'AuthCtrlr.LocalAuthorizeOffline': bool(true),
    'AuthCtrlr.LocalPreAuthorize': bool(false),
    'AuthCtrlr.OfflineTxForUnknownIdEnabled': bool(true),
    'ChargingStation.AvailabilityState': text('Available', 'ro'),
    'ChargingStation.FirmwareVersion': text(o.firmwareVersion, 'ro'),
    'ChargingStation.Model': text(o.model, 'ro'),
    'ChargingStation.SerialNumber': text(o.serialNumber, 'ro'),
    'ChargingStation.VendorName': text(o.vendor, 'ro'),
    'ClockCtrlr.DateTime': text('', 'ro'),
    'ClockCtrlr.TimeSource': list('NTP', 'ro'),
    'DeviceDataCtrlr.BytesPerMessage#GetReport': int(65_000, 'ro'),
    'DeviceDataCtrlr.BytesPerMessage#GetVariables': int(65_000, 'ro'),
    'DeviceDataCtrlr.BytesPerMessage#SetVariables': int(65_000, 'ro'),
    'DeviceDataCtrlr.ItemsPerMessage#GetReport': int(ITEMS_PER_MESSAGE, 'ro'),
    'DeviceDataCtrlr.ItemsPerMessage#GetVariables': int(ITEMS_PER_MESSAGE, 'ro'),
    'DeviceDataCtrlr.ItemsPerMessage#SetVariables': int(ITEMS_PER_MESSAGE, 'ro'),
    'LocalAuthListCtrlr.BytesPerMessage': int(65_000, 'ro'),
    'LocalAuthListCtrlr.Enabled': bool(true),
    'LocalAuthListCtrlr.Entries': int(0, 'ro'),
    'LocalAuthListCtrlr.ItemsPerMessage': int(MAX_LIST, 'ro'),
    'OCPPCommCtrlr.FileTransferProtocols': list('HTTPS', 'ro'),
    'OCPPCommCtrlr.HeartbeatInterval': int(300, 'rw', 's', 1),
    'OCPPCommCtrlr.MessageAttemptInterval#TransactionEvent': int(Math.ceil(o.retryIntervalMs / 1000), 'rw', 's'),
    'OCPPCommCtrlr.MessageAttempts#TransactionEvent': int(o.attempts, 'rw', undefined, 1),
    'OCPPCommCtrlr.MessageTimeout#Default': int(Math.ceil(o.messageTimeoutMs / 1000), 'ro', 's'),
    'OCPPCommCtrlr.NetworkConfigurationPriority': list('0', 'ro'),
    'OCPPCommCtrlr.NetworkProfileConnectionAttempts': int(3, 'ro'),
    'OCPPCommCtrlr.OfflineThreshold': int(60, 'rw', 's'),
    'OCPPCommCtrlr.QueueAllMessages': bool(false, 'ro'),
    'OCPPCommCtrlr.ResetRetries': int(1),
    'OCPPCommCtrlr.RetryBackOffRandomRange': int(Math.ceil(o.backoff.randomMs / 1000), 'ro', 's'),
    'OCPPCommCtrlr.RetryBackOffRepeatTimes': int(o.backoff.repeats, 'ro'),
    'OCPPCommCtrlr.RetryBackOffWaitMinimum': int(Math.ceil(o.backoff.minimumMs / 1000), 'ro', 's'),
    'OCPPCommCtrlr.UnlockOnEVSideDisconnect': bool(true, 'ro'),
    'OCPPCommCtrlr.WebSocketPingInterval': int(60, 'rw', 's'),
    'ReservationCtrlr.Available': bool(true, 'ro'),
    'ReservationCtrlr.Enabled': bool(true, 'ro'),
    'SampledDataCtrlr.TxEndedInterval': int(0, 'ro', 's'),
    'SampledDataCtrlr.TxEndedMeasurands': list(MEASURANDS.join(','), 'ro', MEASURANDS),
    'SampledDataCtrlr.TxStartedMeasurands': list(MEASURANDS.join(','), 'ro', MEASURANDS),
    'SampledDataCtrlr.TxUpdatedInterval': int(o.meterIntervalS, 'rw', 's'),
    'SampledDataCtrlr.TxUpdatedMeasurands': list(MEASURANDS.join(','), 'ro', MEASURANDS),
    'SecurityCtrlr.BasicAuthPassword': text('', 'wo'),
    'SecurityCtrlr.CertificateEntries': int(0, 'ro'),
    'SecurityCtrlr.Identity': text(o.identity, 'ro'),
    'SecurityCtrlr.OrganizationName': text(o.vendor),
    'SecurityCtrlr.SecurityProfile': int(o.password === undefined ? 0 : o.url.startsWith('wss:') ? 2 : 1, 'ro'),
    'SmartChargingCtrlr.Available': bool(true, 'ro'),
    'SmartChargingCtrlr.Enabled': bool(true, 'ro'),
    'SmartChargingCtrlr.Entries#ChargingProfiles': int(PROFILE_LIMITS.installed, 'ro'),
    'SmartChargingCtrlr.LimitChangeSignificance': int(1, 'ro', 'Percent'),
    'SmartChargingCtrlr.PeriodsPerSchedule': int(PROFILE_LIMITS.periods, 'ro'),
    'SmartChargingCtrlr.ProfileStackLevel': int(PROFILE_LIMITS.stackLevel, 'ro'),
    'SmartChargingCtrlr.RateUnit': list('A,W', 'ro'),
    'TxCtrlr.EVConnectionTimeOut': int(60, 'rw', 's'),
    'TxCtrlr.StopTxOnEVSideDisconnect': bool(true, 'ro'),
    'TxCtrlr.StopTxOnInvalidId': bool(true),
    'TxCtrlr.TxStartPoint': list('Authorized', 'ro'),
    'TxCtrlr.TxStopPoint': list('Authorized', 'ro'),
  };
  for (let id = 1; id <= o.evses; id++) {
    table[`EVSE@${id}.AvailabilityState`] = text('Available', 'ro');
    table[`EVSE@${id}.Available`] = bool(true, 'ro');
    table[`EVSE@${id}.Power`] = int(Math.round(o.curve.maxPowerW), 'ro', 'W');
    table[`EVSE@${id}.SupplyPhases`] = int(o.curve.kind === 'dc' ? 0 : 3, 'ro');
    table[`Connector@${id}.AvailabilityState`] = text('Available', 'ro');
    table[`Connector@${id}.ConnectorType`] = text(o.curve.kind === 'dc' ? 'cCCS2' : 'cType2', 'ro');
  }
  addModules(table, o.variables, o.evses, o.version);
  return table;
}
