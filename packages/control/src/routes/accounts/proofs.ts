/** Registration, and what is proven by mail: an address, and the right to a new password. No answer tells who has an account. */
import { createRoute } from '@hono/zod-openapi';
import type { Services } from '../../context.js';
import { answer, answerWith } from '../../http/answer.js';
import { EmailBody, RegisterBody, RegisteredPerson, ResetBody, VerifyBody } from '../../wire/auth.js';
import { body, json, problems } from '../../wire/common.js';
import type { App } from '../application.js';

const tags = ['auth'];
const ASKED = { 202: { description: 'Whoever has that address gets a message, if there is something to be sent.' } };

const register = createRoute({
  method: 'post',
  path: '/api/v1/auth/register',
  tags,
  summary: 'Register as a driver',
  description:
    'The answer is the same for an address that has an account: its owner gets a message that says so, and nothing else is ' +
    'changed. Where SIGEC_REGISTRATION is `verified`, the address has to be confirmed before the first login.',
  request: { body: body(RegisterBody) },
  responses: { 201: json('Registered.', RegisteredPerson), ...problems(400, 403, 415, 422, 429, 503) },
});

const askVerify = createRoute({
  method: 'post',
  path: '/api/v1/auth/email/ask',
  tags,
  summary: 'Be sent a token that confirms an e-mail address',
  request: { body: body(EmailBody) },
  responses: { ...ASKED, ...problems(400, 415, 422, 429, 503) },
});

const verify = createRoute({
  method: 'post',
  path: '/api/v1/auth/email/verify',
  tags,
  summary: 'Confirm an e-mail address',
  description: 'A token is good once, for 24 hours.',
  request: { body: body(VerifyBody) },
  responses: { 204: { description: 'Confirmed.' }, ...problems(400, 415, 422, 429, 503) },
});

const askReset = createRoute({
  method: 'post',
  path: '/api/v1/auth/password/ask',
  tags,
  summary: 'Be sent a token that sets a new password',
  request: { body: body(EmailBody) },
  responses: { ...ASKED, ...problems(400, 415, 422, 429, 503) },
});

const reset = createRoute({
  method: 'post',
  path: '/api/v1/auth/password/reset',
  tags,
  summary: 'Set a new password',
  description: 'A token is good once, for 30 minutes (of an invitation: 7 days). All sessions of the person end.',
  request: { body: body(ResetBody) },
  responses: { 204: { description: 'Set.' }, ...problems(400, 415, 422, 429, 503) },
});

export function proofRoutes(app: App, { accounts, loginLimit, addresses }: Services): void {
  app.openapi(register, async (c) => {
    await loginLimit.byAddress('register', addresses.of(c));
    const { name, email, password } = c.req.valid('json');
    const id = await accounts.register({ name, email, password });
    return answer(c, { id, email, name, role: 'user' as const }, 201);
  });

  app.openapi(askVerify, async (c) => {
    await loginLimit.byAddress('mail', addresses.of(c));
    await accounts.askToConfirm(c.req.valid('json').email);
    return answerWith(c, null, 202, undefined);
  });

  app.openapi(verify, async (c) => {
    await loginLimit.byAddress('proof', addresses.of(c));
    await accounts.confirm(c.req.valid('json').token);
    return answerWith(c, null, 204, undefined);
  });

  app.openapi(askReset, async (c) => {
    await loginLimit.byAddress('mail', addresses.of(c));
    await accounts.askToReset(c.req.valid('json').email);
    return answerWith(c, null, 202, undefined);
  });

  app.openapi(reset, async (c) => {
    await loginLimit.byAddress('proof', addresses.of(c));
    const { token, password } = c.req.valid('json');
    await accounts.reset(token, password);
    return answerWith(c, null, 204, undefined);
  });
}
