/** OCPP as data and pure functions: frames, actions, payload types, validators, for 1.6, 2.0.1 and 2.1. */
export { type ActionRow, catalogueOf, type Direction, findAction } from './catalogue.js';
export { type ErrorMeaning, errorCode, errorCodesOf } from './errors.js';
export {
  type Call,
  type CallError,
  type CallResult,
  type CallResultError,
  type Envelope,
  MAX_ID,
  type Malformed,
  type MalformedReason,
  MESSAGE_TYPE,
  readEnvelope,
  type Send,
} from './frame/read.js';
export { errorReplyFor, UNREADABLE_ID } from './frame/reply.js';
export {
  MAX_DESCRIPTION,
  type PayloadInput,
  writeCall,
  writeCallText,
  writeError,
  writeResult,
  writeResultError,
  writeSend,
} from './frame/write.js';
export type * as V16 from './gen/v16.js';
export type { Requests16, Responses16 } from './gen/v16.js';
export type * as V21 from './gen/v21.js';
export type { Requests21, Responses21 } from './gen/v21.js';
export type * as V201 from './gen/v201.js';
export type { Requests201, Responses201 } from './gen/v201.js';
export { LENIENT_FIELDS, type Overlay, type WarningKind } from './leniency.js';
export { type Negotiated, negotiateSubprotocol } from './negotiate.js';
export { type JsonSchema, loadSchemas, type MessageSchemas } from './schemas.js';
export { HIDDEN, isSecretName, redactPayload, redactQuoted } from './sensitive.js';
export {
  FUTURE_TOLERANCE_MS,
  isDateTime,
  OLDEST_USABLE_MS,
  type ParsedTimestamp,
  parseTimestamp,
  type TimestampQuality,
} from './timestamp.js';
export {
  type Accepted,
  loadVersion,
  MAX_WARNINGS,
  type PayloadOf,
  type RefusalDetails,
  type Refused,
  type Verdict,
  type VersionCodec,
  type Warning,
} from './validate.js';
export {
  type ActionOf,
  type AnsweredActionOf,
  isOcppVersion,
  OCPP_VERSIONS,
  type OcppVersion,
  type RequestMap,
  type RequestOf,
  type ResponseMap,
  type ResponseOf,
} from './version.js';
export type { Problem, Rule } from './walk.js';
