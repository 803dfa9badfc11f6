/** Images of firmware: described and uploaded by people, fetched by chargers through links that expire. */
import { createRoute, z } from '@hono/zod-openapi';
import {
  createFirmware,
  getFirmware,
  getFirmwareFile,
  listFirmware,
  putFirmwareFile,
  removeFirmware,
} from '@sigec/store';
import type { Context } from 'hono';
import { firmwareLink } from '../command/firmware-link.js';
import type { AppEnv, Services } from '../context.js';
import { cleanName, giveFile } from '../files/give.js';
import { bodyOf, checkLength, takeFile } from '../files/intake.js';
import { checkSignature, signingKey } from '../files/signature.js';
import { isFirmwareToken } from '../files/token.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { body, DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/firmware.js';
import type { App } from './application.js';
import { DEFAULT_MAX_BYTES } from './uploads.js';

const staff = { tags: ['firmware and logs'], security: SECURED };
const octets = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } as const } };

const create = createRoute({
  ...staff,
  method: 'post',
  path: '/api/v1/firmwares',
  summary: 'Describe an image of firmware',
  description: 'Its file follows: `PUT /firmwares/{id}/file`.',
  request: { body: body(wire.FirmwareBody) },
  responses: { 201: json('Made, and empty.', wire.Firmware), ...problems(400, 401, 403, 415, 422, 503) },
});

const upload = createRoute({
  ...staff,
  method: 'put',
  path: '/api/v1/firmwares/{id}/file',
  summary: 'Upload the file of an image',
  description:
    'Once: another file is another image. The body is the file. Where the image has a signature, a file that it is not ' +
    'of is refused. Largest: SIGEC_UPLOAD_MAX_MB.',
  request: { params: IdParam, query: wire.FileQuery, body: { required: true, content: octets } },
  responses: { 200: json('The image.', wire.Firmware), ...problems(400, 401, 403, 404, 409, 413, 422, 503) },
});

const list = createRoute({
  ...staff,
  method: 'get',
  path: '/api/v1/firmwares',
  summary: 'Images of firmware',
  request: { query: PageQuery },
  responses: { 200: json('Newest first.', wire.FirmwareList), ...problems(400, 401, 403, 503) },
});

const get = createRoute({
  ...staff,
  method: 'get',
  path: '/api/v1/firmwares/{id}',
  summary: 'An image of firmware',
  request: { params: IdParam },
  responses: { 200: json('The image.', wire.Firmware), ...problems(400, 401, 403, 404, 503) },
});

const remove = createRoute({
  ...staff,
  method: 'delete',
  path: '/api/v1/firmwares/{id}',
  summary: 'Remove the file of an image',
  description: 'Links to it lead nowhere from then on. Updates that were made with it keep their note.',
  request: { params: IdParam },
  responses: { 200: json('The image, without a file.', wire.Firmware), ...problems(400, 401, 403, 404, 503) },
});

const link = createRoute({
  ...staff,
  method: 'post',
  path: '/api/v1/firmwares/{id}/link',
  summary: 'A link by which chargers fetch an image',
  description: 'For the `location` of UpdateFirmware and its kin.',
  request: { params: IdParam, body: body(wire.LinkBody) },
  responses: { 200: json('The link.', wire.FirmwareLink), ...problems(400, 401, 403, 404, 409, 415, 422, 503) },
});

const Token = z
  .string()
  .max(200)
  .openapi({ param: { name: 'token', in: 'path' } });
const FileParam = IdParam.extend({ token: Token });
const NamedParam = FileParam.extend({
  file: z
    .string()
    .max(1000)
    .openapi({ param: { name: 'file', in: 'path' } }),
});
const fetched = {
  method: 'get' as const,
  tags: staff.tags,
  summary: 'A charger fetches an image',
  description: 'By a link that expires. `Range` takes up a download that broke off.',
  responses: {
    200: { description: 'The file.', content: { 'application/octet-stream': {} } },
    206: { description: 'The part that `Range` asked for.', content: { 'application/octet-stream': {} } },
    416: { description: '`Range` leads past its end.' },
    ...problems(400, 404, 503),
  },
};
const fetchBare = createRoute({ ...fetched, path: '/firmwares/{id}/file/{token}', request: { params: FileParam } });
const fetchNamed = createRoute({
  ...fetched,
  path: '/firmwares/{id}/file/{token}/{file}',
  request: { params: NamedParam },
});

const DEFAULT_HOURS = 168;

export function firmwareImageRoutes(app: App, { db, config, clock, logger }: Services): void {
  const maxBytes = config.uploadMaxBytes ?? DEFAULT_MAX_BYTES;
  const found = async (c: Context<AppEnv>, id: number) => {
    const image = await getFirmware(db, c.get('actor'), id);
    if (image === undefined) throw new ProblemError('not-found');
    return image;
  };

  app.openapi(create, async (c) => {
    const given = c.req.valid('json');
    if (given.signing_certificate !== undefined) signingKey(given.signing_certificate);
    const made = await createFirmware(db, c.get('actor'), {
      version: given.version,
      vendor: given.vendor ?? null,
      model: given.model ?? null,
      fileName: cleanName(given.file_name, 'firmware.bin'),
      signature: given.signature ?? null,
      signingCertificate: given.signing_certificate ?? null,
    });
    return answer(c, wire.toFirmware(made), 201);
  });

  app.openapi(upload, async (c) => {
    const { id } = c.req.valid('param');
    const { sha256: wanted } = c.req.valid('query');
    const actor = c.get('actor');
    const image = await found(c, id);
    if (image.file !== null || image.removedAt !== null) throw new ProblemError('firmware-has-file');
    checkLength(c, maxBytes);
    const { signature, signingCertificate } = image;
    const signed =
      signature === null || signingCertificate === null ? null : checkSignature(signingCertificate, signature);
    await takeFile(
      db,
      actor.tenantId,
      bodyOf(c, maxBytes),
      maxBytes,
      async (taken) => {
        if (wanted !== undefined && Buffer.from(taken.sha256).toString('hex') !== wanted.toLowerCase())
          throw new ProblemError('validation', { errors: [{ field: 'sha256', message: 'is not that of the file' }] });
        signed?.check();
        if (!(await putFirmwareFile(db, actor, id, taken))) throw new ProblemError('firmware-has-file');
      },
      (bytes) => signed?.update(bytes),
    );
    logger.info({ firmware: id, by: actor.userId }, 'an image of firmware was uploaded');
    return answer(c, wire.toFirmware(await found(c, id)), 200);
  });

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('firmwares', cursor);
    const page = await listFirmware(db, c.get('actor'), { limit, ...(before === undefined ? {} : { before }) });
    const key = ({ id }: { readonly id: number }) => [id];
    return answer(c, listAnswer(page, 'firmwares', key, wire.toFirmware), 200);
  });

  app.openapi(get, async (c) => answer(c, wire.toFirmware(await found(c, c.req.valid('param').id)), 200));

  app.openapi(remove, async (c) => {
    const { id } = c.req.valid('param');
    if (!(await removeFirmware(db, c.get('actor'), id))) throw new ProblemError('not-found');
    logger.info({ firmware: id, by: c.get('actor').userId }, 'an image of firmware was removed');
    return answer(c, wire.toFirmware(await found(c, id)), 200);
  });

  app.openapi(link, async (c) => {
    const { id } = c.req.valid('param');
    const { hours = DEFAULT_HOURS } = c.req.valid('json');
    const expiresAt = clock.now() + hours * 3_600_000;
    const url = firmwareLink(config, await found(c, id), expiresAt);
    return answer(c, { url, expires_at: new Date(expiresAt).toISOString() }, 200);
  });

  const give = async (c: Context<AppEnv>, id: number, token: string): Promise<Response> => {
    const image = isFirmwareToken(config.jwtSecret, id, token, clock.now()) ? await getFirmwareFile(db, id) : undefined;
    if (image === undefined) throw new ProblemError('not-found');
    return giveFile(c, db, image);
  };
  app.openapi(fetchBare, (c) => give(c, c.req.valid('param').id, c.req.valid('param').token));
  app.openapi(fetchNamed, (c) => give(c, c.req.valid('param').id, c.req.valid('param').token));
}
