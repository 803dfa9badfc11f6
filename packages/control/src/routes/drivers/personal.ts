/** What is held of a person, and to be forgotten (LGPD, article 18; decision 0034). */
import { createRoute } from '@hono/zod-openapi';
import { erasePerson, exportPerson } from '@sigec/store';
import { requireErased } from '../../accounts/accounts.js';
import type { Services } from '../../context.js';
import { answer, answerWith } from '../../http/answer.js';
import { body, json, problems, SECURED } from '../../wire/common.js';
import { PersonParam } from '../../wire/people.js';
import * as wire from '../../wire/personal.js';
import type { App } from '../application.js';

const tags = ['account'];
const security = SECURED;

const dataExport = createRoute({
  method: 'get',
  path: '/api/v1/me/data-export',
  tags,
  security,
  summary: 'Everything that is held of me',
  responses: { 200: json('All of it.', wire.DataExport), ...problems(401, 403, 503) },
});

const ask = createRoute({
  method: 'post',
  path: '/api/v1/me/erasure/ask',
  tags,
  security,
  summary: 'Get a code by mail with which to ask to be forgotten',
  description: 'For who has no password.',
  responses: { 202: { description: 'A message is on its way.' }, ...problems(401, 403, 429, 503) },
});

const erase = createRoute({
  method: 'post',
  path: '/api/v1/me/erasure',
  tags,
  security,
  summary: 'Be forgotten',
  description:
    'What is personal is gone, sessions end, chargers forget the cards. Sessions and receipts stay as the law wants them ' +
    'kept. It cannot be undone. Not while a session runs.',
  request: { body: body(wire.ErasureBody) },
  responses: { 204: { description: 'Forgotten.' }, ...problems(400, 401, 403, 409, 415, 422, 429, 503) },
});

const eraseOther = createRoute({
  method: 'post',
  path: '/api/v1/users/{user_id}/erasure',
  tags: ['people'],
  security,
  summary: 'Forget a driver who asked for it',
  description: 'As `/me/erasure`. Operators and administrators are taken their role from first.',
  request: { params: PersonParam },
  responses: { 204: { description: 'Forgotten.' }, ...problems(400, 401, 403, 404, 409, 503) },
});

export function personalRoutes(app: App, { db, accounts, clock }: Services): void {
  app.openapi(dataExport, async (c) => {
    const data = await exportPerson(db, c.get('actor'));
    return answer(c, wire.toDataExport(data, clock.now()), 200);
  });

  app.openapi(ask, async (c) => {
    await accounts.askToErase(c.get('actor'));
    return answerWith(c, null, 202, undefined);
  });

  app.openapi(erase, async (c) => {
    await accounts.erase(c.get('actor'), c.req.valid('json'));
    return answerWith(c, null, 204, undefined);
  });

  app.openapi(eraseOther, async (c) => {
    requireErased(await erasePerson(db, c.get('actor'), c.req.valid('param').user_id));
    return answerWith(c, null, 204, undefined);
  });
}
