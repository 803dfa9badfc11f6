/**
 * The room of the least a 2.0.1 station answers to each action of the CSMS (part 2 chapter 1.2 and following). Where
 * commands2x.ts does the thing for real, its answer takes the place of the one here.
 */
import { type Json, type JsonObject, read } from '../json.js';
import type { Answer, Answers } from '../station.js';

const status = (word: string, needs: Answer['needs'] = {}): Answer => ({ needs, answer: () => ({ status: word }) });
const nothing = (needs: Answer['needs'] = {}): Answer => ({ needs, answer: () => ({}) });

/** One result per item of a list, with the item's own naming fields beside it. */
const each = (list: string, result: string, make: (item: JsonObject) => JsonObject): Answer => ({
  needs: { [list]: 'array' },
  answer: (payload) => ({ [result]: read.objects(payload, list).map(make) }),
});

export const ANSWERS_201: Answers = {
  CancelReservation: status('Rejected', { reservationId: 'integer' }),
  CertificateSigned: status('Rejected', { certificateChain: 'string' }),
  ChangeAvailability: status('Rejected', { operationalStatus: 'string' }),
  ClearCache: status('Rejected'),
  ClearChargingProfile: status('Unknown'),
  ClearDisplayMessage: status('Unknown', { id: 'integer' }),
  ClearVariableMonitoring: {
    needs: { id: 'array' },
    answer: (payload) => ({
      clearMonitoringResult: (payload.id as Json[]).map((id) => ({ id, status: 'NotFound' })),
    }),
  },
  CostUpdated: nothing({ totalCost: 'number', transactionId: 'string' }),
  CustomerInformation: status('Rejected', { requestId: 'integer', report: 'boolean', clear: 'boolean' }),
  DataTransfer: status('UnknownVendorId', { vendorId: 'string' }),
  DeleteCertificate: status('NotFound', { certificateHashData: 'object' }),
  GetBaseReport: status('NotSupported', { requestId: 'integer', reportBase: 'string' }),
  GetChargingProfiles: status('NoProfiles', { requestId: 'integer', chargingProfile: 'object' }),
  GetCompositeSchedule: status('Rejected', { duration: 'integer', evseId: 'integer' }),
  GetDisplayMessages: status('Unknown', { requestId: 'integer' }),
  GetInstalledCertificateIds: status('NotFound'),
  GetLocalListVersion: { needs: {}, answer: () => ({ versionNumber: 0 }) },
  GetLog: status('Rejected', { log: 'object', logType: 'string', requestId: 'integer' }),
  GetMonitoringReport: status('NotSupported', { requestId: 'integer' }),
  GetReport: status('NotSupported', { requestId: 'integer' }),
  GetTransactionStatus: { needs: {}, answer: () => ({ messagesInQueue: false }) },
  GetVariables: each('getVariableData', 'getVariableResult', (item) => ({
    attributeStatus: 'UnknownComponent',
    component: read.obj(item, 'component'),
    variable: read.obj(item, 'variable'),
  })),
  InstallCertificate: status('Rejected', { certificateType: 'string', certificate: 'string' }),
  PublishFirmware: status('Rejected', { location: 'string', checksum: 'string', requestId: 'integer' }),
  RequestStartTransaction: status('Rejected', { idToken: 'object', remoteStartId: 'integer' }),
  RequestStopTransaction: status('Rejected', { transactionId: 'string' }),
  ReserveNow: status('Rejected', { id: 'integer', expiryDateTime: 'string', idToken: 'object' }),
  Reset: status('Rejected', { type: 'string' }),
  SendLocalList: status('Failed', { versionNumber: 'integer', updateType: 'string' }),
  SetChargingProfile: status('Rejected', { evseId: 'integer', chargingProfile: 'object' }),
  SetDisplayMessage: status('NotSupportedMessageFormat', { message: 'object' }),
  SetMonitoringBase: status('NotSupported', { monitoringBase: 'string' }),
  SetMonitoringLevel: status('Rejected', { severity: 'integer' }),
  SetNetworkProfile: status('Rejected', { configurationSlot: 'integer', connectionData: 'object' }),
  SetVariableMonitoring: each('setMonitoringData', 'setMonitoringResult', (item) => ({
    status: 'UnsupportedMonitorType',
    type: read.str(item, 'type'),
    severity: read.int(item, 'severity'),
    component: read.obj(item, 'component'),
    variable: read.obj(item, 'variable'),
  })),
  SetVariables: each('setVariableData', 'setVariableResult', (item) => ({
    attributeStatus: 'UnknownComponent',
    component: read.obj(item, 'component'),
    variable: read.obj(item, 'variable'),
  })),
  TriggerMessage: status('NotImplemented', { requestedMessage: 'string' }),
  UnlockConnector: status('UnknownConnector', { evseId: 'integer', connectorId: 'integer' }),
  UnpublishFirmware: status('NoFirmware', { checksum: 'string' }),
  UpdateFirmware: status('Rejected', { requestId: 'integer', firmware: 'object' }),
};
