/** Sites: read, made, changed, deleted. */
import { createRoute } from '@hono/zod-openapi';
import { createSite, deleteSite, getSite, listSites, updateSite } from '@sigec/store';
import type { Services } from '../context.js';
import { answer, answerWith } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { body, DEFAULT_LIMIT, IdParam, json, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import * as wire from '../wire/site.js';
import type { App } from './application.js';

const staff = { tags: ['sites'], security: SECURED };

const list = createRoute({
  ...staff,
  method: 'get',
  path: '/api/v1/sites',
  summary: 'List sites',
  request: { query: wire.SiteQuery },
  responses: { 200: json('A page of sites, by id.', wire.SiteList), ...problems(400, 401, 403, 503) },
});

const create = createRoute({
  ...staff,
  method: 'post',
  path: '/api/v1/sites',
  summary: 'Add a site',
  request: { body: body(wire.NewSiteBody) },
  responses: { 201: json('Added.', wire.Site), ...problems(400, 401, 403, 409, 415, 422, 503) },
});

const get = createRoute({
  ...staff,
  method: 'get',
  path: '/api/v1/sites/{id}',
  summary: 'One site',
  request: { params: IdParam },
  responses: { 200: json('The site.', wire.Site), ...problems(400, 401, 403, 404, 503) },
});

const patch = createRoute({
  ...staff,
  method: 'patch',
  path: '/api/v1/sites/{id}',
  summary: 'Change a site',
  description: 'Id tokens that are limited to it by its name keep their limit under a new one.',
  request: { params: IdParam, body: body(wire.SitePatchBody) },
  responses: { 200: json('The site.', wire.Site), ...problems(400, 401, 403, 404, 409, 415, 422, 503) },
});

const remove = createRoute({
  ...staff,
  method: 'delete',
  path: '/api/v1/sites/{id}',
  summary: 'Delete a site',
  description:
    'One that devices belong to is not deleted, archived devices included, as receipts name it: 409 `site-in-use`. ' +
    'Move them first, or hide it by `published`.',
  request: { params: IdParam },
  responses: { 204: { description: 'Gone.' }, ...problems(400, 401, 403, 404, 409, 503) },
});

const taken = () => new ProblemError('name-taken', { errors: [{ field: 'name', message: 'is taken' }] });

export function siteRoutes(app: App, { db, clock, logger }: Services): void {
  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, ...filter } = c.req.valid('query');
    const after = readIdCursor('sites', cursor);
    const page = await listSites(db, c.get('actor'), { ...filter, limit, ...(after === undefined ? {} : { after }) });
    const now = clock.now();
    return answer(
      c,
      listAnswer(
        page,
        'sites',
        ({ id }) => [id],
        (row) => wire.toSite(row, now),
      ),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const site = await createSite(db, c.get('actor'), wire.toSitePatch(c.req.valid('json')));
    if (site === undefined) throw taken();
    return answer(c, wire.toSite(site, clock.now()), 201, { location: `/api/v1/sites/${site.id}` });
  });

  app.openapi(get, async (c) => {
    const site = await getSite(db, c.get('actor'), c.req.valid('param').id);
    if (site === undefined) throw new ProblemError('not-found');
    return answer(c, wire.toSite(site, clock.now()), 200);
  });

  app.openapi(patch, async (c) => {
    const changes = wire.toSitePatch(c.req.valid('json'));
    const site = await updateSite(db, c.get('actor'), c.req.valid('param').id, changes);
    if (site === 'absent') throw new ProblemError('not-found');
    if (site === 'taken') throw taken();
    return answer(c, wire.toSite(site, clock.now()), 200);
  });

  app.openapi(remove, async (c) => {
    const actor = c.get('actor');
    const { id } = c.req.valid('param');
    const outcome = await deleteSite(db, actor, id);
    if (outcome === 'absent') throw new ProblemError('not-found');
    if (outcome === 'in-use') throw new ProblemError('site-in-use');
    logger.info({ site: id, by: actor.userId }, 'a site was deleted');
    return answerWith(c, null, 204, undefined);
  });
}
