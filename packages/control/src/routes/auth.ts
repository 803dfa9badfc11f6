/** Login, refresh, logout. */
import { createRoute } from '@hono/zod-openapi';
import type { TokenPair as Pair } from '../auth/login.js';
import type { Services } from '../context.js';
import { answer, answerWith } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { Login, LogoutBody, RefreshBody, TokenPair } from '../wire/auth.js';
import { body, json, problems } from '../wire/common.js';
import type { App } from './application.js';

const tags = ['auth'];
/** With a token or without. */
const OPTIONAL: Record<string, string[]>[] = [{ bearer: [] }, {}];

const login = createRoute({
  method: 'post',
  path: '/api/v1/auth/login',
  tags,
  summary: 'Log in',
  description: 'Ten attempts in 15 minutes per e-mail and address. What was wrong is not said.',
  request: { body: body(Login) },
  responses: { 200: json('A session begins.', TokenPair), ...problems(400, 401, 415, 422, 429, 503) },
});

const refresh = createRoute({
  method: 'post',
  path: '/api/v1/auth/refresh',
  tags,
  summary: 'Take the next pair of tokens',
  description: 'A refresh token is good once and for seven days; one that comes again ends the session.',
  request: { body: body(RefreshBody) },
  responses: { 200: json('The next pair.', TokenPair), ...problems(400, 401, 415, 422, 503) },
});

const logout = createRoute({
  method: 'post',
  path: '/api/v1/auth/logout',
  tags,
  summary: 'End the session',
  description: 'Of the refresh token in the body, or of the bearer token. Access tokens live on until they expire.',
  security: OPTIONAL,
  request: { body: { required: false, content: { 'application/json': { schema: LogoutBody } } } },
  responses: { 204: { description: 'Ended.' }, ...problems(400, 401, 415, 503) },
});

const pair = ({ token, refreshToken, expiresIn }: Pair) => ({
  token,
  refresh_token: refreshToken,
  token_type: 'Bearer' as const,
  expires_in: expiresIn,
});

export function authRoutes(app: App, rooms: Services): void {
  const { login: logins, loginLimit, addresses, refresh: families, tokens } = rooms;
  app.openapi(login, async (c) => {
    const { email, password } = c.req.valid('json');
    const address = addresses.of(c);
    c.set('standing', await loginLimit.attempt(email, address));
    const begun = await logins.login(email, password);
    await loginLimit.forget(email, address);
    return answer(c, pair(begun), 200);
  });

  app.openapi(refresh, async (c) => answer(c, pair(await logins.refresh(c.req.valid('json').refresh_token)), 200));

  app.openapi(logout, async (c) => {
    const { refresh_token } = c.req.valid('json');
    const claims = await tokens.authenticate(c.req.header('authorization'));
    const byToken = refresh_token !== undefined && (await families.endByToken(refresh_token));
    if (claims) await families.end(claims.sessionId);
    if (!claims && !byToken) throw new ProblemError('unauthorized');
    return answerWith(c, null, 204, undefined);
  });
}
