/** LogStatusNotification (1.6 white paper section 4.10, 2.x N01): how far the upload of a log is. */
import { type Call, define } from '../../handler.js';
import type { Unit } from '../../unit.js';
import { infoOf, type JobKind, needsJob, takeWord, type Word } from './job.js';

const FAILURES = ['BadMessage', 'NotSupportedOperation', 'PermissionDenied', 'UploadFailure', 'AcceptedCanceled'];
const LOG: JobKind = {
  actions: ['GetLog'],
  done: new Set(['Uploaded']),
  failed: new Set(FAILURES),
  event: 'log.status',
};

/** What logs and diagnostics have in common. */
export function takeLogWord(call: Call<Word>, unit: Unit, kind: JobKind): object {
  const request = takeWord(call, unit, kind);
  if (request === undefined) return {};
  const { status } = call.payload;
  unit.add('logStatus', { request: request.id, status, info: infoOf(call.payload), at: call.receivedAt });
  unit.tell(call.stationId, kind.event, { request_id: request.requestId, status });
  return {};
}

export const logStatusNotification16 = define('ocpp1.6', 'LogStatusNotification', {
  kind: 'durable',
  needs: (call, needs) => needsJob(call, needs, LOG),
  handle: (call, unit) => takeLogWord(call, unit, LOG),
});

export const logStatusNotification2x = define('ocpp2.0.1', 'LogStatusNotification', {
  kind: 'durable',
  needs: (call, needs) => needsJob(call, needs, LOG),
  handle: (call, unit) => takeLogWord(call, unit, LOG),
});
