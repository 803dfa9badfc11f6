/** Deliveries of a webhook: the log, and what is sent again. */
import { createRoute } from '@hono/zod-openapi';
import {
  type Actor,
  addDelivery,
  beginReplay,
  type DeliveryRow,
  getDelivery,
  getWebhook,
  listDeliveries,
  reviveDeliveries,
  type WebhookRow,
} from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { writePosition } from '../live/position.js';
import { ProblemError } from '../problem.js';
import { pingDelivery } from '../webhooks/bodies.js';
import { body, DEFAULT_LIMIT, IdField, IdParam, json, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/webhooks.js';
import type { App } from './application.js';

const tags = ['webhooks'];
const security = SECURED;
const DeliveryParam = IdParam.extend({ delivery_id: IdField });

const list = createRoute({
  method: 'get',
  path: '/api/v1/webhooks/{id}/deliveries',
  tags,
  security,
  summary: 'The log of deliveries',
  request: { params: IdParam, query: wire.DeliveryQuery },
  responses: { 200: json('Newest first.', wire.DeliveryList), ...problems(400, 401, 403, 404, 503) },
});

const ping = createRoute({
  method: 'post',
  path: '/api/v1/webhooks/{id}/ping',
  tags,
  security,
  summary: 'Send a delivery without events',
  description: 'To see whether it arrives, and whether its signature is understood.',
  request: { params: IdParam },
  responses: { 202: json('On its way.', wire.Delivery), ...problems(400, 401, 403, 404, 503) },
});

const again = createRoute({
  method: 'post',
  path: '/api/v1/webhooks/{id}/deliveries/{delivery_id}/replay',
  tags,
  security,
  summary: 'Send a delivery again',
  description: 'A dead one is tried anew; the events of one that arrived are read again and sent as a replay.',
  request: { params: DeliveryParam },
  responses: { 202: json('As it stood.', wire.Delivery), ...problems(400, 401, 403, 404, 409, 503) },
});

const span = createRoute({
  method: 'post',
  path: '/api/v1/webhooks/{id}/replay',
  tags,
  security,
  summary: 'Send a span of events again',
  request: { params: IdParam, body: body(wire.ReplaySpan) },
  responses: { 202: json('Begun.', wire.ReplayBegun), ...problems(400, 401, 403, 404, 409, 415, 422, 503) },
});

const revive = createRoute({
  method: 'post',
  path: '/api/v1/webhooks/{id}/retry-dead',
  tags,
  security,
  summary: 'Try dead deliveries anew',
  request: { params: IdParam, body: body(wire.DeadSince) },
  responses: { 202: json('How many.', wire.Revived), ...problems(400, 401, 403, 404, 415, 422, 503) },
});

export function webhookDeliveryRoutes(app: App, services: Services): void {
  const { db, live } = services;

  const requireWebhook = async (actor: Actor, id: number): Promise<WebhookRow> => {
    const row = await getWebhook(db, actor, id);
    if (row === undefined) throw new ProblemError('not-found');
    return row;
  };

  /** Of a span, what the stream still has and the webhook was told. */
  const replay = async (actor: Actor, hook: WebhookRow, after: number, until: number, made: number) => {
    const state = await live.feed.state();
    const begin = Math.max(after, state.first - 1);
    const end = Math.min(until, hook.cursor);
    if (made !== state.made || hook.streamMade !== state.made || begin >= end) throw new ProblemError('events-gone');
    if (!(await beginReplay(db, actor, hook.id, { after: begin, until: end })))
      throw new ProblemError('replay-running');
    return { after: writePosition(made, begin), until: writePosition(made, end) };
  };

  app.openapi(list, async (c) => {
    const actor = c.get('actor');
    const { id } = await requireWebhook(actor, c.req.valid('param').id);
    const { cursor, limit = DEFAULT_LIMIT, state } = c.req.valid('query');
    const before = readIdCursor('deliveries', cursor);
    const filter = { limit, ...(state !== undefined && { state }), ...(before !== undefined && { before }) };
    const page = await listDeliveries(db, actor, id, filter);
    return answer(
      c,
      listAnswer(page, 'deliveries', (row) => [row.id], wire.toDelivery),
      200,
    );
  });

  app.openapi(ping, async (c) => {
    const { id } = c.req.valid('param');
    const made = await addDelivery(db, c.get('actor'), id, pingDelivery(id), null);
    if (made === undefined) throw new ProblemError('not-found');
    return answer(c, wire.toDelivery(made), 202);
  });

  app.openapi(again, async (c) => {
    const actor = c.get('actor');
    const { id, delivery_id } = c.req.valid('param');
    const hook = await requireWebhook(actor, id);
    const row: DeliveryRow | undefined = await getDelivery(db, actor, id, delivery_id);
    if (row === undefined) throw new ProblemError('not-found');
    // One that waits is on its way already.
    if (row.state === 'dead') await reviveDeliveries(db, actor, id, { id: row.id });
    else if (row.state === 'delivered') {
      const { firstSequence: first, lastSequence: last, streamMade: made } = row;
      if (first === null || last === null || made === null) throw new ProblemError('events-gone');
      await replay(actor, hook, first - 1, last, made);
    }
    return answer(c, wire.toDelivery(row), 202);
  });

  app.openapi(span, async (c) => {
    const actor = c.get('actor');
    const hook = await requireWebhook(actor, c.req.valid('param').id);
    const { after, until } = c.req.valid('json');
    if (until !== undefined && (until.made !== after.made || until.sequence <= after.sequence)) {
      const errors = [{ field: 'until', message: 'must be behind after, in the same stream' }];
      throw new ProblemError('validation', { errors });
    }
    return answer(c, await replay(actor, hook, after.sequence, until?.sequence ?? hook.cursor, after.made), 202);
  });

  app.openapi(revive, async (c) => {
    const actor = c.get('actor');
    const { id } = await requireWebhook(actor, c.req.valid('param').id);
    const { since } = c.req.valid('json');
    return answer(c, { deliveries: await reviveDeliveries(db, actor, id, { since }) }, 202);
  });
}
