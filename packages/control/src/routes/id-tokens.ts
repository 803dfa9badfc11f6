/** Id tokens: who may charge. */
import { createRoute } from '@hono/zod-openapi';
import { type Actor, createIdToken, isTokenOwner, listIdTokens, updateIdToken } from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { body, DEFAULT_LIMIT, IdParam, json, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/id-token.js';
import type { App } from './application.js';

const tags = ['id tokens'];
const security = SECURED;

const list = createRoute({
  method: 'get',
  path: '/api/v1/id-tokens',
  tags,
  security,
  summary: 'List id tokens',
  request: { query: wire.IdTokenQuery },
  responses: { 200: json('A page of tokens, by id.', wire.IdTokenList), ...problems(400, 401, 403, 503) },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/id-tokens',
  tags,
  security,
  summary: 'Register an id token',
  request: { body: body(wire.NewIdTokenBody) },
  responses: { 201: json('Registered.', wire.IdToken), ...problems(400, 401, 403, 409, 415, 422, 503) },
});

const patch = createRoute({
  method: 'patch',
  path: '/api/v1/id-tokens/{id}',
  tags,
  security,
  summary: 'Change an id token',
  description: 'Absent fields stay; null clears.',
  request: { params: IdParam, body: body(wire.IdTokenPatchBody) },
  responses: { 200: json('The token.', wire.IdToken), ...problems(400, 401, 403, 404, 415, 422, 503) },
});

export function idTokenRoutes(app: App, { db }: Services): void {
  const requireOwner = async (actor: Actor, userId: string | null | undefined): Promise<void> => {
    if (typeof userId === 'string' && !(await isTokenOwner(db, actor, userId)))
      throw new ProblemError('validation', { errors: [{ field: 'user_id', message: 'is not known' }] });
  };

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, user_id: userId, group_id: groupId, value } = c.req.valid('query');
    const after = readIdCursor('id-tokens', cursor);
    const page = await listIdTokens(db, c.get('actor'), { limit, after, userId, groupId, value });
    return answer(
      c,
      listAnswer(page, 'id-tokens', ({ id }) => [id], wire.toIdToken),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const { value, ...rest } = c.req.valid('json');
    await requireOwner(c.get('actor'), rest.user_id);
    const made = await createIdToken(db, c.get('actor'), { value, ...wire.toIdTokenPatch(rest) });
    if (!made) throw new ProblemError('id-token-taken', { errors: [{ field: 'value', message: 'is taken' }] });
    return answer(c, wire.toIdToken(made), 201);
  });

  app.openapi(patch, async (c) => {
    const changes = wire.toIdTokenPatch(c.req.valid('json'));
    await requireOwner(c.get('actor'), changes.userId);
    const changed = await updateIdToken(db, c.get('actor'), c.req.valid('param').id, changes);
    if (!changed) throw new ProblemError('not-found');
    return answer(c, wire.toIdToken(changed), 200);
  });
}
