/** Routes of messages on displays: read, set and cleared, whatever the version calls it. 2.x block O. */
import { createRoute } from '@hono/zod-openapi';
import { getTransaction, listDisplayMessages, type StationView } from '@sigec/store';
import { versionOf } from '../command/dispatch.js';
import { perform } from '../command/perform.js';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { CommandQuery } from '../wire/command.js';
import { body, DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/energy.js';
import type { App } from './application.js';
import { requireStation } from './devices.js';

const path = '/api/v1/devices/{id}/display-messages';
const tags = ['energy'];

const list = createRoute({
  method: 'get',
  path,
  tags,
  security: SECURED,
  summary: 'Messages on the display of a device',
  description:
    'As it accepted or reported them. GetDisplayMessages asks it for all, and what it does not report is gone.',
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('By their id.', wire.DisplayMessageList), ...problems(400, 401, 403, 404, 503) },
});

const set = createRoute({
  method: 'post',
  path,
  tags,
  security: SECURED,
  summary: 'Show a message on the display of a device',
  description: 'OCPP 1.6 knows no displays: `not-supported-by-version`.',
  request: { params: IdParam, query: CommandQuery, body: body(wire.DisplayMessageBody) },
  responses: {
    201: json('The device took it.', wire.DisplayMessageAnswer),
    ...problems(400, 401, 403, 404, 409, 415, 422, 429, 502, 503, 504),
  },
});

const clear = createRoute({
  method: 'delete',
  path: `${path}/{message_id}`,
  tags,
  security: SECURED,
  summary: 'Take a message off the display of a device',
  request: { params: wire.DisplayMessageParam, query: CommandQuery },
  responses: {
    200: json('It is off.', wire.DisplayMessageAnswer),
    ...problems(400, 401, 403, 404, 409, 429, 502, 503, 504),
  },
});

/** @throws {ProblemError} `not-supported-by-version` for 1.6 */
function requireDisplay(station: StationView): void {
  if (versionOf(station) !== 'ocpp1.6') return;
  throw new ProblemError('not-supported-by-version', {
    detail: { pt: 'OCPP 1.6 não tem mensagens no visor.', en: 'OCPP 1.6 has no display messages.' },
    extra: { ocpp_version: 'ocpp1.6' },
  });
}

export function displayRoutes(app: App, services: Services): void {
  const { db, stations, config } = services;
  const timeoutMs = (seconds: number | undefined) => (seconds === undefined ? config.commandTimeoutMs : seconds * 1000);

  app.openapi(list, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const after = readIdCursor('display-messages', cursor);
    const { id } = await requireStation(stations, actor, c.req.valid('param').id);
    const page = await listDisplayMessages(db, actor, id, { limit, ...(after === undefined ? {} : { after }) });
    const items = listAnswer(page, 'display-messages', (row) => [row.messageId], wire.toDisplayMessage);
    return answer(c, items, 200);
  });

  app.openapi(set, async (c) => {
    const actor = c.get('actor');
    const station = await requireStation(stations, actor, c.req.valid('param').id);
    requireDisplay(station);
    const { message: content, language, priority, from, until, transaction_id: of } = c.req.valid('json');
    const transaction = of === undefined ? undefined : await getTransaction(db, actor, of);
    if (of !== undefined && transaction?.stationId !== station.id)
      throw new ProblemError('validation', {
        errors: [{ field: 'transaction_id', message: 'is no transaction of this device' }],
      });
    const message = {
      priority,
      message: { format: 'UTF8', ...(language === undefined ? {} : { language }), content },
      ...(from === undefined ? {} : { startDateTime: from.toISOString() }),
      ...(until === undefined ? {} : { endDateTime: until.toISOString() }),
      ...(transaction === undefined ? {} : { transactionId: transaction.ocppTransactionId }),
    };
    const order = {
      action: 'SetDisplayMessage',
      payload: { message },
      timeoutMs: timeoutMs(c.req.valid('query').timeout),
    };
    const {
      messageId: message_id,
      response,
      latencyMs: latency_ms,
      beside,
    } = await perform(services, actor, station, order);
    const id = beside.display_message_id;
    if (typeof id !== 'string') throw new ProblemError('command-rejected', { extra: { message_id, response } });
    const location = `/api/v1/devices/${station.id}/display-messages/${id}`;
    return answer(c, { id, status: 'Accepted' as const, message_id, latency_ms }, 201, { location });
  });

  app.openapi(clear, async (c) => {
    const actor = c.get('actor');
    const { id, message_id: which } = c.req.valid('param');
    const station = await requireStation(stations, actor, id);
    requireDisplay(station);
    const order = {
      action: 'ClearDisplayMessage',
      payload: { id: which },
      timeoutMs: timeoutMs(c.req.valid('query').timeout),
    };
    const { messageId: message_id, response, latencyMs: latency_ms } = await perform(services, actor, station, order);
    if (response.status === 'Unknown') throw new ProblemError('not-found', { extra: { message_id } });
    if (response.status !== 'Accepted') throw new ProblemError('command-rejected', { extra: { message_id, response } });
    return answer(c, { id: String(which), status: 'Accepted' as const, message_id, latency_ms }, 200);
  });
}
