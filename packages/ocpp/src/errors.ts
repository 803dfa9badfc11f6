/** RPC error codes: what each version can say, and one neutral vocabulary for those who answer. */
import type { OcppVersion } from './version.js';

/** What went wrong, whatever the version calls it. */
export type ErrorMeaning =
  | 'formation'
  | 'notImplemented'
  | 'notSupported'
  | 'internal'
  | 'protocol'
  | 'security'
  | 'property'
  | 'occurrence'
  | 'type'
  | 'generic'
  | 'rpcFramework'
  | 'messageType';

/** OCPP-J 1.6 section 4.2.3. The missing r is the specification's. */
const CODES_16: Readonly<Record<ErrorMeaning, string>> = {
  formation: 'FormationViolation',
  notImplemented: 'NotImplemented',
  notSupported: 'NotSupported',
  internal: 'InternalError',
  protocol: 'ProtocolError',
  security: 'SecurityError',
  property: 'PropertyConstraintViolation',
  occurrence: 'OccurenceConstraintViolation',
  type: 'TypeConstraintViolation',
  generic: 'GenericError',
  // 1.6 has no word for a broken frame or an unknown message type; these two are its nearest.
  rpcFramework: 'FormationViolation',
  messageType: 'NotSupported',
};

/** OCPP 2.0.1 and 2.1 part 4, section 4.3. */
const CODES_2X: Readonly<Record<ErrorMeaning, string>> = {
  formation: 'FormatViolation',
  notImplemented: 'NotImplemented',
  notSupported: 'NotSupported',
  internal: 'InternalError',
  protocol: 'ProtocolError',
  security: 'SecurityError',
  property: 'PropertyConstraintViolation',
  occurrence: 'OccurrenceConstraintViolation',
  type: 'TypeConstraintViolation',
  generic: 'GenericError',
  rpcFramework: 'RpcFrameworkError',
  messageType: 'MessageTypeNotSupported',
};

const CODES: Readonly<Record<OcppVersion, Readonly<Record<ErrorMeaning, string>>>> = {
  'ocpp1.6': CODES_16,
  'ocpp2.0.1': CODES_2X,
  'ocpp2.1': CODES_2X,
};

/** The code that `version` spells for `meaning`. */
export function errorCode(version: OcppVersion, meaning: ErrorMeaning): string {
  return CODES[version][meaning];
}

/** Every RPC error code of a version, sorted. */
export function errorCodesOf(version: OcppVersion): readonly string[] {
  return [...new Set(Object.values(CODES[version]))].sort();
}
