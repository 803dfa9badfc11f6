/**
 * What is accepted with a warning although the schemas forbid it. The schemas stay untouched; this is the whole list,
 * so that it can be reviewed. The rule for a new row: refusing the message must cost more than the field is worth.
 */
import type { Problem } from './walk.js';

/** How lenient to be with one station. */
export interface Overlay {
  /** Refuse what is tolerated fleet-wide too (times, enums). For messages of our own making. */
  readonly strict?: boolean;
  /** Accept over-long strings in the fields of {@link OVERLONG_FIELDS}. Per station. */
  readonly overlong?: boolean;
  /** Accept properties that the schema does not know. Per station. */
  readonly additional?: boolean;
}

/** Why a warning was given instead of an error. */
export type WarningKind = 'timestamp' | 'enum' | 'overlong' | 'additional';

/**
 * Enums that describe rather than decide. Owner and field; the owner of a top-level field is the action. Not here, and
 * so refused when unknown: every status, eventType, chargingState, token types, units of charging profiles.
 */
const DESCRIPTIVE_ENUMS: ReadonlySet<string> = new Set([
  // One odd sample among twenty must not cost the other nineteen, nor the transaction they belong to.
  'sampledValue[].context',
  'sampledValue[].format',
  'sampledValue[].location',
  'sampledValue[].measurand',
  'sampledValue[].phase',
  'sampledValue[].unit',
  // A fault of the vendor's own naming is a fault all the same; `status` says that it is one.
  'StatusNotification.errorCode',
  // Why it booted, started, went on or stopped is commentary; the energy and the end are what is billed.
  'BootNotification.reason',
  'StopTransaction.reason',
  'TransactionEvent.triggerReason',
  'transactionInfo.stoppedReason',
]);

/** Fields that real firmware overfills: serials, configuration values, signed meter data, certificates, free text. */
const OVERLONG_FIELDS: ReadonlySet<string> = new Set([
  'BootNotification.chargeBoxSerialNumber',
  'BootNotification.chargePointSerialNumber',
  'BootNotification.meterSerialNumber',
  'chargingStation.serialNumber',
  'ChangeConfiguration.value',
  'configurationKey[].value',
  'getVariableResult[].attributeValue',
  'setVariableData[].attributeValue',
  'variableAttribute[].value',
  'signedMeterValue.publicKey',
  'signedMeterValue.signedMeterData',
  'Get15118EVCertificate.exiRequest',
  'Get15118EVCertificate.exiResponse',
  'SecurityEventNotification.techInfo',
  'StatusNotification.info',
  'StatusNotification.vendorErrorCode',
  'statusInfo.additionalInfo',
]);

/** The fields whose length an `overlong` overlay lets pass, and the enums always tolerated, as `owner.field`. */
export const LENIENT_FIELDS = { enums: DESCRIPTIVE_ENUMS, overlong: OVERLONG_FIELDS } as const;

/** The kind of warning that a problem becomes, or null where it stays an error. */
export function leniencyFor(problem: Problem, overlay: Overlay): WarningKind | null {
  switch (problem.rule) {
    case 'date-time':
      // Read leniently later, see timestamp.ts.
      return overlay.strict === true ? null : 'timestamp';
    case 'enum':
      return overlay.strict !== true && DESCRIPTIVE_ENUMS.has(problem.field) ? 'enum' : null;
    case 'maxLength':
      return overlay.overlong === true && OVERLONG_FIELDS.has(problem.field) ? 'overlong' : null;
    case 'additionalProperties':
      return overlay.additional === true ? 'additional' : null;
    default:
      return null;
  }
}
