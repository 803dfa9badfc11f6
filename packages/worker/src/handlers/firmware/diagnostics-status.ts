/** DiagnosticsStatusNotification (1.6 section 4.4): how far the upload that GetDiagnostics asked for is. */
import { define } from '../../handler.js';
import type { JobKind } from './job.js';
import { needsJob } from './job.js';
import { takeLogWord } from './log-status.js';

const DIAGNOSTICS: JobKind = {
  actions: ['GetDiagnostics'],
  done: new Set(['Uploaded']),
  failed: new Set(['UploadFailed']),
  event: 'log.status',
};

export const diagnosticsStatusNotification16 = define('ocpp1.6', 'DiagnosticsStatusNotification', {
  kind: 'durable',
  needs: (call, needs) => needsJob(call, needs, DIAGNOSTICS),
  handle: (call, unit) => takeLogWord(call, unit, DIAGNOSTICS),
});
