/**
 * The room of the payloads, as text with places: `{ts}` time, `{wh}` register, `{w}` power, `{seq}` seqNo, `{tx}`
 * transaction id, `{tag}` idToken. The shapes are those of 1.6 chapter 6 and 2.0.1 part 2 chapter 1 (2.1 is alike here).
 */
import { CALL, type CallKind, type Version } from './calls.js';

const SAMPLE_16 = (value: string, measurand: string, unit: string) =>
  `{"value":"${value}","context":"Sample.Periodic","measurand":"${measurand}","location":"Outlet","unit":"${unit}"}`;

const SAMPLE_2X = (value: string, context: string, measurand: string, unit: string) =>
  `{"value":${value},"context":"${context}","measurand":"${measurand}","location":"Outlet","unitOfMeasure":{"unit":"${unit}"}}`;

const ENERGY = 'Energy.Active.Import.Register';
const POWER = 'Power.Active.Import';

const meterValue2x = (context: string) =>
  `"meterValue":[{"timestamp":"{ts}","sampledValue":[${SAMPLE_2X('{wh}', context, ENERGY, 'Wh')},${SAMPLE_2X('{w}', context, POWER, 'W')}]}]`;

const event = (type: string, trigger: string, info: string, rest: string) =>
  `{"eventType":"${type}","timestamp":"{ts}","triggerReason":"${trigger}","seqNo":{seq},"offline":false,"transactionInfo":{"transactionId":"{tx}",${info}},"evse":{"id":1,"connectorId":1},${rest}}`;

const TOKEN_2X = '"idToken":{"idToken":"{tag}","type":"ISO14443"}';

const PAYLOADS_16: Record<CallKind, string> = {
  [CALL.boot]: '{"chargePointVendor":"SIGEC","chargePointModel":"LoadTest","firmwareVersion":"1.0"}',
  [CALL.heartbeat]: '{}',
  [CALL.available]: '{"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":"{ts}"}',
  [CALL.occupied]: '{"connectorId":1,"errorCode":"NoError","status":"Preparing","timestamp":"{ts}"}',
  [CALL.authorize]: '{"idTag":"{tag}"}',
  [CALL.start]: '{"connectorId":1,"idTag":"{tag}","meterStart":{wh},"timestamp":"{ts}"}',
  [CALL.meter]: `{"connectorId":1,"transactionId":{tx},"meterValue":[{"timestamp":"{ts}","sampledValue":[${SAMPLE_16('{wh}', ENERGY, 'Wh')},${SAMPLE_16('{w}', POWER, 'W')}]}]}`,
  [CALL.stop]: '{"transactionId":{tx},"idTag":"{tag}","meterStop":{wh},"timestamp":"{ts}","reason":"Local"}',
};

const PAYLOADS_2X: Record<CallKind, string> = {
  [CALL.boot]:
    '{"reason":"PowerUp","chargingStation":{"vendorName":"SIGEC","model":"LoadTest","firmwareVersion":"1.0"}}',
  [CALL.heartbeat]: '{}',
  [CALL.available]: '{"timestamp":"{ts}","connectorStatus":"Available","evseId":1,"connectorId":1}',
  [CALL.occupied]: '{"timestamp":"{ts}","connectorStatus":"Occupied","evseId":1,"connectorId":1}',
  [CALL.authorize]: `{${TOKEN_2X}}`,
  [CALL.start]: event(
    'Started',
    'Authorized',
    '"chargingState":"Charging"',
    `${TOKEN_2X},${meterValue2x('Transaction.Begin')}`,
  ),
  [CALL.meter]: event('Updated', 'MeterValuePeriodic', '"chargingState":"Charging"', meterValue2x('Sample.Periodic')),
  [CALL.stop]: event(
    'Ended',
    'StopAuthorized',
    '"chargingState":"EVConnected","stoppedReason":"Local"',
    `${TOKEN_2X},${meterValue2x('Transaction.End')}`,
  ),
};

/** The payload of a CALL, with its places. */
export function payloadOf(version: Version, kind: CallKind): string {
  return (version === '1.6' ? PAYLOADS_16 : PAYLOADS_2X)[kind];
}
