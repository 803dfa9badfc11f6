/** Login, refresh, logout, and the keys that our tokens are checked with. */
import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Challenge as Asked, TokenPair as Pair } from '../auth/login.js';
import type { AppEnv, Services } from '../context.js';
import { answer, answerWith } from '../http/answer.js';
import { ProblemError } from '../problem.js';
import { Challenge, CodeBody, KeySet, Login, LogoutBody, RefreshBody, TokenPair } from '../wire/auth.js';
import { body, json, problems } from '../wire/common.js';
import type { App } from './application.js';

const tags = ['auth'];
/** With a token or without. */
const OPTIONAL: Record<string, string[]>[] = [{ bearer: [] }, {}];

/** What getting in answers, by whatever way. */
export const ENTERED = {
  200: json('A session begins.', TokenPair),
  202: json('A second factor is asked for.', Challenge),
};

const login = createRoute({
  method: 'post',
  path: '/api/v1/auth/login',
  tags,
  summary: 'Log in',
  description:
    'Ten attempts in 15 minutes per e-mail and address. What was wrong is not said; an e-mail address that has yet to be ' +
    'confirmed is among it.',
  request: { body: body(Login) },
  responses: { ...ENTERED, ...problems(400, 401, 415, 422, 429, 503) },
});

const code = createRoute({
  method: 'post',
  path: '/api/v1/auth/login/code',
  tags,
  summary: 'Show the second factor',
  description: 'Six attempts in 15 minutes per person. Each code is good once.',
  request: { body: body(CodeBody) },
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

const keySet = createRoute({
  method: 'get',
  path: '/.well-known/jwks.json',
  tags,
  summary: 'The public keys that access tokens are checked with',
  responses: { 200: json('The keys.', KeySet), ...problems(503) },
});

export const pair = ({ token, refreshToken, expiresIn }: Pair) => ({
  token,
  refresh_token: refreshToken,
  token_type: 'Bearer' as const,
  expires_in: expiresIn,
});

/** The answer to whoever showed who they are. */
export function entered(c: Context<AppEnv>, got: Pair | Asked) {
  if ('token' in got) return answer(c, pair(got), 200);
  return answer(c, { challenge: got.challenge, expires_in: got.expiresIn }, 202);
}

export function authRoutes(app: App, rooms: Services): void {
  const { login: logins, loginLimit, addresses, refresh: families, tokens, signingKeys } = rooms;
  app.openapi(login, async (c) => {
    const { email, password } = c.req.valid('json');
    const address = addresses.of(c);
    c.set('standing', await loginLimit.attempt(email, address));
    const got = await logins.login(email, password);
    await loginLimit.forget(email, address);
    return entered(c, got);
  });

  app.openapi(code, async (c) => {
    await loginLimit.byAddress('proof', addresses.of(c));
    const shown = c.req.valid('json');
    return answer(c, pair(await logins.answer(shown.challenge, shown.code)), 200);
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

  // Whoever keeps it for so long knows a new key before it signs (auth/signing-keys.ts).
  app.openapi(keySet, async (c) => {
    const keys = (await signingKeys.published()) as { kty: string; kid: string; alg: string; use: string }[];
    return answer(c, { keys }, 200, { 'cache-control': 'public, max-age=300' });
  });
}
