/** Answers of chargers that come in messages of their own, gathered: waited for, or looked at again. */
import { createRoute } from '@hono/zod-openapi';
import { listRequests, requestItems } from '@sigec/store';
import { awaitRequest } from '../command/await-request.js';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/request.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const tags = ['commands'];

const list = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/requests',
  tags,
  security: SECURED,
  summary: 'What a device was asked for and answers later',
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('Newest first.', wire.DeviceRequestList), ...problems(400, 401, 403, 404, 503) },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/requests/{request_id}',
  tags,
  security: SECURED,
  summary: 'What came under a request',
  description: 'With `wait`, answers when the request has ended, or after that many seconds with what there is.',
  request: { params: wire.RequestParam, query: wire.RequestQuery },
  responses: { 200: json('As far as it came.', wire.DeviceRequestResult), ...problems(400, 401, 403, 404, 503) },
});

export function requestRoutes(app: App, services: Services): void {
  const { db, stations } = services;
  app.openapi(list, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('requests', cursor);
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listRequests(db, actor, id, { limit, ...(before === undefined ? {} : { before }) });
    return answer(
      c,
      listAnswer(page, 'requests', ({ id }) => [id], wire.toRequest),
      200,
    );
  });

  app.openapi(get, async (c) => {
    const actor = c.get('actor');
    const { id, request_id: requestId } = c.req.valid('param');
    const { wait = 0 } = c.req.valid('query');
    const latest = await awaitRequest(services, actor, id, requestId, { waitS: wait, gone: c.req.raw.signal });
    if (latest === undefined) throw new ProblemError('not-found');
    return answer(c, { ...wire.toRequest(latest), items: await requestItems(db, latest.id) }, 200);
  });
}
