/** Groups of devices: read, made, changed, deleted, and which devices are in them. */
import { createRoute } from '@hono/zod-openapi';
import {
  type Actor,
  addToGroup,
  createGroup,
  deleteGroup,
  type GroupView,
  getGroup,
  listGroups,
  listStations,
  takeFromGroup,
  updateGroup,
} from '@sigec/store';
import type { Services } from '../context.js';
import { answer, answerWith } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { body, DEFAULT_LIMIT, IdParam, json, PageQuery, problems, SECURED } from '../wire/common.js';
import { listAnswer, readIdCursor } from '../wire/cursor.js';
import { DeviceList, toDevice } from '../wire/device.js';
import * as wire from '../wire/group.js';
import type { App } from './application.js';

const staff = { tags: ['groups'], security: SECURED };
const READ = [400, 401, 403, 404, 503] as const;

const list = createRoute({
  ...staff,
  method: 'get',
  path: '/api/v1/groups',
  summary: 'List groups of devices',
  request: { query: PageQuery },
  responses: { 200: json('A page of groups, by id.', wire.GroupList), ...problems(400, 401, 403, 503) },
});

const create = createRoute({
  ...staff,
  method: 'post',
  path: '/api/v1/groups',
  summary: 'Add a group',
  request: { body: body(wire.NewGroupBody) },
  responses: { 201: json('Added.', wire.Group), ...problems(400, 401, 403, 409, 415, 422, 503) },
});

const get = createRoute({
  ...staff,
  method: 'get',
  path: '/api/v1/groups/{id}',
  summary: 'One group',
  request: { params: IdParam },
  responses: { 200: json('The group.', wire.Group), ...problems(...READ) },
});

const patch = createRoute({
  ...staff,
  method: 'patch',
  path: '/api/v1/groups/{id}',
  summary: 'Change a group',
  request: { params: IdParam, body: body(wire.GroupPatchBody) },
  responses: { 200: json('The group.', wire.Group), ...problems(...READ, 409, 415, 422) },
});

const remove = createRoute({
  ...staff,
  method: 'delete',
  path: '/api/v1/groups/{id}',
  summary: 'Delete a group',
  description: 'Its devices stay.',
  request: { params: IdParam },
  responses: { 204: { description: 'Gone.' }, ...problems(...READ) },
});

const members = createRoute({
  ...staff,
  method: 'get',
  path: '/api/v1/groups/{id}/devices',
  summary: 'Devices of a group',
  request: { params: IdParam, query: PageQuery },
  responses: { 200: json('A page of devices, by id.', DeviceList), ...problems(...READ) },
});

const add = createRoute({
  ...staff,
  method: 'post',
  path: '/api/v1/groups/{id}/devices',
  summary: 'Put devices into a group',
  description: 'All or none: a device that is not there fails the request. One that is in the group stays there.',
  request: { params: IdParam, body: body(wire.MembersBody) },
  responses: { 200: json('They are in it.', wire.MembersAdded), ...problems(...READ, 415, 422) },
});

const take = createRoute({
  ...staff,
  method: 'delete',
  path: '/api/v1/groups/{id}/devices/{device_id}',
  summary: 'Take a device out of a group',
  request: { params: wire.MemberParam },
  responses: { 200: json('It is not in it.', wire.Group), ...problems(...READ) },
});

const taken = () => new ProblemError('name-taken', { errors: [{ field: 'name', message: 'is taken' }] });

export function groupRoutes(app: App, { db, logger }: Services): void {
  const found = async (actor: Actor, id: number): Promise<GroupView> => {
    const group = await getGroup(db, actor, id);
    if (group === undefined) throw new ProblemError('not-found');
    return group;
  };

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const after = readIdCursor('groups', cursor);
    const page = await listGroups(db, c.get('actor'), { limit, ...(after === undefined ? {} : { after }) });
    return answer(
      c,
      listAnswer(page, 'groups', ({ id }) => [id], wire.toGroup),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const group = await createGroup(db, c.get('actor'), wire.toGroupPatch(c.req.valid('json')));
    if (group === undefined) throw taken();
    return answer(c, wire.toGroup(group), 201, { location: `/api/v1/groups/${group.id}` });
  });

  app.openapi(get, async (c) => {
    return answer(c, wire.toGroup(await found(c.get('actor'), c.req.valid('param').id)), 200);
  });

  app.openapi(patch, async (c) => {
    const changes = wire.toGroupPatch(c.req.valid('json'));
    const group = await updateGroup(db, c.get('actor'), c.req.valid('param').id, changes);
    if (group === 'absent') throw new ProblemError('not-found');
    if (group === 'taken') throw taken();
    return answer(c, wire.toGroup(group), 200);
  });

  app.openapi(remove, async (c) => {
    const actor = c.get('actor');
    const { id } = c.req.valid('param');
    if (!(await deleteGroup(db, actor, id))) throw new ProblemError('not-found');
    logger.info({ group: id, by: actor.userId }, 'a group of devices was deleted');
    return answerWith(c, null, 204, undefined);
  });

  app.openapi(members, async (c) => {
    const actor = c.get('actor');
    const { cursor, limit = DEFAULT_LIMIT } = c.req.valid('query');
    const after = readIdCursor('group-devices', cursor);
    const { id: groupId } = await found(actor, c.req.valid('param').id);
    const page = await listStations(db, actor, { groupId, limit, ...(after === undefined ? {} : { after }) });
    return answer(
      c,
      listAnswer(page, 'group-devices', ({ id }) => [id], toDevice),
      200,
    );
  });

  app.openapi(add, async (c) => {
    const actor = c.get('actor');
    const { id } = c.req.valid('param');
    const { device_ids } = c.req.valid('json');
    const outcome = await addToGroup(db, actor, id, [...new Set(device_ids)]);
    if (outcome === undefined) throw new ProblemError('not-found');
    if ('unknown' in outcome) {
      const errors = outcome.unknown.map((device) => {
        return { field: `device_ids.${device_ids.indexOf(device)}`, message: 'is not a device of yours' };
      });
      throw new ProblemError('validation', { errors: errors.slice(0, 50) });
    }
    return answer(c, { added: outcome.added, group: wire.toGroup(await found(actor, id)) }, 200);
  });

  app.openapi(take, async (c) => {
    const actor = c.get('actor');
    const { id, device_id } = c.req.valid('param');
    await takeFromGroup(db, actor, id, device_id);
    return answer(c, wire.toGroup(await found(actor, id)), 200);
  });
}
