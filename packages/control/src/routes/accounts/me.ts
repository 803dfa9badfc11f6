/** One's own account. */
import { createRoute } from '@hono/zod-openapi';
import { type Actor, getPerson, listGrants, MAX_GRANTS, updatePerson } from '@sigec/store';
import { ROLES } from '../../auth/permissions.js';
import type { Services } from '../../context.js';
import { answer, answerWith } from '../../http/answer.js';
import { ProblemError } from '../../problem.js';
import { Enrolment, OwnCode, RecoveryCodes, TokenPair } from '../../wire/auth.js';
import { body, json, problems, SECURED } from '../../wire/common.js';
import { toGrant } from '../../wire/grant.js';
import { ChangeEmailBody, ChangePasswordBody, Me, MePatchBody, toPerson } from '../../wire/people.js';
import type { App } from '../application.js';
import { pair } from '../auth.js';

const tags = ['account'];
const security = SECURED;

const get = createRoute({
  method: 'get',
  path: '/api/v1/me',
  tags,
  security,
  summary: 'Who I am, and what I may do',
  responses: { 200: json('The account.', Me), ...problems(401, 403, 404, 503) },
});

const patch = createRoute({
  method: 'patch',
  path: '/api/v1/me',
  tags,
  security,
  summary: 'Change my account',
  request: { body: body(MePatchBody) },
  responses: { 200: json('The account.', Me), ...problems(400, 401, 403, 404, 415, 422, 503) },
});

const password = createRoute({
  method: 'post',
  path: '/api/v1/me/password',
  tags,
  security,
  summary: 'Change my password',
  description: 'All sessions end; one begins with the answer.',
  request: { body: body(ChangePasswordBody) },
  responses: { 200: json('A session begins.', TokenPair), ...problems(400, 401, 403, 415, 422, 429, 503) },
});

const email = createRoute({
  method: 'post',
  path: '/api/v1/me/email',
  tags,
  security,
  summary: 'Change my e-mail address',
  description: 'The new address gets a token; it is mine once that is shown at `/auth/email/verify`.',
  request: { body: body(ChangeEmailBody) },
  responses: {
    202: { description: 'The new address gets a message.' },
    ...problems(400, 401, 403, 415, 422, 429, 503),
  },
});

const enrol = createRoute({
  method: 'post',
  path: '/api/v1/me/second-factor',
  tags,
  security,
  summary: 'Get a secret for an authenticator app',
  description: 'RFC 6238: SHA-1, six digits, 30 s. Login asks for codes once the secret was confirmed.',
  responses: { 200: json('The secret.', Enrolment), ...problems(401, 403, 409, 503) },
});

const confirm = createRoute({
  method: 'post',
  path: '/api/v1/me/second-factor/confirm',
  tags,
  security,
  summary: 'Confirm the secret by a code',
  request: { body: body(OwnCode) },
  responses: { 200: json('At work.', RecoveryCodes), ...problems(400, 401, 403, 409, 415, 422, 429, 503) },
});

const disable = createRoute({
  method: 'post',
  path: '/api/v1/me/second-factor/disable',
  tags,
  security,
  summary: 'Take the second factor off',
  description: 'With a code of the app, or a recovery code.',
  request: { body: body(OwnCode) },
  responses: { 204: { description: 'Off.' }, ...problems(400, 401, 403, 409, 415, 422, 429, 503) },
});

export function meRoutes(app: App, { db, accounts, secondFactors }: Services): void {
  const me = async (actor: Actor) => {
    const row = await getPerson(db, actor, actor.userId);
    if (!row) throw new ProblemError('not-found');
    const { items } = await listGrants(db, actor, { userId: actor.userId, limit: MAX_GRANTS });
    return {
      ...toPerson(row),
      tax_id: row.taxId,
      permissions: [...ROLES[row.role]],
      grants: items.map(toGrant),
    };
  };

  app.openapi(get, async (c) => answer(c, await me(c.get('actor')), 200));

  app.openapi(patch, async (c) => {
    const actor = c.get('actor');
    const { name, tax_id: taxId } = c.req.valid('json');
    await updatePerson(db, actor, actor.userId, { name, taxId });
    return answer(c, await me(actor), 200);
  });

  app.openapi(password, async (c) => {
    const { current_password, new_password } = c.req.valid('json');
    return answer(c, pair(await accounts.changePassword(c.get('actor'), current_password, new_password)), 200);
  });

  app.openapi(email, async (c) => {
    const { current_password, email } = c.req.valid('json');
    await accounts.changeEmail(c.get('actor'), current_password, email);
    return answerWith(c, null, 202, undefined);
  });

  app.openapi(enrol, async (c) => {
    const actor = c.get('actor');
    const { secret, url } = await secondFactors.enrol(actor, (await me(actor)).email);
    return answer(c, { secret, otpauth_url: url }, 200);
  });

  app.openapi(confirm, async (c) => {
    const codes = await secondFactors.confirm(c.get('actor'), c.req.valid('json').code);
    return answer(c, { recovery_codes: [...codes] }, 200);
  });

  app.openapi(disable, async (c) => {
    await secondFactors.disable(c.get('actor'), c.req.valid('json').code);
    return answerWith(c, null, 204, undefined);
  });
}
