/** Routes of firmware, diagnostics, logs, and customer information: what chargers of a station were asked for and said. */
import { createRoute } from '@hono/zod-openapi';
import {
  getCustomerInformation,
  getUpload,
  listFirmwareUpdates,
  listPublications,
  listUploads,
  requestItems,
} from '@sigec/store';
import type { Services } from '../context.js';
import { cleanName, giveFile } from '../files/give.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/firmware.js';
import { RequestParam } from '../wire/request.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';
import { firmwareImageRoutes } from './firmware-images.js';
import { uploadRoutes } from './uploads.js';

const tags = ['firmware and logs'];
const route = <const P extends string>(path: P, summary: string, description: string) => ({
  method: 'get' as const,
  path,
  tags,
  security: SECURED,
  summary,
  description,
});
const refusals = problems(400, 401, 403, 404, 503);

const updates = createRoute({
  ...route(
    '/api/v1/devices/{id}/firmware-updates',
    'Firmware updates of a device',
    'Each with all that the charger said of it. Begun by the commands UpdateFirmware and SignedUpdateFirmware.',
  ),
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('Newest first.', wire.FirmwareUpdateList), ...refusals },
});

const publications = createRoute({
  ...route(
    '/api/v1/devices/{id}/firmware-publications',
    'Firmware that a local controller offers to others',
    'Begun by the command PublishFirmware (2.x), ended by UnpublishFirmware.',
  ),
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('Newest first.', wire.PublicationList), ...refusals },
});

const uploads = createRoute({
  ...route(
    '/api/v1/devices/{id}/uploads',
    'Logs that a device was asked for',
    'Begun by the commands GetLog and GetDiagnostics. Where those name no place, the charger brings its log here.',
  ),
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('Newest first.', wire.UploadList), ...refusals },
});

const upload = createRoute({
  ...route('/api/v1/devices/{id}/uploads/{upload_id}', 'A log that a device was asked for', 'As far as it came.'),
  request: { params: wire.UploadParam },
  responses: { 200: json('The upload.', wire.Upload), ...refusals },
});

const file = createRoute({
  ...route('/api/v1/devices/{id}/uploads/{upload_id}/file', 'The log itself', 'Byte for byte as it came.'),
  request: { params: wire.UploadParam },
  responses: {
    200: { description: 'The file, as an attachment.', content: { 'application/octet-stream': {} } },
    206: { description: 'The part that `Range` asked for.', content: { 'application/octet-stream': {} } },
    416: { description: '`Range` leads past its end.' },
    ...refusals,
  },
});

const customer = createRoute({
  ...route(
    '/api/v1/devices/{id}/customer-information/{request_id}',
    'What a charger knows of a customer',
    'Begun by the command CustomerInformation (2.x). Kept for SIGEC_UPLOAD_RETENTION_DAYS.',
  ),
  request: { params: RequestParam },
  responses: { 200: json('As far as it came.', wire.CustomerInformation), ...refusals },
});

export function firmwareRoutes(app: App, services: Services): void {
  const { db, stations } = services;
  const pageOf = ({ limit = DEFAULT_LIMIT }: { readonly limit?: number | undefined }, before: number | undefined) => ({
    limit,
    ...(before === undefined ? {} : { before }),
  });

  app.openapi(updates, async (c) => {
    const query = c.req.valid('query');
    const options = pageOf(query, readIdCursor('firmware-updates', query.cursor));
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const page = await listFirmwareUpdates(db, c.get('actor'), id, options);
    const key = ({ request }: { readonly request: number }) => [request];
    return answer(c, listAnswer(page, 'firmware-updates', key, wire.toFirmwareUpdate), 200);
  });

  app.openapi(publications, async (c) => {
    const query = c.req.valid('query');
    const options = pageOf(query, readIdCursor('firmware-publications', query.cursor));
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const page = await listPublications(db, c.get('actor'), id, options);
    const key = ({ request }: { readonly request: number }) => [request];
    return answer(c, listAnswer(page, 'firmware-publications', key, wire.toPublication), 200);
  });

  app.openapi(uploads, async (c) => {
    const query = c.req.valid('query');
    const options = pageOf(query, readIdCursor('uploads', query.cursor));
    const { id } = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const page = await listUploads(db, c.get('actor'), id, options);
    const key = ({ id }: { readonly id: number }) => [id];
    return answer(c, listAnswer(page, 'uploads', key, wire.toUpload), 200);
  });

  app.openapi(upload, async (c) => {
    const { id, upload_id: uploadId } = c.req.valid('param');
    const found = await getUpload(db, c.get('actor'), id, uploadId);
    if (found === undefined) throw new ProblemError('not-found');
    return answer(c, wire.toUpload(found), 200);
  });

  app.openapi(file, async (c) => {
    const { id, upload_id: uploadId } = c.req.valid('param');
    const found = await getUpload(db, c.get('actor'), id, uploadId);
    if (found?.file == null || found.sizeBytes === null) throw new ProblemError('not-found');
    const fileName = cleanName(found.fileName ?? undefined, `log-${uploadId}`);
    return giveFile(c, db, { file: found.file, sizeBytes: found.sizeBytes, fileName });
  });

  app.openapi(customer, async (c) => {
    const { id, request_id: requestId } = c.req.valid('param');
    const found = await getCustomerInformation(db, c.get('actor'), id, requestId);
    if (found === undefined) throw new ProblemError('not-found');
    return answer(c, wire.toCustomerInformation(found, await requestItems(db, found.request)), 200);
  });

  firmwareImageRoutes(app, services);
  uploadRoutes(app, services);
}
