/** The OCPP log of a device. */
import { createRoute } from '@hono/zod-openapi';
import { listMessages } from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { DEFAULT_LIMIT, IdParam, json, problems, SECURED } from '../wire/common.js';
import { listAnswer, readCursor } from '../wire/cursor.js';
import { MessageList, MessageQuery, toMessage } from '../wire/message.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const list = createRoute({
  method: 'get',
  path: '/api/v1/devices/{id}/messages',
  tags: ['devices'],
  security: SECURED,
  summary: 'The OCPP log',
  description: 'Every message of the device in the order it was handled, each followed by its answer.',
  request: { params: IdParam, query: MessageQuery },
  responses: { 200: json('A page of the log.', MessageList), ...problems(400, 401, 403, 404, 503) },
});

export function messageRoutes(app: App, { db, stations }: Services): void {
  app.openapi(list, async (c) => {
    const station = await requireStation(stations, c.get('actor'), c.req.valid('param').id);
    const { cursor, limit = DEFAULT_LIMIT, order = 'asc', action } = c.req.valid('query');
    // A cursor belongs to one direction: taken in the other it would lead away from the list.
    const kind = `messages-${order}`;
    const [atMicros, leg] = readCursor(kind, 2, cursor) ?? [];
    const after = atMicros === undefined || leg === undefined ? {} : { after: { atMicros, leg } };
    const filter = { order, limit, ...(action === undefined ? {} : { action }), ...after };
    const page = await listMessages(db, c.get('actor'), station.id, filter);
    return answer(
      c,
      listAnswer(page, kind, (row) => [row.atMicros, row.leg], toMessage),
      200,
    );
  });
}
