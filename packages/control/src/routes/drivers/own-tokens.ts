/** A driver's own tokens: seen, named, added, blocked when lost. */
import { createRoute } from '@hono/zod-openapi';
import {
  addOwnToken,
  changeOwnToken,
  ensureUserToken,
  isTokenOwner,
  listOwnTokens,
  removeOwnToken,
} from '@sigec/store';
import type { Services } from '../../context.js';
import { answer, answerWith } from '../../http/answer.js';
import { ProblemError } from '../../problem.js';
import { body, DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../../wire/common.js';
import { listAnswer, readIdCursor } from '../../wire/cursor.js';
import * as wire from '../../wire/own-token.js';
import type { App } from '../application.js';

const tags = ['driver'];
const security = SECURED;

const list = createRoute({
  method: 'get',
  path: '/api/v1/me/id-tokens',
  tags,
  security,
  summary: 'My cards and tokens',
  request: { query: PageQuery },
  responses: { 200: json('A page of tokens, by id.', wire.OwnTokenList), ...problems(400, 401, 403, 503) },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/me/id-tokens',
  tags,
  security,
  summary: 'Add a card, or get my virtual token',
  description:
    'A card that is known already, with or without an owner, is given to a driver by the operator alone. The virtual token ' +
    'is made once, also by the first start; asked for again it is the same.',
  request: { body: body(wire.NewOwnTokenBody) },
  responses: { 201: json('Mine.', wire.OwnToken), ...problems(400, 401, 403, 409, 415, 422, 503) },
});

const patch = createRoute({
  method: 'patch',
  path: '/api/v1/me/id-tokens/{id}',
  tags,
  security,
  summary: 'Name a token, or block one that was lost',
  description:
    'Blocked, it starts nothing from this moment; the local lists of chargers follow. What the operator blocked stays so.',
  request: { params: IdParam, body: body(wire.OwnTokenPatchBody) },
  responses: { 200: json('The token.', wire.OwnToken), ...problems(400, 401, 403, 404, 409, 415, 422, 503) },
});

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/me/id-tokens/{id}',
  tags,
  security,
  summary: 'Give a token up',
  description: 'Not one that charges, or that the operator blocked.',
  request: { params: IdParam },
  responses: { 204: { description: 'Gone.' }, ...problems(400, 401, 403, 404, 409, 503) },
});

export function ownTokenRoutes(app: App, { db }: Services): void {
  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const after = readIdCursor('own-tokens', cursor);
    const page = await listOwnTokens(db, c.get('actor'), { after, limit });
    return answer(
      c,
      listAnswer(page, 'own-tokens', ({ id }) => [id], wire.toOwnToken),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const actor = c.get('actor');
    const { value, name = null } = c.req.valid('json');
    // A login of somebody who was forgotten meanwhile is good for some minutes more.
    if (!(await isTokenOwner(db, actor, actor.userId))) throw new ProblemError('forbidden');
    if (value === undefined) {
      const own = await ensureUserToken(db, actor);
      const named = name === null ? own : await changeOwnToken(db, actor, own.id, { name });
      return answer(c, wire.toOwnToken(named === undefined || named === 'held' ? own : named), 201);
    }
    const added = await addOwnToken(db, actor, { value, name });
    if (added === 'taken')
      throw new ProblemError('id-token-taken', { errors: [{ field: 'value', message: 'is taken' }] });
    if (added === 'too-many') throw new ProblemError('too-many-tokens');
    return answer(c, wire.toOwnToken(added), 201);
  });

  app.openapi(patch, async (c) => {
    const changed = await changeOwnToken(db, c.get('actor'), c.req.valid('param').id, c.req.valid('json'));
    if (changed === undefined) throw new ProblemError('not-found');
    if (changed === 'held') throw new ProblemError('token-held');
    return answer(c, wire.toOwnToken(changed), 200);
  });

  app.openapi(remove, async (c) => {
    const gone = await removeOwnToken(db, c.get('actor'), c.req.valid('param').id);
    if (gone === undefined) throw new ProblemError('not-found');
    if (gone === 'held') throw new ProblemError('token-held');
    return answerWith(c, null, 204, undefined);
  });
}
