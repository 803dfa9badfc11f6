/**
 * FirmwareStatusNotification (1.6 section 4.5, 2.x L01-L02) and SignedFirmwareStatusNotification (1.6 white paper section
 * 4.13): how far a firmware update is. An update outlives the reboot in its middle, as its request does.
 */
import { type Call, define } from '../../handler.js';
import type { Unit } from '../../unit.js';
import { infoOf, type JobKind, MAX_WORDS, needsJob, takeWord, type Word } from './job.js';

const FAILED = ['DownloadFailed', 'InstallationFailed', 'InstallVerificationFailed', 'InvalidSignature'];
const UPDATE: JobKind = {
  actions: ['UpdateFirmware'],
  done: new Set(['Installed']),
  failed: new Set(FAILED),
  event: 'firmware.status',
};
const SIGNED: JobKind = { ...UPDATE, actions: ['SignedUpdateFirmware'] };
/** Chargers of 1.6 tell of a signed update by either message. */
const EITHER: JobKind = { ...UPDATE, actions: ['UpdateFirmware', 'SignedUpdateFirmware'] };

const handle = (kind: JobKind) => (call: Call<Word>, unit: Unit) => {
  const request = takeWord(call, unit, kind);
  if (request === undefined) return {};
  const { stationId, receivedAt, payload } = call;
  const { status } = payload;
  const info = infoOf(payload);
  const seq = request.parts;
  if (seq < MAX_WORDS) unit.add('firmwareStatus', { request: request.id, seq, status, info, at: receivedAt });
  unit.tell(stationId, kind.event, { request_id: request.requestId, status });
  return {};
};

export const firmwareStatusNotification16 = define('ocpp1.6', 'FirmwareStatusNotification', {
  kind: 'durable',
  needs: (call, needs) => needsJob(call, needs, EITHER),
  handle: handle(EITHER),
});

export const signedFirmwareStatusNotification16 = define('ocpp1.6', 'SignedFirmwareStatusNotification', {
  kind: 'durable',
  needs: (call, needs) => needsJob(call, needs, SIGNED),
  handle: handle(SIGNED),
});

export const firmwareStatusNotification2x = define('ocpp2.0.1', 'FirmwareStatusNotification', {
  kind: 'durable',
  needs: (call, needs) => needsJob(call, needs, UPDATE),
  handle: handle(UPDATE),
});
