/** Grants: what people may do at a site or at a group of stations, beside what their role says. */
import { createRoute } from '@hono/zod-openapi';
import {
  type Actor,
  changeGrant,
  createGrant,
  endGrant,
  type GrantRow,
  getGrant,
  listGrants,
  MAX_GRANTS,
  type NoGrant,
} from '@sigec/store';
import type { Services } from '../../context.js';
import { answer, answerWith } from '../../http/answer.js';
import { ProblemError } from '../../problem.js';
import { body, DEFAULT_LIMIT, json, problems, SECURED } from '../../wire/common.js';
import { listAnswer, readIdCursor } from '../../wire/cursor.js';
import * as wire from '../../wire/grant.js';
import type { App } from '../application.js';

const tags = ['people'];
const security = SECURED;

const list = createRoute({
  method: 'get',
  path: '/api/v1/grants',
  tags,
  security,
  summary: 'List grants',
  request: { query: wire.GrantsQuery },
  responses: { 200: json('A page of grants, by id.', wire.GrantList), ...problems(400, 401, 403, 503) },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/grants',
  tags,
  security,
  summary: 'Let somebody in at a site or a group',
  description:
    'Beside what their role says, they may do there what the set says, from their next request on; one that is taken back is ' +
    'over with the next request.',
  request: { body: body(wire.NewGrantBody) },
  responses: { 201: json('Made.', wire.Grant), ...problems(400, 401, 403, 409, 415, 422, 503) },
});

const patch = createRoute({
  method: 'patch',
  path: '/api/v1/grants/{grant_id}',
  tags,
  security,
  summary: 'Give another set at the same place',
  request: { params: wire.GrantParam, body: body(wire.GrantPatchBody) },
  responses: { 200: json('The grant.', wire.Grant), ...problems(400, 401, 403, 404, 415, 422, 503) },
});

const end = createRoute({
  method: 'delete',
  path: '/api/v1/grants/{grant_id}',
  tags,
  security,
  summary: 'Take a grant back',
  request: { params: wire.GrantParam },
  responses: { 204: { description: 'Over.' }, ...problems(400, 401, 403, 404, 503) },
});

const unknown = (field: string) =>
  new ProblemError('validation', { errors: [{ field, message: 'is none of this network' }] });

function refusal(why: NoGrant, place: 'site_id' | 'group_id'): ProblemError {
  switch (why) {
    case 'no-person':
      return unknown('user_id');
    case 'no-site':
    case 'no-group':
      return unknown(place);
    case 'taken':
      return new ProblemError('grant-taken', { errors: [{ field: place, message: 'has a grant of this person' }] });
    case 'too-many':
      return new ProblemError('too-many-grants', { extra: { most: MAX_GRANTS } });
  }
}

export function grantRoutes(app: App, { db }: Services): void {
  const find = async (actor: Actor, id: number): Promise<GrantRow> => {
    const row = await getGrant(db, actor, id);
    if (row === undefined) throw new ProblemError('not-found');
    return row;
  };

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, user_id: userId, site_id: siteId, group_id: groupId } = c.req.valid('query');
    const after = readIdCursor('grants', cursor);
    const page = await listGrants(db, c.get('actor'), { userId, siteId, groupId, after, limit });
    return answer(
      c,
      listAnswer(page, 'grants', ({ id }) => [id], wire.toGrant),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const actor = c.get('actor');
    const { user_id: userId, site_id: siteId = null, group_id: groupId = null, set } = c.req.valid('json');
    const made = await createGrant(db, actor, { userId, siteId, groupId, set });
    if (typeof made === 'string') throw refusal(made, siteId === null ? 'group_id' : 'site_id');
    return answer(c, wire.toGrant(await find(actor, made)), 201);
  });

  app.openapi(patch, async (c) => {
    const actor = c.get('actor');
    const { grant_id: id } = c.req.valid('param');
    if (!(await changeGrant(db, actor, id, c.req.valid('json').set))) throw new ProblemError('not-found');
    return answer(c, wire.toGrant(await find(actor, id)), 200);
  });

  app.openapi(end, async (c) => {
    if (!(await endGrant(db, c.get('actor'), c.req.valid('param').grant_id))) throw new ProblemError('not-found');
    return answerWith(c, null, 204, undefined);
  });
}
