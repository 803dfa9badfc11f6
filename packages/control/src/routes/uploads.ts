/** Where chargers bring their logs: by an address that opens one upload, and reads nothing. */
import { createRoute, z } from '@hono/zod-openapi';
import { claimUpload, receiveUpload, releaseUpload } from '@sigec/store';
import type { Context } from 'hono';
import type { AppEnv, Services } from '../context.js';
import { cleanName } from '../files/give.js';
import { bodyOf, checkLength, takeFile } from '../files/intake.js';
import { boundaryOf, filePart } from '../files/multipart.js';
import { readUploadToken } from '../files/token.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { json, problems } from '../wire/common.js';
import { Received } from '../wire/firmware.js';
import type { App } from './application.js';

export const DEFAULT_MAX_BYTES = 64 * 1_048_576;
/** At once in this process: each holds a piece of its file in memory. */
const MAX_UPLOADS = 64;

const Token = z
  .string()
  .max(200)
  .openapi({ param: { name: 'token', in: 'path' } });
const TokenParam = z.object({ token: Token });
const FileParam = z.object({
  token: Token,
  file: z
    .string()
    .max(1000)
    .openapi({ param: { name: 'file', in: 'path' } }),
});

const common = {
  tags: ['firmware and logs'],
  summary: 'A charger brings its log',
  description:
    'The address is made for GetLog and GetDiagnostics, for one upload, and expires. The body is the file, or a form ' +
    '(multipart/form-data) that holds one. Chargers may append a name to the address.',
  responses: {
    201: json('Received.', Received),
    ...problems(400, 404, 413, 422, 503),
  },
};
const bare = { path: '/uploads/{token}' as const, request: { params: TokenParam }, ...common };
const named = { path: '/uploads/{token}/{file}' as const, request: { params: FileParam }, ...common };

export function uploadRoutes(app: App, { db, config, logger }: Services): void {
  const maxBytes = config.uploadMaxBytes ?? DEFAULT_MAX_BYTES;
  let running = 0;

  const take = async (c: Context<AppEnv>, token: string, name: string | undefined) => {
    const hash = readUploadToken(token);
    // Used, expired, in use, or never given: whoever asks learns nothing.
    if (hash === undefined) throw new ProblemError('not-found');
    if (running >= MAX_UPLOADS) throw new ProblemError('overloaded', { headers: { 'retry-after': '30' } });
    running += 1;
    try {
      const upload = await claimUpload(db, hash);
      if (upload === undefined) throw new ProblemError('not-found');
      let fileName = name === undefined ? null : cleanName(name, 'log');
      try {
        checkLength(c, maxBytes);
        const boundary = boundaryOf(c.req.header('content-type'));
        const body = bodyOf(c, maxBytes);
        const onName = (given: string): void => {
          if (given !== '') fileName = cleanName(given, 'log');
        };
        const bytes = boundary === undefined ? body : filePart(body, boundary, onName);
        const taken = await takeFile(db, upload.tenantId, bytes, maxBytes, async (taken) => {
          if (!(await receiveUpload(db, upload, { ...taken, fileName }))) throw new ProblemError('not-found');
          return taken;
        });
        logger.info({ upload: upload.id, station: upload.stationId, bytes: taken.sizeBytes }, 'a log was received');
        const sha256 = Buffer.from(taken.sha256).toString('hex');
        return answer(c, { status: 'received' as const, size_bytes: taken.sizeBytes, sha256 }, 201);
      } catch (error) {
        await releaseUpload(db, upload.id);
        throw error;
      }
    } finally {
      running -= 1;
    }
  };

  for (const method of ['put', 'post'] as const) {
    app.openapi(createRoute({ method, ...bare }), (c) => take(c, c.req.valid('param').token, undefined));
    app.openapi(createRoute({ method, ...named }), (c) => {
      const { token, file } = c.req.valid('param');
      return take(c, token, file);
    });
  }
}
