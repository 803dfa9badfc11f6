/** The people of a tenant, for its administrators, and who changed what of them. */
import { createRoute } from '@hono/zod-openapi';
import {
  type Actor,
  createPerson,
  dropSecondFactor,
  getPerson,
  listAuditEntries,
  listPeople,
  type PersonRow,
  updatePerson,
} from '@sigec/store';
import { checkPassword, INVITATION_MS } from '../../accounts/accounts.js';
import { newOneTime } from '../../auth/one-time.js';
import type { Services } from '../../context.js';
import { answer, answerWith } from '../../http/answer.js';
import { ProblemError } from '../../problem.js';
import { body, DEFAULT_LIMIT, json, problems, SECURED } from '../../wire/common.js';
import { listAnswer, readCursor, readIdCursor } from '../../wire/cursor.js';
import * as wire from '../../wire/people.js';
import type { App } from '../application.js';

const tags = ['people'];
const security = SECURED;

const list = createRoute({
  method: 'get',
  path: '/api/v1/users',
  tags,
  security,
  summary: 'List people',
  request: { query: wire.PeopleQuery },
  responses: {
    200: json('A page of people, the oldest account first.', wire.PersonList),
    ...problems(400, 401, 403, 503),
  },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/users',
  tags,
  security,
  summary: 'Make an account for somebody',
  request: { body: body(wire.NewPersonBody) },
  responses: { 201: json('Made.', wire.Person), ...problems(400, 401, 403, 409, 415, 422, 503) },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/users/{user_id}',
  tags,
  security,
  summary: 'Show a person',
  request: { params: wire.PersonParam },
  responses: { 200: json('The person.', wire.Person), ...problems(400, 401, 403, 404, 503) },
});

const patch = createRoute({
  method: 'patch',
  path: '/api/v1/users/{user_id}',
  tags,
  security,
  summary: 'Change, block, or let in again',
  description: "Not one's own role or status, and never so that nobody is left to administer the tenant.",
  request: { params: wire.PersonParam, body: body(wire.PersonPatchBody) },
  responses: { 200: json('The person.', wire.Person), ...problems(400, 401, 403, 404, 409, 415, 422, 503) },
});

const dropFactor = createRoute({
  method: 'delete',
  path: '/api/v1/users/{user_id}/second-factor',
  tags,
  security,
  summary: 'Take the second factor off somebody who lost it',
  request: { params: wire.PersonParam },
  responses: { 204: { description: 'They have none.' }, ...problems(400, 401, 403, 404, 409, 503) },
});

const audited = createRoute({
  method: 'get',
  path: '/api/v1/audit-entries',
  tags,
  security,
  summary: 'Who changed what of whose account',
  request: { query: wire.AuditQuery },
  responses: { 200: json('A page of entries, the newest first.', wire.AuditList), ...problems(400, 401, 403, 503) },
});

export function peopleRoutes(app: App, { db, passwords, accounts }: Services): void {
  const find = async (actor: Actor, id: string): Promise<PersonRow> => {
    const row = await getPerson(db, actor, id);
    if (!row) throw new ProblemError('not-found');
    return row;
  };

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, ...filter } = c.req.valid('query');
    const after = readCursor('users', 4, cursor);
    const options = { ...filter, limit, after: after && wire.numbersToId(after) };
    const page = await listPeople(db, c.get('actor'), options);
    return answer(
      c,
      listAnswer(page, 'users', ({ id }) => wire.idToNumbers(id), wire.toPerson),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const { name, email, role, password } = c.req.valid('json');
    const actor = c.get('actor');
    if (password !== undefined) checkPassword('password', password, { name, email });
    const passwordHash = password === undefined ? null : await passwords.hash(password);
    const { token, hash } = newOneTime();
    const invitation = password === undefined ? { hash, lifetimeMs: INVITATION_MS } : null;
    const id = await createPerson(db, actor, { name, email, role, passwordHash, token: invitation });
    if (id === undefined) throw new ProblemError('email-taken', { errors: [{ field: 'email', message: 'is taken' }] });
    if (invitation !== null) accounts.invite({ id, tenantId: actor.tenantId, email }, token);
    return answer(c, wire.toPerson(await find(actor, id)), 201);
  });

  app.openapi(get, async (c) =>
    answer(c, wire.toPerson(await find(c.get('actor'), c.req.valid('param').user_id)), 200),
  );

  app.openapi(patch, async (c) => {
    const actor = c.get('actor');
    const { user_id: id } = c.req.valid('param');
    const changes = c.req.valid('json');
    // Nobody gives away by mistake what they need to take it back.
    if (id === actor.userId && (changes.role !== undefined || changes.status !== undefined))
      throw new ProblemError('own-account');
    const done = await updatePerson(db, actor, id, changes);
    if (done === undefined) throw new ProblemError('not-found');
    if (done === 'last-administrator') throw new ProblemError('last-administrator');
    return answer(c, wire.toPerson(await find(actor, id)), 200);
  });

  app.openapi(dropFactor, async (c) => {
    const actor = c.get('actor');
    const { id } = await find(actor, c.req.valid('param').user_id);
    // Whoever has a session of an administrator must not make it one that asks for less.
    if (id === actor.userId) throw new ProblemError('own-account');
    await dropSecondFactor(db, actor, id);
    return answerWith(c, null, 204, undefined);
  });

  app.openapi(audited, async (c) => {
    const { cursor, limit = DEFAULT_LIMIT, user_id: userId } = c.req.valid('query');
    const before = readIdCursor('audit', cursor);
    const options = { limit, ...(before === undefined ? {} : { before }), ...(userId === undefined ? {} : { userId }) };
    const page = await listAuditEntries(db, c.get('actor'), options);
    return answer(
      c,
      listAnswer(page, 'audit', ({ id }) => [id], wire.toAuditEntry),
      200,
    );
  });
}
