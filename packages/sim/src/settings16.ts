/** The room of the configuration keys of a 1.6 station (1.6 edition 2 chapter 9, and the security white paper). */
import { addModules } from './extras.js';
import type { Resolved } from './options.js';
import { PROFILE_LIMITS } from './profiles.js';
import { type Setting, setting } from './settings.js';
import type { SettingNames } from './station.js';
import { MAX_LIST } from './tokens.js';

const { int, bool, text, list } = setting;
const MEASURANDS = ['Energy.Active.Import.Register', 'Power.Active.Import', 'SoC'];

export const NAMES_16: SettingNames = {
  heartbeat: 'HeartbeatInterval',
  ping: 'WebSocketPingInterval',
  attempts: 'TransactionMessageAttempts',
  retryInterval: 'TransactionMessageRetryInterval',
  password: 'AuthorizationKey',
  offlineThreshold: null,
  localOffline: 'LocalAuthorizeOffline',
  offlineUnknown: 'AllowOfflineTxForUnknownId',
};

export function settings16(o: Resolved): Record<string, Setting> {
  const table: Record<string, Setting> = {
    AllowOfflineTxForUnknownId: bool(true),
    AuthorizationCacheEnabled: bool(true),
    AuthorizationKey: text('', 'wo'),
    AuthorizeRemoteTxRequests: bool(false),
    ChargeProfileMaxStackLevel: int(PROFILE_LIMITS.stackLevel, 'ro'),
    ChargingScheduleAllowedChargingRateUnit: text('Current,Power', 'ro'),
    ChargingScheduleMaxPeriods: int(PROFILE_LIMITS.periods, 'ro'),
    ClockAlignedDataInterval: int(0),
    ConnectionTimeOut: int(60),
    ConnectorPhaseRotation: text('0.RST'),
    CpoName: text(''),
    GetConfigurationMaxKeys: int(50, 'ro'),
    HeartbeatInterval: int(300),
    LocalAuthListEnabled: bool(true),
    LocalAuthListMaxLength: int(MAX_LIST, 'ro'),
    LocalAuthorizeOffline: bool(true),
    LocalPreAuthorize: bool(false),
    MaxChargingProfilesInstalled: int(PROFILE_LIMITS.installed, 'ro'),
    MeterValueSampleInterval: int(o.meterIntervalS),
    MeterValuesAlignedData: list('', 'rw', MEASURANDS),
    MeterValuesSampledData: list(MEASURANDS.join(','), 'ro'),
    NumberOfConnectors: int(o.evses, 'ro'),
    ReserveConnectorZeroSupported: bool(false, 'ro'),
    ResetRetries: int(1),
    SecurityProfile: int(o.password === undefined ? 0 : o.url.startsWith('wss:') ? 2 : 1, 'ro'),
    SendLocalListMaxLength: int(MAX_LIST, 'ro'),
    StopTransactionOnEVSideDisconnect: bool(true, 'ro'),
    StopTransactionOnInvalidId: bool(true),
    StopTxnAlignedData: list('', 'rw', MEASURANDS),
    StopTxnSampledData: list('Energy.Active.Import.Register', 'ro'),
    SupportedFeatureProfiles: text(
      'Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger',
      'ro',
    ),
    TransactionMessageAttempts: int(o.attempts, 'rw', undefined, 1),
    TransactionMessageRetryInterval: int(Math.ceil(o.retryIntervalMs / 1000)),
    UnlockConnectorOnEVSideDisconnect: bool(true, 'ro'),
    WebSocketPingInterval: int(60),
  };
  addModules(table, o.variables, o.evses, o.version);
  return table;
}
