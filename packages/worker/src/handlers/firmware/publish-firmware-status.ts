/** PublishFirmwareStatusNotification (2.x L03): how far a local controller is with an image that it offers to others. */
import { type Call, CallRefused, define } from '../../handler.js';
import type { Unit } from '../../unit.js';
import { infoOf, type JobKind, needsJob, takeWord, type Word } from './job.js';

const PUBLICATION: JobKind = {
  actions: ['PublishFirmware'],
  done: new Set(['Published']),
  failed: new Set(['DownloadFailed', 'InvalidChecksum', 'PublishFailed']),
  event: 'firmware.publication',
};
const MAX_LOCATIONS = 20;

export const publishFirmwareStatusNotification2x = define('ocpp2.0.1', 'PublishFirmwareStatusNotification', {
  kind: 'durable',
  needs: (call, needs) => needsJob(call, needs, PUBLICATION),
  handle(call, unit) {
    const { status, location } = call.payload;
    // L03.FR.04: who has published says where.
    if (status === 'Published' && location === undefined)
      throw new CallRefused('occurrence', 'location: wanted where the firmware is published');
    if (location !== undefined && location.length > MAX_LOCATIONS)
      throw new CallRefused('occurrence', `location: at most ${MAX_LOCATIONS}`);
    publish(call, unit, location);
    return {};
  },
});

function publish(call: Call<Word>, unit: Unit, location: readonly string[] | undefined): void {
  const request = takeWord(call, unit, PUBLICATION);
  if (request === undefined) return;
  const { status } = call.payload;
  const locations = location ?? null;
  const info = infoOf(call.payload);
  unit.add('publicationStatus', { request: request.id, status, info, locations, at: call.receivedAt });
  unit.tell(call.stationId, PUBLICATION.event, { request_id: request.requestId, status });
}
