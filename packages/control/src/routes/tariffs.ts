/** Routes of tariffs: what a session costs that begins under them. Where they hold: tariff-assignments.ts. */
import { createRoute } from '@hono/zod-openapi';
import { previewCost } from '@sigec/domain';
import {
  type Actor,
  archiveTariff,
  changeTariff,
  createTariff,
  getSite,
  getTariff,
  listTariffs,
  listTariffVersions,
  type TariffContent,
  type TariffRow,
} from '@sigec/store';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { Bill, PreviewBody, toBill, toPlanned } from '../wire/bill.js';
import { body, DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import { etag, IfMatch, tagged } from '../wire/revision.js';
import * as wire from '../wire/tariff.js';
import type { App } from './application.js';
import { tariffAssignmentRoutes } from './tariff-assignments.js';

const tags = ['tariffs'];
const common = { tags, security: SECURED } as const;

const list = createRoute({
  ...common,
  method: 'get',
  path: '/api/v1/tariffs',
  summary: 'List tariffs',
  request: { query: wire.TariffQuery },
  responses: { 200: json('A page of tariffs, by id.', wire.TariffList), ...problems(400, 401, 403, 503) },
});

const create = createRoute({
  ...common,
  method: 'post',
  path: '/api/v1/tariffs',
  summary: 'Make a tariff',
  description: 'It holds nowhere until it is assigned.',
  request: { body: body(wire.NewTariffBody) },
  responses: { 201: tagged(json('Made.', wire.TariffShown)), ...problems(400, 401, 403, 415, 422, 503) },
});

const get = createRoute({
  ...common,
  method: 'get',
  path: '/api/v1/tariffs/{id}',
  summary: 'One tariff, in its newest version',
  request: { params: IdParam },
  responses: { 200: tagged(json('The tariff.', wire.TariffShown)), ...problems(400, 401, 403, 404, 503) },
});

const patch = createRoute({
  ...common,
  method: 'patch',
  path: '/api/v1/tariffs/{id}',
  summary: 'Change a tariff',
  description:
    'Makes a new version, under which sessions begin from now on. What runs keeps the one that it began under. Absent ' +
    'fields stay; null clears.',
  request: { params: IdParam, headers: IfMatch, body: body(wire.TariffPatchBody) },
  responses: {
    200: tagged(json('The new version.', wire.TariffShown)),
    ...problems(400, 401, 403, 404, 409, 412, 415, 422, 503),
  },
});

const remove = createRoute({
  ...common,
  method: 'delete',
  path: '/api/v1/tariffs/{id}',
  summary: 'Put a tariff away',
  description: 'It must be assigned nowhere. Its versions can still be read.',
  request: { params: IdParam },
  responses: { 200: json('As it is now.', wire.TariffShown), ...problems(400, 401, 403, 404, 409, 503) },
});

const versions = createRoute({
  ...common,
  method: 'get',
  path: '/api/v1/tariffs/{id}/versions',
  summary: 'The versions of a tariff',
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('The newest first.', wire.TariffVersionList), ...problems(400, 401, 403, 404, 503) },
});

const preview = createRoute({
  ...common,
  method: 'post',
  path: '/api/v1/tariffs/{id}/preview',
  summary: 'What a session would cost',
  request: { params: IdParam, body: body(PreviewBody) },
  responses: { 200: json('Its bill.', Bill), ...problems(400, 401, 403, 404, 415, 422, 503) },
});

export function tariffRoutes(app: App, services: Services): void {
  const { db, stations } = services;
  tariffAssignmentRoutes(app, services);

  const requireTariff = async (actor: Actor, id: number): Promise<TariffRow> => {
    const found = await getTariff(db, actor, id);
    if (found === undefined) throw new ProblemError('not-found');
    return found;
  };

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, archived } = c.req.valid('query');
    const after = readIdCursor('all-tariffs', cursor);
    const page = await listTariffs(db, c.get('actor'), { archived: archived === 'true', after, limit });
    return answer(
      c,
      listAnswer(page, 'all-tariffs', ({ id }) => [id], wire.toTariff),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const { name, ...terms } = c.req.valid('json');
    const id = await createTariff(db, c.get('actor'), { name, content: wire.toContent(terms) });
    const made = await requireTariff(c.get('actor'), id);
    return answer(c, wire.toTariff(made), 201, { location: `/api/v1/tariffs/${id}`, ...etag(made.version) });
  });

  app.openapi(get, async (c) => {
    const found = await requireTariff(c.get('actor'), c.req.valid('param').id);
    return answer(c, wire.toTariff(found), 200, etag(found.version));
  });

  app.openapi(patch, async (c) => {
    const actor = c.get('actor');
    const tariff = await requireTariff(actor, c.req.valid('param').id);
    const { id, name, version, content } = tariff;
    const { 'if-match': among } = c.req.valid('header');
    if (among?.includes(version) === false) throw new ProblemError('precondition-failed');
    const given = c.req.valid('json');
    // Nothing is said: that is no version.
    if (Object.keys(given).length === 0) return answer(c, wire.toTariff(tariff), 200, etag(version));
    const next = { id, from: version, name: given.name ?? name, content: wire.patched(content, given) };
    if (!(await changeTariff(db, actor, next))) {
      const overtaken = among !== undefined && (await requireTariff(actor, id)).version !== version;
      throw new ProblemError(overtaken ? 'precondition-failed' : 'tariff-state');
    }
    const changed = await requireTariff(actor, id);
    return answer(c, wire.toTariff(changed), 200, etag(changed.version));
  });

  app.openapi(remove, async (c) => {
    const actor = c.get('actor');
    const { id, status } = await requireTariff(actor, c.req.valid('param').id);
    if (status === 'active' && !(await archiveTariff(db, actor, id))) throw new ProblemError('tariff-in-use');
    return answer(c, wire.toTariff(await requireTariff(actor, id)), 200);
  });

  app.openapi(versions, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const before = readIdCursor('tariff-versions', cursor);
    const { id } = await requireTariff(actor, c.req.valid('param').id);
    const page = await listTariffVersions(db, actor, id, { before, limit });
    return answer(
      c,
      listAnswer(page, 'tariff-versions', ({ version }) => [version], wire.toTariffVersion),
      200,
    );
  });

  /** Of a version, or the newest. */
  const contentOf = async (actor: Actor, id: number, version: number | undefined): Promise<TariffContent> => {
    const newest = await requireTariff(actor, id);
    if (version === undefined || version === newest.version) return newest.content;
    const [wanted] = (await listTariffVersions(db, actor, id, { before: version + 1, limit: 1 })).items;
    if (wanted?.version === version) return wanted.content;
    throw new ProblemError('validation', { errors: [{ field: 'version', message: 'is not known' }] });
  };

  /** As sessions at a device have it: by the clock of its site. */
  const contentAt = async (
    actor: Actor,
    content: TariffContent,
    device: number | undefined,
  ): Promise<TariffContent> => {
    if (device === undefined) return content;
    const station = await stations.load(actor, device);
    if (station === undefined)
      throw new ProblemError('not-found', { errors: [{ field: 'device_id', message: 'is not known' }] });
    const site = station.siteId === null ? undefined : await getSite(db, actor, station.siteId);
    return site === undefined ? content : { ...content, timeZone: site.timeZone };
  };

  app.openapi(preview, async (c) => {
    const actor = c.get('actor');
    const session = c.req.valid('json');
    const content = await contentOf(actor, c.req.valid('param').id, session.version);
    const planned = toPlanned(session);
    const cost = previewCost(await contentAt(actor, content, session.device_id), planned);
    // The rule takes a leap of the register for a fault of the meter, and bills what comes after it.
    if (cost.energyMWh !== Math.max(...planned.energy.map(({ mWh }) => mWh)))
      throw new ProblemError('validation', {
        errors: [{ field: 'energy', message: 'rises faster than a charger gives' }],
      });
    return answer(c, toBill(cost), 200);
  });
}
