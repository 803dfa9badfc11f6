/**
 * The room of the least a 1.6 station answers to each action of the CSMS (1.6 edition 2 chapter 5, and the security
 * white paper). Where commands16.ts does the thing for real, its answer takes the place of the one here.
 */
import type { Answer, Answers } from '../station.js';

const status = (word: string, needs: Answer['needs'] = {}): Answer => ({ needs, answer: () => ({ status: word }) });

export const ANSWERS_16: Answers = {
  CancelReservation: status('Rejected', { reservationId: 'integer' }),
  CertificateSigned: status('Rejected', { certificateChain: 'string' }),
  ChangeAvailability: status('Rejected', { connectorId: 'integer', type: 'string' }),
  ChangeConfiguration: status('NotSupported', { key: 'string', value: 'string' }),
  ClearCache: status('Rejected'),
  ClearChargingProfile: status('Unknown'),
  DataTransfer: status('UnknownVendorId', { vendorId: 'string' }),
  DeleteCertificate: status('NotFound', { certificateHashData: 'object' }),
  ExtendedTriggerMessage: status('NotImplemented', { requestedMessage: 'string' }),
  GetCompositeSchedule: status('Rejected', { connectorId: 'integer', duration: 'integer' }),
  GetConfiguration: { needs: {}, answer: () => ({ configurationKey: [] }) },
  GetDiagnostics: { needs: { location: 'string' }, answer: () => ({}) },
  GetInstalledCertificateIds: status('NotFound', { certificateType: 'string' }),
  GetLocalListVersion: { needs: {}, answer: () => ({ listVersion: -1 }) },
  GetLog: status('Rejected', { log: 'object', logType: 'string', requestId: 'integer' }),
  InstallCertificate: status('Rejected', { certificateType: 'string', certificate: 'string' }),
  RemoteStartTransaction: status('Rejected', { idTag: 'string' }),
  RemoteStopTransaction: status('Rejected', { transactionId: 'integer' }),
  ReserveNow: status('Rejected', {
    connectorId: 'integer',
    expiryDate: 'string',
    idTag: 'string',
    reservationId: 'integer',
  }),
  Reset: status('Rejected', { type: 'string' }),
  SendLocalList: status('NotSupported', { listVersion: 'integer', updateType: 'string' }),
  SetChargingProfile: status('NotSupported', { connectorId: 'integer', csChargingProfiles: 'object' }),
  SignedUpdateFirmware: status('Rejected', { requestId: 'integer', firmware: 'object' }),
  TriggerMessage: status('NotImplemented', { requestedMessage: 'string' }),
  UnlockConnector: status('NotSupported', { connectorId: 'integer' }),
  UpdateFirmware: { needs: { location: 'string', retrieveDate: 'string' }, answer: () => ({}) },
};
