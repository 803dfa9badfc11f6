/** Webhooks: made, changed, looked at. What is sent is in `webhook-deliveries.ts`. */
import { createRoute } from '@hono/zod-openapi';
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  ownStations,
  rotateWebhookSecret,
  updateWebhook,
} from '@sigec/store';
import type { Caller, Services } from '../context.js';
import { answer, answerWith } from '../http/answer.js';
import { reachOver } from '../live/reach.js';
import type { Topic } from '../live/topics.js';
import { ProblemError } from '../problem.js';
import { wrongUrl } from '../webhooks/addresses.js';
import { closeSecret, newSecret } from '../webhooks/signature.js';
import { body, DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/webhooks.js';
import type { App } from './application.js';
import { webhookDeliveryRoutes } from './webhook-deliveries.js';

/** Of one tenant. */
const MAX_WEBHOOKS = 200;
/** How long the old secret signs beside a new one. */
const OVERLAP_S = 86_400;

const tags = ['webhooks'];
const security = SECURED;

const list = createRoute({
  method: 'get',
  path: '/api/v1/webhooks',
  tags,
  security,
  summary: 'Webhooks',
  request: { query: PageQuery },
  responses: { 200: json('Newest first.', wire.WebhookList), ...problems(400, 401, 403, 503) },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/webhooks',
  tags,
  security,
  summary: 'Be told of events by HTTP',
  description:
    'From now on events of the topics are sent to the URL, at least once each, signed with the secret that is answered here ' +
    'and never again. Receivers know an event that comes twice by its `id` (docs/live-updates.md). Whoever makes it must be ' +
    'able to read of all the topics.',
  request: { body: body(wire.NewWebhook) },
  responses: { 201: json('With its secret.', wire.CreatedWebhook), ...problems(400, 401, 403, 409, 415, 422, 503) },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/webhooks/{id}',
  tags,
  security,
  summary: 'A webhook and its health',
  request: { params: IdParam },
  responses: { 200: json('As it stands.', wire.Webhook), ...problems(400, 401, 403, 404, 503) },
});

const change = createRoute({
  method: 'patch',
  path: '/api/v1/webhooks/{id}',
  tags,
  security,
  summary: 'Change, pause or resume a webhook',
  description: 'While it is paused events wait in the stream, for as long as that keeps them.',
  request: { params: IdParam, body: body(wire.WebhookChange) },
  responses: { 200: json('As it stands now.', wire.Webhook), ...problems(400, 401, 403, 404, 415, 422, 503) },
});

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/webhooks/{id}',
  tags,
  security,
  summary: 'Delete a webhook and its deliveries',
  request: { params: IdParam },
  responses: { 204: { description: 'Gone.' }, ...problems(400, 401, 403, 404, 503) },
});

const rotate = createRoute({
  method: 'post',
  path: '/api/v1/webhooks/{id}/rotate-secret',
  tags,
  security,
  summary: 'A new secret',
  description: 'For a day deliveries are signed with both, so that receivers can change over.',
  request: { params: IdParam },
  responses: { 200: json('Shown this once.', wire.WebhookSecret), ...problems(400, 401, 403, 404, 503) },
});

export function webhookRoutes(app: App, services: Services): void {
  const { db, config, live } = services;

  const checkUrl = (url: string): void => {
    const message = wrongUrl(url, config.webhooks?.private === true);
    if (message !== undefined) throw new ProblemError('validation', { errors: [{ field: 'url', message }] });
  };
  // A key that manages webhooks is not told by one what it could not read itself.
  const checkTopics = (caller: Caller, topics: readonly Topic[]): void => {
    const refused = topics.filter((topic) => reachOver(caller, topic) !== 'all');
    if (refused.length > 0) throw new ProblemError('forbidden', { extra: { topics: refused } });
  };
  // One that is not there would never be told of, and nobody would know why.
  const checkDevices = async ({ tenantId }: Caller, ids: readonly string[] | null | undefined): Promise<void> => {
    const own = await ownStations(db, tenantId, (ids ?? []).map(Number));
    const message = 'is no device of this network';
    const errors = (ids ?? []).flatMap((id, n) => (own.has(Number(id)) ? [] : [{ field: `device_ids.${n}`, message }]));
    if (errors.length > 0) throw new ProblemError('validation', { errors });
  };
  const found = <T>(row: T | undefined): T => {
    if (row === undefined) throw new ProblemError('not-found');
    return row;
  };

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('webhooks', cursor);
    const page = await listWebhooks(db, c.get('actor'), { limit, ...(before === undefined ? {} : { before }) });
    return answer(
      c,
      listAnswer(page, 'webhooks', ({ id }) => [id], wire.toWebhook),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const { url, description = null, topics, device_ids = null, max_events } = c.req.valid('json');
    checkUrl(url);
    checkTopics(c.get('actor'), topics);
    await checkDevices(c.get('actor'), device_ids);
    const secret = newSecret();
    const { made, last } = await live.feed.state();
    const wish = {
      ...{ url, description, topics, deviceIds: device_ids, maxEvents: max_events },
      ...{ secretBox: closeSecret(config.jwtSecret, secret), streamMade: made, cursor: last },
    };
    const row = await createWebhook(db, c.get('actor'), wish, MAX_WEBHOOKS);
    if (row === undefined) throw new ProblemError('too-many-webhooks', { extra: { most: MAX_WEBHOOKS } });
    return answer(c, { ...wire.toWebhook(row), secret }, 201, { location: `/api/v1/webhooks/${row.id}` });
  });

  app.openapi(get, async (c) => {
    const row = found(await getWebhook(db, c.get('actor'), c.req.valid('param').id));
    return answer(c, wire.toWebhook(row), 200);
  });

  app.openapi(change, async (c) => {
    const patch = wire.toPatch(c.req.valid('json'));
    if (patch.url !== undefined) checkUrl(patch.url);
    const { id } = c.req.valid('param');
    const before = wire.toWebhook(found(await getWebhook(db, c.get('actor'), id)));
    checkTopics(c.get('actor'), [...before.topics, ...(c.req.valid('json').topics ?? [])]);
    await checkDevices(c.get('actor'), patch.deviceIds);
    const row = found(await updateWebhook(db, c.get('actor'), id, patch));
    return answer(c, wire.toWebhook(row), 200);
  });

  app.openapi(remove, async (c) => {
    if (!(await deleteWebhook(db, c.get('actor'), c.req.valid('param').id))) throw new ProblemError('not-found');
    return answerWith(c, null, 204, undefined);
  });

  app.openapi(rotate, async (c) => {
    const secret = newSecret();
    const box = closeSecret(config.jwtSecret, secret);
    if (!(await rotateWebhookSecret(db, c.get('actor'), c.req.valid('param').id, box, OVERLAP_S)))
      throw new ProblemError('not-found');
    return answer(c, { secret }, 200);
  });

  webhookDeliveryRoutes(app, services);
}
