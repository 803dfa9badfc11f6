/** Keys of machines. */
import { createRoute } from '@hono/zod-openapi';
import { createApiKey, getApiKey, listApiKeys, revokeApiKey } from '@sigec/store';
import { newApiKey } from '../../auth/api-keys.js';
import type { Services } from '../../context.js';
import { answer, answerWith } from '../../http/answer.js';
import { ProblemError } from '../../problem.js';
import * as wire from '../../wire/api-key.js';
import { body, DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../../wire/common.js';
import { listAnswer, readIdCursor } from '../../wire/cursor.js';
import type { App } from '../application.js';

const tags = ['api keys'];
const security = SECURED;

const list = createRoute({
  method: 'get',
  path: '/api/v1/api-keys',
  tags,
  security,
  summary: 'List API keys',
  description: 'Administrators see all of the tenant, others those that they made.',
  request: { query: PageQuery },
  responses: { 200: json('A page of keys, by id.', wire.ApiKeyList), ...problems(400, 401, 403, 503) },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/api-keys',
  tags,
  security,
  summary: 'Make an API key',
  description:
    'It may do what its scopes say, as far as the role of whoever made it goes at the time of each request; when they are ' +
    'blocked it does nothing.',
  request: { body: body(wire.NewApiKeyBody) },
  responses: { 201: json('Made; the key is shown once.', wire.NewApiKey), ...problems(400, 401, 403, 415, 422, 503) },
});

const revoke = createRoute({
  method: 'delete',
  path: '/api/v1/api-keys/{id}',
  tags,
  security,
  summary: 'Revoke an API key',
  description: 'It is refused within ten seconds.',
  request: { params: IdParam },
  responses: { 204: { description: 'Revoked.' }, ...problems(400, 401, 403, 404, 503) },
});

export function apiKeyRoutes(app: App, { db }: Services): void {
  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const after = readIdCursor('api-keys', cursor);
    const page = await listApiKeys(db, c.get('actor'), { limit, ...(after === undefined ? {} : { after }) });
    return answer(
      c,
      listAnswer(page, 'api-keys', ({ id }) => [id], wire.toApiKey),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const { name, scopes, expires_at: expiresAt = null } = c.req.valid('json');
    const actor = c.get('actor');
    const { key, hint, hash } = newApiKey();
    const id = await createApiKey(db, actor, { name, hint, hash, scopes: [...new Set(scopes)], expiresAt });
    const row = await getApiKey(db, actor, id);
    if (!row) throw new ProblemError('not-found');
    return answer(c, { ...wire.toApiKey(row), key }, 201);
  });

  app.openapi(revoke, async (c) => {
    if (!(await revokeApiKey(db, c.get('actor'), c.req.valid('param').id))) throw new ProblemError('not-found');
    return answerWith(c, null, 204, undefined);
  });
}
