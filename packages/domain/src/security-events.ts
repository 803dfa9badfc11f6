/** How grave a security event is: the list of security events of OCPP (1.6 security extension, 2.x part 2, appendix 1). */

const CRITICAL: ReadonlySet<string> = new Set([
  ...['FirmwareUpdated', 'SettingSystemTime', 'StartupOfTheDevice', 'ResetOrReboot', 'SecurityLogWasCleared'],
  ...['MemoryExhaustion', 'TamperDetectionActivated', 'MaintenanceLoginAccepted'],
]);

const NORMAL: ReadonlySet<string> = new Set([
  ...['FailedToAuthenticateAtCsms', 'FailedToAuthenticateAtCentralSystem'],
  ...['CsmsFailedToAuthenticate', 'CentralSystemFailedToAuthenticate'],
  ...['ReconfigurationOfSecurityParameters', 'InvalidMessages', 'AttemptedReplayAttacks'],
  ...['InvalidFirmwareSignature', 'InvalidFirmwareSigningCertificate'],
  ...['InvalidCsmsCertificate', 'InvalidCentralSystemCertificate'],
  ...['InvalidChargingStationCertificate', 'InvalidChargePointCertificate'],
  ...['InvalidTLSVersion', 'InvalidTLSCipherSuite', 'MaintenanceLoginFailed'],
]);

/** Events of a vendor's own are on no list: how grave they are nobody says. */
export function securityEventCriticality(type: string): 'critical' | 'normal' | 'unknown' {
  if (CRITICAL.has(type)) return 'critical';
  return NORMAL.has(type) ? 'normal' : 'unknown';
}
